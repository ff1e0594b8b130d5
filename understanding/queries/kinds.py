"""What a term of a query was taken for."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["ENGLISH", "Kind"]

ENGLISH: Final = "en"
"""The language that is read where nothing says otherwise."""


class Kind(StrEnum):
    """What a term was taken for."""

    CONCEPT = "concept"
    """It names its concepts."""
    SIMILAR = "similar"
    """Its concepts are the nearest to what it means."""
    TEXT = "text"
    """Only texts are searched for it."""
