"""The eight attributes: who may carry them, and which values they take.

`ATTRIBUTES` is in the order of the canonical printing. Tree, parser and printer all read this
one table, so that a bound is written once:

    :weight 2             every operand           number, 0 to 16
    :optional-hits 5      below weak-and          count, 0 to 1,000,000
    :optional-weight 0.3  below both soft ones    number, 0 to 1
    :radius 12            nn                      count, 0 to 256 bits
    :k 10                 nn                      count, 1 to 1,000,000
    :within EXPR          nn with :k              expression
    :limit 500            apply                   count, 1 to 1,000,000
    :by concept           apply                   name of a scorer
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from alicorn.query.limits import CODE_BITS, MAX_IDS, MAX_WEIGHT, ONE

__all__ = ["ATTRIBUTES", "NAME", "Attribute", "AttributeKind"]

NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
"""Names of edge types, forward-index fields and scorers; always used with `fullmatch`."""


class AttributeKind(Enum):
    """How an attribute's value is written."""

    NUMBER = "number"
    """A decimal with at most four digits after the point, kept in 1/10,000."""
    COUNT = "count"
    """A whole number."""
    EXPRESSION = "expression"
    """An operand of its own."""
    NAME = "name"
    """A bare name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute of the language."""

    name: str
    """As written, without the colon; the node's field has `_` for `-`."""
    kind: AttributeKind
    needs: str
    """What may stand as its value, for error messages."""
    low: int = 0
    """Least value, as kept (numbers in 1/10,000)."""
    high: int = 0
    """Greatest value, as kept."""
    operators: frozenset[str] | None = None
    """The operators that carry it; None is all of them."""

    @property
    def field(self) -> str:
        """Name of the node's field that keeps the value."""
        return self.name.replace("-", "_")

    def carried_by(self, operator: str) -> bool:
        """Whether the operator of that name may carry this attribute at all."""
        return self.operators is None or operator in self.operators


ATTRIBUTES: Final[dict[str, Attribute]] = {
    attribute.name: attribute
    for attribute in (
        Attribute(
            name="weight",
            kind=AttributeKind.NUMBER,
            needs="a number from 0 to 16 with at most four digits after the point",
            high=MAX_WEIGHT,
        ),
        Attribute(
            name="optional-hits",
            kind=AttributeKind.COUNT,
            needs="a whole number from 0 to 1000000",
            high=MAX_IDS,
        ),
        Attribute(
            name="optional-weight",
            kind=AttributeKind.NUMBER,
            needs="a number from 0 to 1 with at most four digits after the point",
            high=ONE,
        ),
        Attribute(
            name="radius",
            kind=AttributeKind.COUNT,
            needs="a whole number from 0 to 256",
            high=CODE_BITS,
            operators=frozenset({"nn"}),
        ),
        Attribute(
            name="k",
            kind=AttributeKind.COUNT,
            needs="a whole number from 1 to 1000000",
            low=1,
            high=MAX_IDS,
            operators=frozenset({"nn"}),
        ),
        Attribute(
            name="within",
            kind=AttributeKind.EXPRESSION,
            needs="an expression",
            operators=frozenset({"nn"}),
        ),
        Attribute(
            name="limit",
            kind=AttributeKind.COUNT,
            needs="a whole number from 1 to 1000000",
            low=1,
            high=MAX_IDS,
            operators=frozenset({"apply"}),
        ),
        Attribute(
            name="by",
            kind=AttributeKind.NAME,
            needs="the name of a scorer: a letter, then letters, digits and hyphens in lower case",
            operators=frozenset({"apply"}),
        ),
    )
}
