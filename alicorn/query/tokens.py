r"""The tokens of a query's text: brackets, words, quoted terms and the lone star.

Reserved in bare words are white space and ``( ) [ ] " \ *``. A word or a quoted term ends at
white space, at a bracket or at the end of the text, so ``tag:a"b"`` is an error and
``(and tag:a(all))`` is not. One star may end a word, which is then `starred`.

    (and name:mar* "tag:a \"b\"")   ->   OPEN, WORD and, WORD name:mar (starred),
                                         QUOTED tag:a "b", CLOSE, END

Each character is looked at a bounded number of times: a text of n characters costs O(n).
Columns count characters, the first being 1; the end of the text is a column of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from alicorn.errors import MalformedQuery
from alicorn.query.limits import MAX_TEXT_BYTES

__all__ = ["BARE", "Token", "TokenKind", "shortened", "tokens"]

BARE: Final = re.compile(r'[^\s()\[\]"\\*]+')
"""A run of characters that need no quotes."""

_SPACE: Final = re.compile(r"\s*")
_UNESCAPED: Final = re.compile(r'[^"\\]*')
_BRACKETS: Final = "()[]"

# Found text in a message: enough to recognise, never the whole megabyte.
_SHOWN: Final = 24


class TokenKind(Enum):
    """What a token is."""

    OPEN = "'('"
    CLOSE = "')'"
    SHARE_OPEN = "'['"
    SHARE_CLOSE = "']'"
    WORD = "a word"
    QUOTED = "a quoted term"
    STAR = "'*'"
    END = "the end of the text"


@dataclass(frozen=True, slots=True)
class Token:
    """One token, and where it stands."""

    kind: TokenKind
    column: int
    """Of its first character, from 1; the opening quote of a quoted term."""
    text: str = ""
    """A word as written, without its star; a quoted term without quotes and escapes."""
    starred: bool = False
    """Whether a star ends the word."""

    @property
    def is_attribute(self) -> bool:
        """Whether this is the name of an attribute, such as `:weight`."""
        return self.kind is TokenKind.WORD and self.text.startswith(":")

    @property
    def shown(self) -> str:
        """The token for an error message, shortened."""
        if self.kind is TokenKind.WORD:
            return f"'{shortened(self.text)}{'*' if self.starred else ''}'"
        if self.kind is TokenKind.QUOTED:
            return f'"{shortened(self.text)}"'
        return str(self.kind.value)


def shortened(text: str) -> str:
    """``text`` for an error message: at most a couple of dozen characters, all printable."""
    visible = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in visible)


def tokens(text: str) -> Iterator[Token]:
    """Cut ``text`` into tokens, in order, with one END after the last.

    Raises
    ------
    MalformedQuery
        If the text is over `MAX_TEXT_BYTES` in UTF-8 or has none (a lone surrogate), if a
        quoted term does not end, or if a reserved character stands where it must not.
    """
    _check_size(text)
    position = 0
    while True:
        position = _end_of(_SPACE, text, position)
        if position == len(text):
            yield Token(TokenKind.END, position + 1)
            return
        token, position = _token_at(text, position)
        yield token


def _token_at(text: str, start: int) -> tuple[Token, int]:
    """Return the token at ``start`` (0-based, within the text), and the position behind it."""
    column = start + 1
    character = text[start]
    if character in _BRACKETS:
        kind = (TokenKind.OPEN, TokenKind.CLOSE, TokenKind.SHARE_OPEN, TokenKind.SHARE_CLOSE)
        return Token(kind[_BRACKETS.index(character)], column), start + 1
    if character == "\\":
        raise MalformedQuery(
            "found '\\' outside quotes, needed a quoted term",
            column=column,
            expected="a quoted term",
        )
    if character == '"':
        value, end = _quoted(text, start + 1)
        token = Token(TokenKind.QUOTED, column, value)
    elif character == "*":
        token, end = Token(TokenKind.STAR, column), start + 1
    else:
        end = _end_of(BARE, text, start)
        starred = text.startswith("*", end)
        token = Token(TokenKind.WORD, column, text[start:end], starred)
        end += starred
    if end < len(text) and text[end] not in _BRACKETS and not text[end].isspace():
        raise MalformedQuery(
            f"expected white space or a bracket after {token.shown}, found {text[end]!r}",
            column=end + 1,
            expected="white space or a bracket",
        )
    return token, end


def _quoted(text: str, start: int) -> tuple[str, int]:
    """Return the content of the quoted term whose first character is at ``start``, and its end."""
    parts = []
    position = start
    while True:
        end = _end_of(_UNESCAPED, text, position)
        parts.append(text[position:end])
        if end == len(text):
            raise MalformedQuery(
                "expected '\"' at the end of a quoted term, found the end of the text",
                column=end + 1,
                expected="'\"'",
            )
        if text[end] == '"':
            return "".join(parts), end + 1
        escaped = text[end + 1 : end + 2]
        if escaped not in ('"', "\\"):
            found = repr(escaped) if escaped else "the end of the text"
            raise MalformedQuery(
                f"expected '\"' or '\\' after '\\', found {found}",
                column=end + 2,
                expected="'\"' or '\\'",
            )
        parts.append(escaped)
        position = end + 2


def _end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _check_size(text: str) -> None:
    """Refuse what is too long, at its first character past the limit, or has no UTF-8."""
    # No character takes less than a byte: what follows cannot fit, and need not be encoded.
    beginning = text[: MAX_TEXT_BYTES + 1]
    try:
        encoded = beginning.encode()
    except UnicodeEncodeError as error:
        raise MalformedQuery(
            f"found a lone surrogate U+{ord(text[error.start]):04X}, needed well-formed text",
            column=error.start + 1,
            expected="well-formed text",
        ) from None
    if len(encoded) > MAX_TEXT_BYTES:
        fitting = encoded[:MAX_TEXT_BYTES].decode(errors="ignore")
        raise MalformedQuery(
            f"found a text of over {MAX_TEXT_BYTES} bytes, needed at most that many",
            column=len(fitting) + 1,
            expected="the end of the text",
        )
