"""What a feature is, and a row of them: `Feature`, `Group`, `FeatureSchema`.

`features` has the two schemas that there are.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from alicorn.errors import BadRequest, ConfigError

__all__ = ["Feature", "FeatureSchema", "Group"]


class Group(StrEnum):
    """Where a feature comes from; the first four are those of PS-49."""

    QUERY = "query"
    """How well the photo's concepts meet the query's."""
    AUTHOR = "author"
    """Who published it, and what they are to the searcher."""
    TEXT = "post text"
    """What people wrote beside it."""
    VISUAL = "visual content"
    """What the picture itself is like."""
    FIRST_STAGE = "first stage"
    """What the first stage made of all of these."""
    RESULT_SET = "result set"
    """How the photo stands among the other visible results (PS-45)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One column of a feature row."""

    name: str
    description: str
    unit: str
    """Unit of the value; ``1`` for shares and counts without one."""
    low: float
    """Least possible value."""
    high: float
    """Largest possible value; ``inf`` where there is no bound."""
    group: Group
    static: bool = False
    """True when it depends on the photo alone, so that it can be prepared when indexing."""
    optional: bool = False
    """True when NaN may stand for a value that is not known."""
    monotone: int = 0
    """1 when more can only help, -1 when more can only hurt, 0 when the model may decide."""


@dataclass(frozen=True)
class FeatureSchema:
    """Features in the order of a row.

    Examples
    --------
    >>> from ranker.features import FIRST_STAGE
    >>> FIRST_STAGE.index("concept_score")
    0
    >>> FIRST_STAGE.names[:2]
    ('concept_score', 'text_score')
    """

    name: str
    features: tuple[Feature, ...]

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.features):
            raise ConfigError(f"feature names of {self.name} must be unique, got {self.names}")

    def __len__(self) -> int:
        return len(self.features)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names in the order of a row."""
        return tuple(feature.name for feature in self.features)

    @cached_property
    def version(self) -> str:
        """First 16 hex digits of BLAKE2b over the names in order; changes when a column does."""
        joined = "\n".join((self.name, *self.names)).encode()
        return hashlib.blake2b(joined, digest_size=8).hexdigest()

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.names)}

    def index(self, name: str) -> int:
        """Return the column of the feature ``name``, from 0.

        Raises
        ------
        BadRequest
            If the schema has no such feature.
        """
        try:
            return self._positions[name]
        except KeyError:
            known = ", ".join(self.names)
            raise BadRequest(f"no feature {name!r} in {self.name}, it has {known}") from None
