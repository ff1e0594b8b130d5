"""The card of a shipped artefact: what it is, what it was made from, under which licence."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

__all__ = ["Card"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What one should know of a file that a command of ours made."""

    name: str
    """Of the artefact."""
    about: str
    """What it holds, in a sentence."""
    command: str
    """The command that makes it again."""
    sources: dict[str, str]
    """Source -> its licence."""
    counts: dict[str, int] = field(default_factory=dict)
    """Sizes that a reader may check."""
    sha256: dict[str, str]
    """Name of each file beside the card -> SHA-256 of its bytes, in hexadecimal."""

    def to_json(self) -> str:
        """Return the card as indented JSON with a line break at the end."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"
