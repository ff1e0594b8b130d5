"""Vectors of words from a user's file, whatever its format: `load_vectors`.

    word2vec, text or binary    as Google's, Facebook's and many others' are
    GloVe                       the same without its first line
    Numberbatch                 the same with words like ``/c/de/hund``, or one file a language
    npz                         arrays ``words`` and ``vectors``

The format is told by what stands in the file; the first three may be gzipped. A word's language
stands before it (`gathered`), else in the name of the file, between dots, dashes or underscores
(``wiki.de.align.vec``, ``numberbatch-en-19.08.txt.gz``), else it is English. A folder is read file
by file, ascending by name; all its files must be in one space.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from pathlib import Path
from typing import Any, Final

from alicorn.errors import CorruptData, NotFound
from understanding.concepts.words.archive_vectors import read_archive
from understanding.concepts.words.binary_vectors import read_binary
from understanding.concepts.words.gathered import Gathered
from understanding.concepts.words.supplied import ENGLISH, SuppliedWords
from understanding.concepts.words.text_vectors import HEADER, read_text

__all__ = ["load_vectors"]

LANGUAGES: Final = frozenset(
    re.findall(
        r"\w+",
        "ar bg bn ca cs da de el en es et eu fa fi fr ga gl he hi hr hu hy id is it ja ka ko lt lv "
        "mk ms nl no pl pt ro ru sk sl sq sr sv ta te th tl tr uk ur vi zh",
    )
)
"""Codes that are looked for in names of files; ISO 639-1 has more that are parts of words."""

_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
_SAMPLE: Final = 256
_NOT_TEXT: Final = re.compile(rb"[^\t\r\n -~]")


def load_vectors(path: Path) -> SuppliedWords:
    """Return the vectors in the file or folder ``path``.

    They take four bytes a number in memory, and as much again while they are read.

    Raises
    ------
    NotFound
        If there is none.
    CorruptData
        If a file is none of these, is damaged, or has numbers that are not finite, or vectors of
        different lengths; the message names the line or the byte.
    ConfigError
        If there are too many vectors, or no English words.
    """
    files = [path]
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.is_file() and file.name[0] != ".")
    gathered = Gathered()
    for file in files:
        try:
            _read(file, gathered)
        except OSError as error:
            if isinstance(error, gzip.BadGzipFile):
                raise CorruptData(f"{file}: {error}, needed a whole gzip file") from error
            raise NotFound(f"cannot read vectors of words {file}: {error.strerror}") from error
        except (EOFError, zlib.error) as error:
            raise CorruptData(f"{file}: {error}, needed a whole gzip file") from error
    return SuppliedWords(gathered, str(path))


def _read(path: Path, into: Gathered) -> None:
    language = _language_of(path)
    with path.open("rb") as file:
        magic = file.peek(len(_ZIP))
        if magic.startswith(_ZIP):
            read_archive(path, language, into)
            return
        if magic.startswith(_GZIP):
            with io.BufferedReader(gzip.GzipFile(fileobj=file)) as unpacked:
                _read_stream(unpacked, path, language, into)
            return
        _read_stream(file, path, language, into)


def _read_stream(stream: io.BufferedReader[Any], path: Path, language: str, into: Gathered) -> None:
    reader = read_binary if _is_binary(stream.peek(_SAMPLE), path) else read_text
    reader(stream, str(path), language, into)


def _is_binary(head: bytes, path: Path) -> bool:
    """Whether numbers follow the first word as bytes; they are never all printable."""
    first, _, rest = head.partition(b"\n")
    if HEADER.fullmatch(first) is None:
        return False
    numbers = rest.partition(b" ")[2].split(b"\n")[0]
    return ".bin" in path.suffixes or _NOT_TEXT.search(numbers[:_SAMPLE]) is not None


def _language_of(path: Path) -> str:
    parts = re.split(r"[._-]", path.name.lower())
    return next((part for part in parts if part in LANGUAGES), ENGLISH)
