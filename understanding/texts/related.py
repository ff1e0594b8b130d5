"""Words that say nearly the same as another one, in captions: `RelatedWords`.

Two people who describe one picture say *bike* and *bicycle*, *standing* and *stands*. A long query
is such a description, so each of its words is also met, for less, by words that others use for the
same. They were counted once, over captions of public photos (`build.py`), and ship as one JSON file
with a card. Nothing here grows with anybody's photos.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from alicorn.cards import ModelCard, card_path
from alicorn.checked_json import dump_checked, load_checked
from alicorn.errors import CorruptData, MissingModel
from alicorn.files import write_whole
from understanding.texts.statistics import SHIPPED

__all__ = ["FILE", "Related", "RelatedWords"]

FILE: Final = "related.json"

_FORMAT: Final = 0
_REMEDY: Final = "make it again with `alicorn train related-words`"

Related: TypeAlias = tuple[tuple[str, float], ...]
"""Words, as `alicorn.documents.text.stem` leaves them, with weights in (0, 1), best first."""


@dataclass(frozen=True, slots=True, eq=False)
class RelatedWords:
    """What else may be said for a word."""

    by_word: Mapping[str, Related]
    """Keys are stemmed, too."""

    def of(self, word: str) -> Related:
        """Return the words related to ``word``, stemmed; none for most."""
        return self.by_word.get(word, ())

    def save(self, path: Path) -> None:
        """Write the words to ``path``, durably."""
        content = {
            "format": _FORMAT,
            "related": {word: [list(one) for one in found] for word, found in self.by_word.items()},
        }
        write_whole(path, dump_checked(content), durable=True)

    @classmethod
    def read(cls, path: Path) -> RelatedWords:
        """Read what `save` wrote.

        Raises
        ------
        CorruptData
            If it is not as it was written.
        """
        content = load_checked(path.read_bytes(), str(path), version=_FORMAT)
        try:
            found = {
                word: tuple((str(other), float(weight)) for other, weight in pairs)
                for word, pairs in content["related"].items()
            }
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CorruptData(f"{path}: no table of related words: {error}") from None
        return cls(MappingProxyType(found))

    @classmethod
    def load(cls) -> RelatedWords:
        """Return the words that ship (read once).

        Raises
        ------
        MissingModel
            If they are absent or not those on their card.
        """
        return _shipped()


@cache
def _shipped() -> RelatedWords:
    path = SHIPPED / FILE
    if not path.is_file():
        raise MissingModel(f"no related words at {path}; {_REMEDY}")
    ModelCard.read(card_path(path)).checked(path, remedy=_REMEDY)
    return RelatedWords.read(path)
