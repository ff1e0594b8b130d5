"""Vectors in a numpy archive: ``words`` (text) and ``vectors`` (floats, a row each)."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from alicorn.errors import ConfigError, CorruptData
from understanding.concepts.words.gathered import MOST_BYTES, Gathered, term_of

__all__ = ["read_archive"]


def read_archive(path: Path, language: str, into: Gathered) -> None:
    """Read the vectors in the ``.npz`` file at ``path``.

    Parameters
    ----------
    path : Path
        With arrays ``words``, text or UTF-8 bytes, shape (words,), and ``vectors``, floats of any
        size, shape (words, dimensions).
    language : str
        Two-letter code, of words that have none of their own.
    into : Gathered

    Raises
    ------
    CorruptData
        If it has other than these.
    ConfigError
        If they are too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MOST_BYTES:
            raise ConfigError(f"{path}: found {size:,} bytes, needed at most {MOST_BYTES:,}")
        with np.load(path, allow_pickle=False) as arrays:
            words, vectors = arrays["words"], arrays["vectors"]
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise CorruptData(f"{path}: {error}; needed arrays 'words' and 'vectors'") from error
    if words.ndim != 1 or words.dtype.kind not in "US":
        raise CorruptData(f"{path}: words are {words.dtype} {words.shape}, needed text in one row")
    if vectors.ndim != 2 or vectors.dtype.kind != "f" or len(vectors) != len(words):
        raise CorruptData(
            f"{path}: vectors are {vectors.dtype} {vectors.shape}, needed floats of shape "
            f"({len(words)}, dimensions)"
        )
    into.expect(vectors.shape[1], str(path))
    for row, word in enumerate(words.tolist()):
        text = word.decode("utf-8", "replace") if isinstance(word, bytes) else word
        if (term := term_of(text, language)) is not None:
            into.add(term, vectors[row].astype(np.float32), f"{path} row {row}")
