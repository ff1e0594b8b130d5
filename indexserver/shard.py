"""One shard: the log's writes in, the best hits out.

Any number of threads search while one applies: a search takes the view of the moment and keeps it.
Acknowledged means in the log; the shard keeps its place in the log with what it has sealed, and
what was only in memory is read again from there.

    shard = Shard(ShardConfig(directory=path)).open()
    shard.apply(log.read(shard.sequence, 1_000))
    answer = shard.search(ShardSearch(expression=parse("tag:dog")))
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from alicorn.documents import PhotoDocument
from alicorn.documents.codec import decode
from alicorn.documents.partition import partitions_of_shard
from alicorn.errors import AlicornError, BadRequest, ConfigError, DeadlineSpent, ShardLoading
from alicorn.log import DeleteDocument, Entry, PutDocument, SetAudience
from indexserver.config import ShardConfig
from indexserver.execution.answers import Order, Retrieved
from indexserver.execution.plan import Plan
from indexserver.execution.plans import plan_of
from indexserver.execution.retrieve import retrieve, retrieve_many
from indexserver.live import with_batch, without
from indexserver.ordering import best_of_each
from indexserver.postings.segment import PARTS
from indexserver.scoring.features import CandidateFeatures
from indexserver.scoring.scorers import Scorers
from indexserver.search import HitColumns, Hits, ShardAnswer, ShardSearch
from indexserver.storage import Storage
from indexserver.view import SegmentView, View
from understanding.texts.statistics import TextStatistics, load_latest

__all__ = ["Shard", "ShardStatus"]


_MOST_TOGETHER: Final = 10_000
"""Hits a search up to which searches are retrieved together: a batch has room for all at once."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ShardStatus:
    """What a shard holds."""

    shard: int
    shards: int
    documents: int
    """Live documents."""
    segments: int
    """Those in memory counted."""
    sequence: int
    """Last log sequence applied."""
    bytes_by_part: Mapping[str, int]
    """Bytes by part of the index, names as in `indexserver.postings.segment.PARTS`."""


@dataclasses.dataclass(frozen=True, eq=False)
class _State:
    """What a reader takes: replaced whole, never changed."""

    stored: tuple[SegmentView, ...]
    live: tuple[SegmentView, ...]
    sequence: int

    @cached_property
    def view(self) -> View:
        return View((*self.stored, *self.live))


class Shard:
    """The documents of one run of partitions."""

    def __init__(self, config: ShardConfig, *, scorers: Scorers | None = None) -> None:
        self.config = config
        self._scorers = Scorers() if scorers is None else scorers
        self._storage = Storage(config)
        self._partitions = partitions_of_shard(config.shard, config.shards)
        self._writing = threading.Lock()
        self._state: _State | None = None
        self._sealed_sequence = 0
        self._statistics: TextStatistics | None = None

    def open(self) -> Self:
        """Read and verify what is on disk; until then every call raises ShardLoading.

        Raises
        ------
        ConfigError
            If another process writes the folder, or it belongs to another shard.
        CorruptIndex
            If a file is damaged: nothing is served. Remove the folder, and the shard is built
            again from the log.
        CorruptData
            If the text statistics are damaged.
        """
        if self.config.statistics is not None:
            self._statistics = load_latest(self.config.statistics)
        stored = self._storage.load()
        self._sealed_sequence = stored.sequence
        self._scorers.prepare(part.segment for part in stored.parts)
        self._state = _State(stored.parts, (), stored.sequence)
        return self

    def close(self) -> None:
        """Give the folder back without sealing; searches that run keep their view."""
        with self._writing:
            self._state = None
            self._storage.release()

    def __enter__(self) -> Self:
        return self if self._state is not None else self.open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def partitions(self) -> range:
        """The partitions that the shard holds."""
        return self._partitions

    @property
    def sequence(self) -> int:
        """Last log sequence applied."""
        return self._opened().sequence

    @property
    def view(self) -> View:
        """What a search would see now."""
        return self._opened().view

    def apply(self, entries: Sequence[Entry], *, through: int | None = None) -> None:
        """Apply log entries in order; those of other shards or applied before are passed over.

        What they say is searchable when this returns. Seals when enough has come together.

        Parameters
        ----------
        entries : sequence of Entry
            Ascending by sequence.
        through : int, optional
            The log holds nothing else for this shard up to this sequence.

        Raises
        ------
        CorruptData
            If an entry does not decode; nothing is applied.
        OutOfSpace
            If sealing failed for want of room; everything is applied, in memory.
        """
        with self._writing:
            state = self._opened()
            fresh = [entry for entry in entries if entry.sequence > state.sequence]
            last = max([state.sequence, through or 0, *(entry.sequence for entry in fresh)])
            changed = self._changes(state.view, fresh)
            if changed:
                state = _State(
                    tuple(without(part, changed) for part in state.stored),
                    with_batch(
                        [without(part, changed) for part in state.live],
                        [document for document in changed.values() if document is not None],
                        first_sequence=fresh[0].sequence,
                        last_sequence=last,
                    ),
                    last,
                )
            self._state = dataclasses.replace(state, sequence=last)
            waiting = sum(part.live_documents for part in state.live)
            if self.config.writable and waiting >= self.config.seal_documents:
                self._seal()

    def seal(self) -> None:
        """Write everything that is in memory to disk, with the place in the log.

        Raises
        ------
        ConfigError
            If the shard was opened read-only.
        OutOfSpace
            If the disk is full; what was sealed before stays, and searches go on from memory.
        """
        if not self.config.writable:
            raise ConfigError(f"index {self.config.directory} is open read-only; cannot seal")
        with self._writing:
            self._seal()

    def search(self, search: ShardSearch) -> ShardAnswer:
        """Return the best hits of ``search`` in the view of this moment.

        Raises
        ------
        BadRequest
            If the request cannot be served as it is.
        Unsupported
            If it holds an operator that is not served; names it.
        DeadlineSpent
            If the time was over before anything was found, or within a subtrahend.
        MissingModel
            If a scorer's model file is absent.
        ShardLoading
            If the shard is not open.
        """
        view = self._opened().view
        plan = self._plan(search)
        retrieved = retrieve(
            view,
            plan,
            order=search.order,
            limit=search.retrieve_limit,
            deadline=search.deadline,
            threads=self.config.threads,
        )
        return self._answer(search, plan, retrieved, view)

    def search_many(self, searches: Sequence[ShardSearch]) -> list[ShardAnswer | AlicornError]:
        """Return the answer of each search, or why there is none, all in one view.

        Searches for the best by concept score are retrieved together, in one kernel call for each
        retrieve limit; the earliest of their deadlines is then that of all.
        """
        view = self._opened().view
        found: dict[int, ShardAnswer | AlicornError] = {}
        together: dict[int, list[tuple[int, Plan]]] = {}
        for number, search in enumerate(searches):
            try:
                plan = self._plan(search)
            except AlicornError as error:
                found[number] = error
                continue
            plain = plan.soft is None and plan.extract is None and search.order is Order.CONCEPT
            if plain and search.retrieve_limit <= _MOST_TOGETHER:
                together.setdefault(search.retrieve_limit, []).append((number, plan))
            else:
                found[number] = self._alone(search)
        for limit, asked in together.items():
            deadline = min((searches[i].deadline for i, _ in asked), key=lambda d: d.at_s)
            plans = [plan for _, plan in asked]
            try:
                many = retrieve_many(view, plans, limit=limit, deadline=deadline)
            except AlicornError:  # of one of them, and no matter of the others
                found |= {number: self._alone(searches[number]) for number, _ in asked}
                continue
            for (number, plan), retrieved in zip(asked, many, strict=True):
                search = searches[number]
                if retrieved is None:
                    found[number] = DeadlineSpent(
                        "the time was over before this search: allow more"
                    )
                    continue
                try:
                    found[number] = self._answer(search, plan, retrieved, view)
                except AlicornError as error:
                    found[number] = error
        return [found[number] for number in range(len(searches))]

    def _alone(self, search: ShardSearch) -> ShardAnswer | AlicornError:
        """Return the answer of one search, or why there is none."""
        try:
            return self.search(search)
        except AlicornError as error:
            return error

    def _plan(self, search: ShardSearch) -> Plan:
        modelled = self._scorers.needs_features(search.scorers)
        plan = plan_of(search.expression, search.id_arrays)
        if plan.extract is not None and (modelled or search.with_features or search.with_columns):
            raise BadRequest(
                "extract gives ids, which have no features or columns: ask for the scorer concept"
            )
        return plan

    def _answer(
        self, search: ShardSearch, plan: Plan, retrieved: Retrieved, view: View
    ) -> ShardAnswer:
        """Score what was retrieved and keep the best."""
        candidates = retrieved.candidates
        features = CandidateFeatures(
            retrieved, plan, ranking=search.ranking, statistics=self._statistics
        )
        scores = self._scorers.score(search.scorers, candidates.concept_scores, features)
        best = best_of_each(scores, candidates.sort_keys, candidates.ids, search.limit)
        hits = Hits(
            ids=candidates.ids[best],
            sort_keys=candidates.sort_keys[best],
            scores=scores[:, best],
            score_unit=self._scorers.unit(search.scorers),
            concept_scores=candidates.concept_scores[best],
            features=features.rows[best] if search.with_features else None,
            columns=_columns(retrieved, best) if search.with_columns else None,
        )
        return ShardAnswer(
            hits=hits,
            matched=retrieved.matched,
            exact=retrieved.exact,
            cuts=retrieved.cuts,
            unmet_shares=retrieved.unmet_shares,
            documents=view.documents,
        )

    def fetch(self, ids: Iterable[int]) -> list[PhotoDocument]:
        """Return the live documents among ``ids``, in that order; the others are left out."""
        return [decode(data) for data in self.fetch_encoded(ids).values()]

    def fetch_encoded(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return `alicorn.documents.codec` bytes by id, in the order of ``ids``."""
        view = self._opened().view
        found = {document_id: view.find(document_id) for document_id in ids}
        return {
            document_id: place[0].segment.encoded_document(place[1])
            for document_id, place in found.items()
            if place is not None
        }

    def status(self) -> ShardStatus:
        """Return what the shard holds now."""
        state = self._opened()
        segments = state.view.segments
        return ShardStatus(
            shard=self.config.shard,
            shards=self.config.shards,
            documents=state.view.documents,
            segments=len(segments),
            sequence=state.sequence,
            bytes_by_part={
                name: sum(part.segment.bytes_by_part[name] for part in segments) for name in PARTS
            },
        )

    def _opened(self) -> _State:
        if self._state is None:
            raise ShardLoading(f"shard {self.config.shard} of {self.config.shards} is not open yet")
        return self._state

    def _changes(self, view: View, entries: Sequence[Entry]) -> dict[int, PhotoDocument | None]:
        """Return what becomes of each photo that ``entries`` change; None is deleted."""
        changed: dict[int, PhotoDocument | None] = {}
        for entry in entries:
            if entry.partition not in self._partitions:
                continue
            match entry.write():
                case PutDocument(document=document):
                    changed[document.id] = document
                case DeleteDocument(id=document_id):
                    changed[document_id] = None
                case SetAudience(id=document_id, audience=audience):
                    now = (
                        changed[document_id]
                        if document_id in changed
                        else _document(view, document_id)
                    )
                    if now is not None:
                        changed[document_id] = dataclasses.replace(now, audience=audience)
                case _:
                    continue  # people and friendships are no photos
        return changed

    def _seal(self) -> None:
        state = self._opened()
        if state.sequence == self._sealed_sequence:
            return
        stored = self._storage.seal(state.stored, state.live, state.sequence)
        self._sealed_sequence = stored.sequence
        self._scorers.prepare(part.segment for part in stored.parts)
        self._state = _State(stored.parts, (), stored.sequence)


def _document(view: View, document_id: int) -> PhotoDocument | None:
    place = view.find(document_id)
    return None if place is None else place[0].segment.document(place[1])


def _columns(retrieved: Retrieved, positions: npt.NDArray[np.intp]) -> HitColumns:
    """Gather the second stage's columns of the candidates at ``positions``."""
    segments = retrieved.candidates.segments[positions]
    locals_ = retrieved.candidates.locals[positions]

    def gathered(name: str, empty: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        out = np.empty((positions.size, *empty.shape[1:]), dtype=empty.dtype)
        for number, bound in enumerate(retrieved.bounds):
            here = segments == number
            out[here] = bound.part.segment.columns[name][locals_[here]]
        return out

    return HitColumns.empty().map(gathered)
