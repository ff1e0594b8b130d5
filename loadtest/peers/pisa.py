"""PISA: the best 100 by a sum of one-byte shares, block-SIMD lists with maxima a block.

Only the extension module of pyterrier-pisa is loaded: the package itself wants a Java toolkit that
no search needs. Shares are the corpus's confidence bytes, so its sums are exact integers, and they
are compared with brute force; the question's weights are left out, since PISA takes none. Each
question goes to the best of the algorithms that answer it; `and` of `or`s and `difference` are not
among them.
"""

from __future__ import annotations

import ctypes
import importlib.machinery
import importlib.util
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from loadtest.corpora._kernels import collection
from loadtest.corpora.corpus import Corpus
from loadtest.questions import Question
from loadtest.timing import Timed

__all__ = ["ALGORITHMS", "Pisa"]

ALGORITHMS: Final = {
    "and": ("ranked_and", "block_max_ranked_and"),
    "or": ("maxscore", "block_max_maxscore", "block_max_wand", "wand"),
}
"""What answers each kind of question."""

_ENCODING: Final = "block_simdbp"
_DONE: Final = "done"
_BATCH: Final = 4
"""Runs of a question in one call, so that the call itself counts little."""


class Pisa:
    """A corpus in PISA."""

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        self._corpus = corpus
        self._pisa = _extension()
        self._context = self._pisa.RetrievalContext()
        with _told_to(folder / "build.log"):
            self._pisa.prepare_index(self._context, str(folder), _ENCODING, "quantized", "")

    @classmethod
    def open(cls, corpus: Corpus, folder: Path) -> Pisa | None:
        """Return the index in ``folder``, built there if it is not; None without PISA."""
        if _extension() is None:
            return None
        if not (folder / _DONE).exists():
            _build(corpus, folder)
        return cls(corpus, folder)

    def best(
        self, question: Question, limit: int, algorithm: str
    ) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        """Return (document numbers, sums of bytes) of the best, the largest sum first."""
        _, documents, sums = self._run(self._batch(question, 1), limit, algorithm)
        return documents, sums

    def timed(self, question: Question, limit: int, algorithm: str) -> Timed:
        """Return the way that finds the ``limit`` best."""
        batch = self._batch(question, _BATCH)
        return lambda: self._run(batch, limit, algorithm)[0] / _BATCH

    def _batch(self, question: Question, copies: int) -> list[tuple[int, dict[str, float]]]:
        words = {self._corpus.word(word): 1.0 for word in question.words[0]}
        return [(copy, words) for copy in range(copies)]

    def _run(
        self, batch: list[tuple[int, dict[str, float]]], limit: int, algorithm: str
    ) -> tuple[float, npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        room = len(batch) * limit
        names = np.empty(room, dtype=object)
        sums = np.empty(room, dtype=np.float32)
        begun = time.perf_counter()
        found = self._pisa.retrieve(
            self._context,
            algorithm,
            batch,
            k=limit,
            threads=1,
            pretokenised=1,
            query_weighted=1,
            result_qidxs=np.empty(room, dtype=np.int32),
            result_docnos=names,
            result_ranks=np.empty(room, dtype=np.int32),
            result_scores=sums,
        )
        seconds = time.perf_counter() - begun
        return seconds, names[:found].astype(np.uint32), sums[:found].astype(np.int64)


@cache
def _extension() -> Any:
    """Return pyterrier-pisa's extension module; None where it or its library is not here."""
    package = importlib.util.find_spec("pyterrier_pisa")
    if package is None or package.origin is None:
        return None
    folder = Path(package.origin).parent
    suffix = next(
        (s for s in importlib.machinery.EXTENSION_SUFFIXES if (folder / f"_pisathon{s}").exists()),
        None,
    )
    if suffix is None:
        return None
    spec = importlib.util.spec_from_file_location("_pisathon", folder / f"_pisathon{suffix}")
    assert spec is not None
    assert spec.loader is not None
    library = Path(sys.prefix) / "lib" / "libtbb.so.2"
    try:
        # Its only shared library comes from the package tbb, which no loader's path has.
        ctypes.CDLL(str(library) if library.exists() else library.name, mode=ctypes.RTLD_GLOBAL)
        module = importlib.util.module_from_spec(spec)
    except (OSError, ImportError):
        return None
    spec.loader.exec_module(module)
    return module


def _build(corpus: Corpus, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sums = np.bincount(corpus.postings, weights=corpus.confidences, minlength=corpus.documents)
    head = np.array([1, corpus.documents], dtype=np.uint32)
    with (folder / "inv.docs").open("wb") as file:
        file.write(head.tobytes())
        file.write(collection(corpus.posting_offsets, corpus.postings).tobytes())
    with (folder / "inv.freqs").open("wb") as file:
        file.write(collection(corpus.posting_offsets, corpus.confidences).tobytes())
    with (folder / "inv.sizes").open("wb") as file:
        file.write(np.uint32(corpus.documents).tobytes())
        file.write(sums.astype(np.uint32).tobytes())
    words = "".join(f"{corpus.word(word)}\n" for word in range(corpus.words))
    numbers = "".join(f"{number}\n" for number in range(corpus.documents))
    for name, lexicon, lines in (
        ("fwd.terms", "fwd.termlex", words),
        ("fwd.documents", "fwd.doclex", numbers),
    ):
        (folder / name).write_text(lines, encoding="utf-8")
        _extension().build_binlex(str(folder / name), str(folder / lexicon))
    (folder / _DONE).touch()


@contextmanager
def _told_to(path: Path) -> Iterator[None]:
    """Send what C++ prints to ``path``: stdout is for results, and its progress is endless."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    try:
        yield
    finally:
        for number, copy in enumerate(kept, start=1):
            os.dup2(copy, number)
            os.close(copy)
