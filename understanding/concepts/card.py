"""The card of the taxonomy: no model, but data derived from others' data, of several files."""

from __future__ import annotations

from collections.abc import Mapping

from alicorn import cards

__all__ = ["Card"]


class Card(cards.Card, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one should know of files that a command of ours derived."""

    about: str
    """What they hold, in a sentence."""
    command: str
    """The command that makes them again."""
    sources: Mapping[str, str]
    """Source -> its licence."""
    counts: Mapping[str, int]
    """Sizes that a reader may check."""
    sha256: Mapping[str, str]
    """Name of each file beside the card -> SHA-256 of its bytes, in hexadecimal."""
