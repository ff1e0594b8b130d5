"""Xapian: the first 100 in ascending docid, which it stops at as we do.

Debian's python3-xapian lives in the system's Python, so another process has the database and the
clock; ours sends it one question at a time, and the pipe is not counted.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from alicorn.errors import AlicornError
from loadtest.corpora._kernels import forward
from loadtest.corpora.corpus import Corpus
from loadtest.questions import Question
from loadtest.timing import Timed

__all__ = ["Xapian"]

_PYTHON: Final = ("/usr/bin/python3", "-I")
"""The system's, isolated: the program's folder, where this file is, must not be its path."""
_PROGRAM: Final = Path(__file__).with_name("xapian_process.py")
_DONE: Final = "done"


class Xapian:
    """A corpus in Xapian, in a process that runs until `close`."""

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        self._corpus = corpus
        self._process = subprocess.Popen(
            [*_PYTHON, str(_PROGRAM), "serve", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @staticmethod
    @cache
    def is_here() -> bool:
        """Whether the system's Python has xapian."""
        command = [*_PYTHON, "-c", "import xapian"]
        try:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            return False

    @classmethod
    def open(cls, corpus: Corpus, folder: Path) -> Xapian | None:
        """Return the database in ``folder``, built there if it is not; None without Xapian."""
        if not cls.is_here():
            return None
        if not (folder / _DONE).exists():
            _build(corpus, folder)
        return cls(corpus, folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def first(self, question: Question, limit: int) -> npt.NDArray[np.uint32]:
        """Return the numbers of the first ``limit`` matches, ascending."""
        return np.array(self._ask(self._line(question, limit))["documents"], dtype=np.uint32)

    def timed(self, question: Question, limit: int) -> Timed:
        """Return the way that finds the first ``limit`` matches, by Xapian's own clock."""
        line = self._line(question, limit)
        return lambda: float(self._ask(line)["seconds"])

    def _line(self, question: Question, limit: int) -> str:
        words = [[self._corpus.word(word) for word in group] for group in question.words]
        return json.dumps({"kind": question.kind, "words": words, "limit": limit}) + "\n"

    def _ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise AlicornError("Xapian's process has ended, needed an answer") from None
        answer = self._process.stdout.readline()
        if not answer:
            raise AlicornError("Xapian's process has ended, needed an answer")
        found: dict[str, Any] = json.loads(answer)
        return found


def _build(corpus: Corpus, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    offsets, numbers, _ = forward(
        corpus.posting_offsets, corpus.postings, corpus.frequencies, corpus.documents
    )
    inputs = {
        "offsets.bin": offsets.tobytes(),
        "numbers.bin": numbers.tobytes(),
        "terms.txt": "\n".join(corpus.word(word) for word in range(corpus.words)).encode(),
    }
    for name, content in inputs.items():
        (folder / name).write_bytes(content)
    done = subprocess.run(
        [*_PYTHON, str(_PROGRAM), "build", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        # Documents between two flushes: with fewer, lists are rewritten more often than needed.
        env={"XAPIAN_FLUSH_THRESHOLD": "100000", "PATH": "/usr/bin:/bin"},
    )
    for name in inputs:
        (folder / name).unlink()
    if done.returncode:
        raise AlicornError(f"Xapian could not be built: {done.stderr.strip()}")
    (folder / _DONE).touch()
