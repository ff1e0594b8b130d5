r"""Vectors in word2vec's binary format.

    b"3000000 300\n"            how many vectors, and of how many numbers
    b"in " + 300 floats         a word, a space, its numbers: 32 bits each, little-endian
    b"\nfor " + 300 floats      a line feed between is written by some programs

References
----------
.. [1] Mikolov et al., word2vec, 2013 (``-binary 1``).
"""

from __future__ import annotations

from typing import IO, Final

import numpy as np

from alicorn.errors import CorruptData
from understanding.concepts.words.gathered import Gathered, term_of
from understanding.concepts.words.text_vectors import HEADER

__all__ = ["read_binary"]

_LONGEST_WORD: Final = 4_096
_CHUNK: Final = 1 << 20


def read_binary(stream: IO[bytes], source: str, language: str, into: Gathered) -> None:
    """Read vectors from the binary ``stream``.

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
        If it does not begin as such a file does, or ends within a vector; the message names the
        byte.
    ConfigError
        If there are too many.
    """
    line = stream.readline(_LONGEST_WORD)
    header = HEADER.fullmatch(line)
    if header is None:
        raise CorruptData(
            f"{source} byte 0: found {line[:40]!r}, needed how many vectors and of how many numbers"
        )
    into.expect(int(header[2]), f"{source} byte 0")
    size = 4 * into.dimensions
    buffer, begin, passed = b"", 0, len(line)
    for index in range(int(header[1])):
        # Where the buffer may not hold a whole vector, what is left of it moves to the front.
        if len(buffer) - begin < _LONGEST_WORD + size:
            passed += begin
            buffer, begin = buffer[begin:] + stream.read(max(_CHUNK, _LONGEST_WORD + size)), 0
        where = f"{source} byte {passed + begin}"
        end = buffer.find(b" ", begin, begin + _LONGEST_WORD)
        if end < 0 or len(buffer) < end + 1 + size:
            raise CorruptData(
                f"{where}: found no whole word and vector, needed {int(header[1]):,}, this being "
                f"the {index + 1:,}th"
            )
        term = term_of(buffer[begin:end].strip().decode("utf-8", "replace"), language)
        if term is not None:
            into.add(term, np.frombuffer(buffer, "<f4", into.dimensions, end + 1), where)
        begin = end + 1 + size
