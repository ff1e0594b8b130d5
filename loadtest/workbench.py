"""What the benchmarks of the engine share: corpora, indexes, peers, each made when first needed.

Nothing is measured here. Peers' indexes and drawn corpora are kept in a folder; our own segments
are built by the index server's builder in every run, so that no figure is of an older format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from alicorn.errors import NotFound
from indexserver.execution.engine import Engine
from indexserver.postings.segment import Segment
from indexserver.view import View
from loadtest.bandwidth import Bandwidth
from loadtest.brute import BruteForce
from loadtest.corpora.assembled import segment_of, view_of, view_of_parts
from loadtest.corpora.captions import captions_corpus
from loadtest.corpora.corpus import FORMAT, Corpus, kept
from loadtest.corpora.split import deleted, split
from loadtest.corpora.synthetic import synthetic_corpus
from loadtest.peers.croaring import Roaring
from loadtest.peers.pisa import Pisa
from loadtest.peers.tantivy import Tantivy
from loadtest.peers.xapian import Xapian
from loadtest.questions import SEED, Question, questions
from loadtest.reading import Reading
from loadtest.report import Row
from loadtest.timing import Seconds, Timed, taken

__all__ = ["CORPORA", "Asking", "Prepared", "Scale", "Workbench"]

CORPORA = ("A", "B", "C")
SEGMENTS = 8
"""Segments of B."""

_EDGES: Mapping[str, tuple[str, ...]] = {"A": ("tag",), "C": ("tag", "text")}

Made = TypeVar("Made")


class Prepared(Protocol):
    """What `Engine.prepare` returns: a query that is planned and bound."""

    def count(self) -> int:
        """Return how many documents match."""

    def ids(self) -> Sequence[npt.NDArray[np.uint32]]:
        """Return the local ids of all matches, an array a segment."""

    def first(self, limit: int) -> Any:
        """Return the first matches in DocId order as `Candidates`."""

    def best(self, limit: int) -> Any:
        """Return the best matches by concept score as `Candidates`."""


class Asking(Protocol):
    """`indexserver.execution.engine.Engine`, as far as benchmarks call it."""

    def prepare(self, text: str, id_arrays: Sequence[npt.NDArray[np.uint64]] = ()) -> Prepared:
        """Return the query ``text``, from the cache where it was asked before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured."""

    documents: int = 1_000_000
    """Of corpora A, B and C, and below the lists of D."""
    lists: int = 5_000_000
    """Of corpus D."""
    photos: int = 20_000
    """Of the library whose bytes are counted."""
    queries: int = 60
    """A class."""
    repeats: int = 5
    """Runs of a query that count."""
    warm: bool = False
    """Whether each run that counts comes right after one that does not (`loadtest.timing`)."""


@dataclass(frozen=True)
class Workbench:
    """Everything that is measured, at one scale."""

    scale: Scale
    folder: Path
    """Keeps corpora and peers' indexes between runs."""
    data: Path | None = None
    """The development data, for corpus C; without it C's rows have no figures."""
    only: Sequence[str] = ()
    """Parts of row ids; rows with none of them are left out. Empty: all are wanted."""
    tell: Callable[[str], None] = lambda _: None
    """Says what is being done."""
    _made: dict[tuple[str, str], Any] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._made.clear()
        self._open.close()

    def wants(self, row_id: str) -> bool:
        """Whether the row is to be measured."""
        return not self.only or any(part in row_id for part in self.only)

    def wanted(self, row_ids: Iterable[str]) -> bool:
        """Whether one of the rows is to be measured."""
        return any(self.wants(row_id) for row_id in row_ids)

    @cached_property
    def bandwidth(self) -> Bandwidth:
        """Return the times of plain reads, measured once."""
        return Bandwidth.measure()

    def corpus(self, name: str) -> Corpus | None:
        """Return corpus A or C; None for C where its captions are not here."""
        return self._once("corpus", name, lambda: self._corpus(name))

    def the_corpus(self, name: str) -> Corpus:
        """Return corpus A or C.

        Raises
        ------
        NotFound
            If the captions of C are not here.
        """
        found = self.corpus(name)
        if found is None:
            raise NotFound("corpus C needs the captions of the development data: --data")
        return found

    def segment(self, name: str) -> Segment:
        """Return the corpus as one segment."""
        return self._once("segment", name, lambda: self._segment(name))

    def engine(self, name: str) -> Asking:
        """Return the engine over A, C, or B as runs or interleaved (``B-interleaved``)."""
        return self._once("engine", name, lambda: Engine(self._view(name)))

    def brute(self, name: str) -> BruteForce:
        """Return brute force over A or C; over B, where documents are deleted."""
        whole = self.the_corpus("A" if name == "B" else name)
        dead = deleted(whole.documents) if name == "B" else None
        return self._once("brute", name, lambda: BruteForce(whole, dead))

    def reading(self, name: str) -> Reading:
        """Return what queries of the corpus must read."""
        return self._once("reading", name, lambda: Reading(self.the_corpus(name), self.bandwidth))

    def questions(self, name: str, question_class: str) -> list[Question]:
        """Return the queries of a class over A or C."""
        return questions(self.the_corpus(name), question_class, self.scale.queries)

    def tantivy(self, name: str) -> Tantivy | None:
        """Return tantivy over the corpus; None where it is not installed."""
        return self._peer("tantivy", name, Tantivy.open)

    def roaring(self, name: str) -> Roaring | None:
        """Return CRoaring over the corpus; None where it is not installed."""
        return self._peer("roaring", name, lambda corpus, _: Roaring.open(corpus))

    def pisa(self, name: str) -> Pisa | None:
        """Return PISA over the corpus; None where it is not installed."""
        return self._peer("pisa", name, Pisa.open)

    def xapian(self, name: str) -> Xapian | None:
        """Return Xapian over the corpus; None where it is not installed."""

        def opened(corpus: Corpus, folder: Path) -> Xapian | None:
            found = Xapian.open(corpus, folder)
            return None if found is None else self._open.enter_context(found)

        return self._peer("xapian", name, opened)

    def forget(self, name: str) -> None:
        """Give back the memory of the engine over a corpus."""
        self._made.pop(("engine", name), None)

    def taken(self, **ways: Sequence[Timed]) -> dict[str, Seconds]:
        """Return the seconds of each way that there is, in turn over the queries."""
        scale = self.scale
        return taken(
            {name: way for name, way in ways.items() if way}, scale.repeats, warm=scale.warm
        )

    def row(self, row_id: str, name: str, **fields: Any) -> Row:
        """Return the row of a measurement over corpus ``name``."""
        corpus = self.corpus("A" if name.startswith("B") else name)
        given: dict[str, Any] = {
            "unit": "us",
            "better": "less",
            "data": None if corpus is None else corpus.about,
            "seed": SEED,
            "measured": f"median of {self.scale.queries} queries, each the median of "
            f"{self.scale.repeats} runs" + (", caches warm" if self.scale.warm else ""),
        }
        if corpus is None:
            fields = {**fields, "ours": None, "theirs": None, "physical_limit": None}
            given["note"] = "the captions of the development data are not here"
        return Row(id=row_id, **(given | fields))

    def _corpus(self, name: str) -> Corpus | None:
        documents = self.scale.documents
        folder = self._folder_of(name) / "corpus"
        if name == "A":
            self.tell(f"corpus A: {documents:,} synthetic documents")
            return kept(folder, lambda: synthetic_corpus(documents))
        data = self.data
        if data is None:
            return Corpus.load(folder)
        self.tell(f"corpus C: {documents:,} captions")
        return kept(folder, lambda: captions_corpus(data, documents))

    def _segment(self, name: str) -> Segment:
        self.tell(f"corpus {name}: building our index")
        return segment_of(self.the_corpus(name), _EDGES[name])

    def _view(self, name: str) -> View:
        if not name.startswith("B"):
            return view_of(self.segment(name))
        self.tell(f"corpus {name}: building our index in {SEGMENTS} segments")
        whole = self.the_corpus("A")
        parts = split(whole, SEGMENTS, interleaved=name == "B-interleaved")
        return view_of_parts(parts, deleted(whole.documents))

    def _peer(
        self, peer: str, name: str, opened: Callable[[Corpus, Path], Made | None]
    ) -> Made | None:
        def make() -> Made | None:
            corpus = self.the_corpus(name)
            self.tell(f"corpus {name}: {peer}")
            return opened(corpus, self._folder_of(name) / peer)

        return self._once(peer, name, make)

    def _folder_of(self, name: str) -> Path:
        return self.folder / f"{name}-{self.scale.documents}-v{FORMAT}"

    def _once(self, kind: str, name: str, make: Callable[[], Made]) -> Made:
        if (kind, name) not in self._made:
            self._made[kind, name] = make()
        found: Made = self._made[kind, name]
        return found
