"""Vectors as text: word2vec's format, GloVe's and Numberbatch's.

    3 4                           how many vectors, and of how many numbers; GloVe has no such line
    dog 0.1 -0.2 0.3 0.4          a word and its numbers, with spaces or tabs between
    /c/de/hund 0.1 -0.2 0.3 0.4

A word may have spaces in it; the numbers are the last ones of the line.

References
----------
.. [1] Mikolov et al., word2vec, 2013; Pennington et al., "GloVe", EMNLP 2014; Speer et al.,
   "ConceptNet 5.5", AAAI 2017 (Numberbatch).
"""

from __future__ import annotations

import re
from typing import IO, Final

import numpy as np

from alicorn.errors import CorruptData
from understanding.concepts.words.gathered import MOST_DIMENSIONS, Gathered, term_of

__all__ = ["HEADER", "read_text"]

HEADER: Final = re.compile(rb"\s*(\d{1,12})\s+(\d{1,9})\s*")
"""First line of word2vec's files: vectors, and numbers in each."""

# A number has 25 characters at most, and a word fewer than 4 KiB.
_LONGEST_LINE: Final = 25 * MOST_DIMENSIONS + 4_096


def read_text(stream: IO[bytes], source: str, language: str, into: Gathered) -> None:
    """Read vectors from the text ``stream``.

    Parameters
    ----------
    stream : binary file
    source : str
        Its name, for messages.
    language : str
        Two-letter code, of words that have none of their own.
    into : Gathered

    Raises
    ------
    CorruptData
        If a line has other than a word and numbers, or lines are missing; the message names it.
    ConfigError
        If there are too many.
    """
    promised = 0
    number = 0
    while line := stream.readline(_LONGEST_LINE + 1):
        number += 1
        where = f"{source} line {number}"
        if len(line) > _LONGEST_LINE:
            raise CorruptData(f"{where}: found more than {_LONGEST_LINE:,} bytes, needed less")
        if number == 1:
            if header := HEADER.fullmatch(line):
                promised = int(header[1])
                into.expect(int(header[2]), where)
                continue
            into.expect(len(line.split()) - 1, where)
        fields = line.rstrip().rsplit(None, into.dimensions)
        if not fields:
            continue
        if len(fields) <= into.dimensions:
            raise CorruptData(
                f"{where}: found {len(fields)} fields, needed a word and {into.dimensions} numbers"
            )
        try:
            values = [float(field) for field in fields[1:]]
        except ValueError as error:
            raise CorruptData(f"{where}: {error}, needed numbers after the word") from None
        term = term_of(fields[0].decode("utf-8", "replace"), language)
        if term is not None:
            with np.errstate(over="ignore"):
                into.add(term, np.array(values, np.float32), where)
    if number - 1 < promised:
        raise CorruptData(
            f"{source}: ends after {number - 1:,} vectors, needed {promised:,} by its first line"
        )
