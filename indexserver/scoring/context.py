"""What features need to know of a request besides its expression."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from alicorn.documents.model import CODE_BYTES
from alicorn.errors import BadRequest

__all__ = ["RankingContext"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankingContext:
    """Time, codes and people of one request."""

    now: int | None = None
    """Naive local seconds since 1970-01-01; None makes ages unknown."""
    visual: bytes = b""
    """256-bit visual code of the query; empty when it has none."""
    joint: bytes = b""
    """256-bit joint code of the query; empty when it has none."""
    viewer: int = 0
    """Id of the searcher; 0 is nobody."""
    friends: npt.NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    """Ids of the searcher's friends, in any order."""

    @property
    def sorted_friends(self) -> npt.NDArray[np.uint64]:
        """``friends``, ascending; themselves if they are so already."""
        if self.friends.size < 2 or np.all(self.friends[1:] >= self.friends[:-1]):
            return np.ascontiguousarray(self.friends, dtype=np.uint64)
        return np.sort(self.friends)

    def __post_init__(self) -> None:
        for name, code in (("visual", self.visual), ("joint", self.joint)):
            if len(code) not in {0, CODE_BYTES}:
                raise BadRequest(f"ranking.{name} must have {CODE_BYTES} bytes, got {len(code)}")
