"""What a word is worth, and what else may be said for it: `CaptionWords`, both tables in one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from alicorn.errors import MissingModel
from understanding.texts.related import Related, RelatedWords
from understanding.texts.statistics import SHIPPED, TextStatistics, load_latest

__all__ = ["CaptionWords"]


@dataclass(frozen=True, slots=True, eq=False)
class CaptionWords:
    """Words of captions, stemmed as `alicorn.documents.text.stem` does it."""

    statistics: TextStatistics
    related_words: RelatedWords

    @classmethod
    def load(cls) -> CaptionWords:
        """Return what ships (read once).

        Raises
        ------
        MissingModel
            If a table is absent, or is not the one on its card.
        """
        return _shipped()

    def worth(self, word: str) -> float:
        """Return what it is worth to find ``word``, in [0, 1] (`TextStatistics.worth`)."""
        return self.statistics.worth(word)

    def related(self, word: str) -> Related:
        """Return the words that say nearly the same, with weights in (0, 1), best first."""
        return self.related_words.of(word)


@cache
def _shipped() -> CaptionWords:
    statistics = load_latest(SHIPPED)
    if statistics is None:
        raise MissingModel(
            f"no text statistics in {SHIPPED}; make them with `alicorn train text-statistics`"
        )
    return CaptionWords(statistics, RelatedWords.load())
