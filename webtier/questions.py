"""A question: what an address asks for, and the address that asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request

from alicorn.api.search.v1 import search_pb2 as pb
from alicorn.errors import BadRequest
from webtier.ids import parse_id
from webtier.languages import accepted_languages, written_languages

__all__ = ["EXPRESSION", "NEWEST", "Question", "newest"]

EXPRESSION: Final = "expression"
"""Value of `as=` that says the query is an s-expression."""

NEWEST: Final = "(all)"
"""The expression of every photo; all score alike, so that the newest stand first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, as the address has it."""

    text: str
    """What was typed, blanks at both ends removed; empty asks for the newest photos."""
    is_expression: bool = False
    """``text`` is an s-expression, not words."""
    limit: int
    """Most photos in each module, in [1, 500]."""
    viewer: str = ""
    """`viewer=` as the address has it; empty when it names nobody."""
    languages: tuple[str, ...] = ()
    """Languages of the person, best first, as two or three letters."""
    lang: str = ""
    """`lang=` as the address has it; empty where the browser's languages count."""

    @classmethod
    def asked_by(cls, request: Request, *, limit: int) -> Question:
        """Read `q`, `as`, `limit`, `viewer` and `lang`; ``limit`` stands where there is none.

        Without `lang` the languages are those that the browser accepts.

        Raises
        ------
        BadRequest
            If `limit` is no number in [1, 500], `as` is not "expression", or `lang` no languages.
        """
        params = request.query_params
        kind = params.get("as", "")
        if kind not in {"", EXPRESSION}:
            raise BadRequest(f"as must be {EXPRESSION!r} or absent, got {kind[:40]!r}")
        wanted = params.get("limit", "")
        if wanted:
            number = parse_id(wanted)
            if number is None or not 1 <= number <= 500:
                raise BadRequest(f"limit must be in [1, 500], got {wanted[:40]!r}")
            limit = number
        lang = params.get("lang", "")
        return cls(
            text=params.get("q", "").strip(),
            is_expression=kind == EXPRESSION,
            limit=limit,
            viewer=params.get("viewer", ""),
            languages=written_languages(lang)
            if lang
            else accepted_languages(request.headers.get("accept-language", "")),
            lang=lang,
        )

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed."""
        return not self.text

    def message(self, viewer: pb.Viewer) -> pb.SearchRequest:
        """Return the request for the top aggregator; the newest photos where nothing was typed."""
        if self.is_blank:
            return newest(viewer, self.limit)
        return pb.SearchRequest(
            query=self.text,
            viewer=viewer,
            limit=self.limit,
            is_expression=self.is_expression,
            languages=self.languages,
        )

    def params(self) -> dict[str, str]:
        """Return the parameters that ask the same again, in a fixed order."""
        found = {"q": self.text} if self.text else {}
        if self.is_expression:
            found["as"] = EXPRESSION
        if self.viewer:
            found["viewer"] = self.viewer
        if self.lang:
            found["lang"] = self.lang
        return found

    def address(self, path: str, **more: str) -> str:
        """Return ``path`` with this question, and with ``more``, as its parameters."""
        params = self.params() | more
        return f"{path}?{urlencode(params)}" if params else path


def newest(viewer: pb.Viewer, limit: int) -> pb.SearchRequest:
    """Return the request for the newest photos that ``viewer`` may see.

    There is no word to be relevant to: the second stage and the cut-off have nothing to judge.
    """
    return pb.SearchRequest(
        query=NEWEST,
        viewer=viewer,
        limit=limit,
        is_expression=True,
        without_cutoff=True,
        without_second_stage=True,
    )
