"""Text statistics of the whole collection: how common a word is, how long a text.

Versioned, and the same on every shard and replica, so that no split of the collection changes a
text score. One JSON file a version, ``text-000007.json``, with a checksum over what it says; new
versions stand beside old ones, and the newest is loaded.

The rewriting weighs words by them and the shards score words by them, so both find them here.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from alicorn.checked_json import dump_checked, load_checked
from alicorn.documents import PhotoDocument
from alicorn.documents.terms import terms_of
from alicorn.files import write_whole

__all__ = ["SHIPPED", "TextStatistics", "load_latest"]

SHIPPED: Final = Path(__file__).resolve().parent / "data"
"""Statistics of English captions that come with the project. They are the same for everybody, so a
score can tell nothing of photos that a viewer may not see (docs/decisions/002)."""

_FILE: Final = re.compile(r"text-(\d{6,})\.json")
_FORMAT: Final = 0


@dataclass(frozen=True, slots=True, eq=False)
class TextStatistics:
    """What BM25 needs to know of the collection."""

    version: int
    """Greater for later ones."""
    documents: int
    words: int
    """Indexed words of all documents, repeats counted."""
    frequencies: Mapping[str, int]
    """Documents that have each word."""

    @property
    def average_length(self) -> float:
        """Words a document; 0 for an empty collection."""
        return self.words / self.documents if self.documents else 0.0

    def worth(self, word: str) -> float:
        """Return what it is worth to find ``word``, in [0, 1]: 1 for a word that nobody has used.

        The inverse document frequency of BM25, idf = ln(1 + (N - df + 0.5) / (df + 0.5)), by that
        of a word with df = 0. A word may be newer than the statistics; it then counts as one that
        nobody else has. 0 for every word without documents.
        """
        if not self.documents:
            return 0.0
        df = min(self.frequencies.get(word, 0), self.documents)
        return self._idf(df) / self._idf(0)

    def _idf(self, df: int) -> float:
        return math.log1p((self.documents - df + 0.5) / (df + 0.5))

    @classmethod
    def of_documents(
        cls, documents: Iterable[PhotoDocument], *, version: int = 1
    ) -> TextStatistics:
        """Return the statistics of ``documents``."""
        count = words = 0
        frequencies: Counter[str] = Counter()
        for document in documents:
            count += 1
            for term in terms_of(document):
                if term.edge == "text":
                    frequencies[term.value] += 1
                    words += term.hitdata
        return cls(version, count, words, MappingProxyType(dict(frequencies)))

    def without_rare_words(self, least: int = 3) -> TextStatistics:
        """Return the statistics without words that fewer than ``least`` documents have.

        They are most of the words and score alike: as the rarest there are.
        """
        kept = {word: count for word, count in self.frequencies.items() if count >= least}
        return TextStatistics(self.version, self.documents, self.words, MappingProxyType(kept))

    def save(self, directory: Path) -> Path:
        """Write ``text-<version>.json`` in ``directory``, durably, and return its path.

        Raises
        ------
        OutOfSpace
            If the disk is full.
        """
        content = {
            "documents": self.documents,
            "format": _FORMAT,
            "frequencies": dict(self.frequencies),
            "version": self.version,
            "words": self.words,
        }
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"text-{self.version:06d}.json"
        write_whole(path, dump_checked(content), durable=True)
        return path

    @classmethod
    def load(cls, path: Path) -> TextStatistics:
        """Read the file at ``path``.

        Raises
        ------
        CorruptData
            If it is not as it was written.
        """
        content = load_checked(path.read_bytes(), str(path), version=_FORMAT)
        return cls(
            content["version"],
            content["documents"],
            content["words"],
            MappingProxyType(content["frequencies"]),
        )


def load_latest(directory: Path) -> TextStatistics | None:
    """Return the statistics with the greatest version in ``directory``; None without any.

    Raises
    ------
    CorruptData
        If that file is damaged.
    """
    if not directory.is_dir():
        return None
    found = [(int(m[1]), p) for p in directory.iterdir() if (m := _FILE.fullmatch(p.name))]
    return TextStatistics.load(max(found)[1]) if found else None
