"""What the understanding of queries may use: every part can be switched off, to see its worth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alicorn.errors import ConfigError

__all__ = ["UnderstandingConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderstandingConfig:
    """How words are turned into concepts."""

    projection: bool = True
    """Words that name no concept are matched by their meaning (DB-01)."""
    common_component: bool = True
    """The component common to all vectors is removed from the query's (DB-13)."""
    ancestors: bool = True
    """What a meaning's broader terms say counts, too."""
    languages: tuple[str, ...] | None = None
    """Two-letter codes of the languages that are understood beside English; None is all."""
    vectors: Path | None = None
    """Vectors of words instead of the shipped ones: word2vec, Numberbatch or npz."""

    def __post_init__(self) -> None:
        for language in self.languages or ():
            if len(language) != 2 or not language.islower():
                raise ConfigError(f"a language must be a code such as 'fr', got {language!r}")
