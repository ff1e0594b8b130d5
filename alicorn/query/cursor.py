"""A place among the tokens of a text: look at the next one, take it, or fail at it."""

from __future__ import annotations

import re
from typing import NoReturn

from alicorn.errors import MalformedQuery
from alicorn.query.tokens import Token, TokenKind, tokens

__all__ = ["Cursor"]


class Cursor:
    """One pass over the tokens of a text, with one token of foresight.

    Raises
    ------
    MalformedQuery
        When made and when it moves, as `tokens` does.
    """

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self.next: Token = next(self._tokens)
        """The token to come; END after the last one."""

    def at(self, *kinds: TokenKind) -> bool:
        """Whether the token to come is of one of these kinds."""
        return self.next.kind in kinds

    def take(self) -> None:
        """Go on to the next token; END is the last."""
        if not self.at(TokenKind.END):
            self.next = next(self._tokens)

    def match(self, pattern: re.Pattern[str], expected: str) -> re.Match[str]:
        """Take a bare word that is wholly of the pattern."""
        token = self.next
        found = pattern.fullmatch(token.text) if token.kind is TokenKind.WORD else None
        if found is None or token.starred:
            self.fail(expected)
        self.take()
        return found

    def fail(
        self, expected: str, token: Token | None = None, column: int | None = None
    ) -> NoReturn:
        """Raise that ``expected`` should have stood at ``token``, else at the one to come."""
        found = token or self.next
        raise MalformedQuery(
            f"expected {expected}, found {found.shown}",
            column=found.column if column is None else column,
            expected=expected,
        )
