"""The file of one language: its names in order, and what each means.

A numpy archive with five arrays (format 1):

    format      uint8 (1,)
    names       uint8 (bytes,), UTF-8: the words of a name with spaces between, a line each, ordered
                by the bytes of the unaccented name, then by its own
    meanings    uint8 (names,), how many synsets each name has, at least 1
    synsets     uint32 (synsets,), ascending, the first and then the gaps: the offsets in this file
    synset      uint16 (all meanings,), place in ``synsets``
    weight      uint8 (all meanings,), 1 to 255 for weights up to 1; heaviest first in each name

Forty thousand names are 300 KB so, and 1.5 MB when read: the lines with and without accents, where
each begins, and the meanings. A name is found by bisection.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from alicorn.errors import CorruptData, ShapeError
from understanding.concepts.languages.accents import unaccented
from understanding.concepts.lines import SortedLines

__all__ = ["NameTable", "pack_names"]

FORMAT: Final = 1

Words: TypeAlias = tuple[str, ...]

_LARGEST: Final = 255
_MOST_SYNSETS: Final = 1 << 16


def pack_names(names: Mapping[Words, Sequence[tuple[str, float]]]) -> bytes:
    """Return the file of a language; the same names give the same bytes.

    Parameters
    ----------
    names : mapping
        Words of a name -> its synsets (eight digits) and weights in (0, 1], heaviest first, at
        most 255 of them. Names without any are left out.

    Raises
    ------
    ShapeError
        If there are more than 65,536 synsets.
    """
    lines = sorted(
        (unaccented(line).encode(), line.encode(), words)
        for words, meanings in names.items()
        if meanings
        for line in [" ".join(words)]
    )
    meanings = [names[words] for _, _, words in lines]
    synsets = sorted({int(synset) for named in meanings for synset, _ in named})
    if len(synsets) > _MOST_SYNSETS:
        raise ShapeError(f"found {len(synsets)} synsets, needed at most {_MOST_SYNSETS}")
    place = {synset: index for index, synset in enumerate(synsets)}
    flat = [meaning for named in meanings for meaning in named]
    file = io.BytesIO()
    np.savez_compressed(
        file,
        format=np.array([FORMAT], np.uint8),
        names=np.frombuffer(b"".join(line + b"\n" for _, line, _ in lines), np.uint8),
        meanings=np.array([len(named) for named in meanings], np.uint8),
        synsets=np.diff(np.array(synsets, np.uint32), prepend=np.uint32(0)),
        synset=np.array([place[int(synset)] for synset, _ in flat], np.uint16),
        weight=np.array([max(1, round(weight * _LARGEST)) for _, weight in flat], np.uint8),
    )
    return file.getvalue()


class NameTable:
    """The names of one language, read; immutable.

    Parameters
    ----------
    data : bytes
        As `pack_names` made them.
    source : str
        Name of the file, for messages.

    Raises
    ------
    CorruptData
        If they are something else.
    """

    def __init__(self, data: bytes, source: str) -> None:
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                found = {name: arrays[name] for name in arrays.files}
            if int(found["format"][0]) != FORMAT:
                raise CorruptData(f"{source} has format {found['format'][0]}, needed {FORMAT}")
            text = found["names"].tobytes().decode()
            self._synsets = np.cumsum(found["synsets"], dtype=np.uint32)
            self._synset, self._weight = found["synset"], found["weight"]
            counts = found["meanings"]
        except (ValueError, KeyError, IndexError, OSError, zipfile.BadZipFile) as error:
            raise CorruptData(f"{source} is no file of names: {error}") from error
        self._spelled = SortedLines(text.encode())
        self._plain = SortedLines(unaccented(text).encode())
        self._starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64))).astype(np.uint32)
        self.longest = self._spelled.words()
        """Words of the longest name."""
        fits = (
            len(self._spelled) == len(self._plain) == counts.size
            and int(self._starts[-1]) == self._synset.size == self._weight.size
            and int(self._synset.max(initial=0)) < max(self._synsets.size, 1)
        )
        if not fits:
            raise CorruptData(f"{source} is no file of names: its arrays do not fit together")

    def __len__(self) -> int:
        return self._starts.size - 1

    def find(self, words: Words) -> list[tuple[bool, list[tuple[str, float]]]]:
        """Return the names that are ``words`` when written without accents.

        Returns
        -------
        list
            For each name whether it is spelled so, and its synsets (eight digits) with weights in
            (0, 1], heaviest first.
        """
        line = " ".join(words)
        plain, spelled = unaccented(line).encode(), line.encode()
        found = []
        index = self._plain.place(plain)
        while index < len(self) and self._plain[index] == plain:
            found.append((self._spelled[index] == spelled, self._meanings(index)))
            index += 1
        return found

    def begins(self, word: str) -> bool:
        """Return whether a name of several words begins with ``word``, accents apart."""
        prefix = f"{unaccented(word)} ".encode()
        index = self._plain.place(prefix)
        return index < len(self) and self._plain[index].startswith(prefix)

    def _meanings(self, index: int) -> list[tuple[str, float]]:
        begin, end = int(self._starts[index]), int(self._starts[index + 1])
        offsets = self._synsets[self._synset[begin:end]].tolist()
        weights = (self._weight[begin:end] / _LARGEST).tolist()
        return [(f"{offset:08d}", w) for offset, w in zip(offsets, weights, strict=True)]
