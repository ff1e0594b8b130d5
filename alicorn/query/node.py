"""What all nodes of the tree have in common: weight, optional marks, and checks at birth.

A node that exists can be printed and read back: names are names, numbers are within the
bounds of `ATTRIBUTES`, values have a UTF-8.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from alicorn.errors import BadRequest
from alicorn.query.attributes import ATTRIBUTES, NAME
from alicorn.query.limits import ONE

__all__ = ["Node", "check_bounds", "check_name", "check_value"]


@dataclass(frozen=True, slots=True)
class Node:
    """What every operand carries, whatever its operator.

    Raises
    ------
    BadRequest
        If a value is outside its bounds, or both optional marks are given.
    """

    operator: ClassVar[str]
    """The operator's name in the text."""

    weight: int = field(default=ONE, kw_only=True)
    """Multiplies the scores of the whole subtree; in 1/10,000, 0 to 160,000."""
    weighted: bool = field(default=False, kw_only=True)
    """Whether a weight was written. An edge without HitData scores its weight if one was
    written, be it 1, and 0 if not. Always true where `weight` is not 1."""
    optional_hits: int | None = field(default=None, kw_only=True)
    """Below `weak-and`: this many hits may miss this operand."""
    optional_weight: int | None = field(default=None, kw_only=True)
    """Below `weak-and`: floor(f * N) hits may miss this operand, N being the retrieve limit;
    below `strong-or`: floor(f * N) hits are kept for it. In 1/10,000, 0 to 10,000."""

    def __post_init__(self) -> None:
        check_bounds("weight", self.weight)
        check_bounds("optional-hits", self.optional_hits)
        check_bounds("optional-weight", self.optional_weight)
        if self.optional_hits is not None and self.optional_weight is not None:
            raise BadRequest("found both :optional-hits and :optional-weight, needed at most one")
        if self.weight != ONE and not self.weighted:
            object.__setattr__(self, "weighted", True)


def check_bounds(name: str, value: int | None) -> None:
    """Refuse a value outside the bounds of the attribute ``name``; None is none."""
    attribute = ATTRIBUTES[name]
    if value is not None and not attribute.low <= value <= attribute.high:
        raise BadRequest(
            f"found {value} as :{name}, needed {attribute.low} to {attribute.high} (as kept)"
        )


def check_name(what: str, name: str) -> None:
    """Refuse what is no name, so that no text can slip into the printing through one."""
    if not NAME.fullmatch(name):
        raise BadRequest(
            f"found {what} {name!r:.80}, needed a letter, then letters, digits and hyphens, "
            "in lower case"
        )


def check_value(value: str) -> None:
    """Refuse lone surrogates: they have no UTF-8, so the text could not travel."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise BadRequest(
                f"found a lone surrogate at character {error.start + 1} of a value, "
                "needed well-formed text"
            ) from None
