"""The parent's side of the worker: starts it, watches it, replaces it.

A photo may cost its worker's life: too much memory, too much time, a decoder that crashes. Then a
new worker is started; the photo that the dead one was busy with is tried once more alone, the
others of its batch together. Dead twice, the photo is `Failed` with the reason, and the next one
has its turn.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import structlog

import alicorn.errors
from alicorn.errors import AlicornError, ConfigError, TryElsewhere
from understanding.photos.child import Child, WorkerConfig, WorkerDied
from understanding.photos.messages import Answer, Began, Refused, Request, outcomes_of
from understanding.photos.outcome import Failed, FailureKind, Item, Outcome

__all__ = ["Worker", "WorkerConfig", "WorkerPool"]

_log = structlog.get_logger(__name__)

# Deaths in a row for which no single photo is to blame, before the fault is sought elsewhere.
_BLAMELESS_DEATHS: Final = 4

_CLOSED: Final = "the worker was closed"


@dataclass(slots=True)
class _Try:
    """One attempt at a batch."""

    outcomes: list[Outcome] | None = None
    at: int | None = None
    """Position of the photo that the worker was busy with; None when none is to blame."""
    reason: str = ""


class Worker:
    """One worker process, started at its first use and after every death.

    `understand` may be called from several threads; they take turns.
    """

    def __init__(self, config: WorkerConfig | None = None) -> None:
        self._config = config or WorkerConfig()
        self._child: Child | None = None
        self._turn = threading.Lock()
        self._closed = threading.Event()
        self._blameless = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the running worker; None when none runs."""
        child = self._child
        return None if child is None else child.pid

    def start(self) -> None:
        """Start the process now, so that a missing model is known before the first photo.

        Raises
        ------
        MissingModel, ConfigError, CorruptData
            If the engine cannot be loaded.
        TryElsewhere
            If the worker was closed.
        """
        try:
            with self._turn:
                self._started()
        except WorkerDied as death:
            raise TryElsewhere(str(death)) from death

    def understand(self, items: Sequence[Item]) -> list[Outcome]:
        """Understand ``items``; one outcome each, in their order.

        Raises
        ------
        MissingModel, ConfigError, CorruptData
            If the engine cannot be loaded.
        TryElsewhere
            If workers keep dying and no single photo is to blame.
        """
        outcomes: dict[int, Outcome] = {}
        deaths: dict[int, int] = {}
        waiting = deque([list(range(len(items)))] if items else [])
        with self._turn:
            while waiting:
                batch = waiting.popleft()
                tried = self._try([items[n] for n in batch])
                if tried.outcomes is not None:
                    outcomes.update(zip(batch, tried.outcomes, strict=True))
                    continue
                suspects = batch if tried.at is None else [batch[tried.at]]
                for n in suspects:
                    deaths[n] = deaths.get(n, 0) + 1
                if self._closed.is_set():
                    closed = FailureKind.UNAVAILABLE
                    for n in (*batch, *(n for later in waiting for n in later)):
                        outcomes[n] = Failed(items[n].uri, closed, _CLOSED)
                    break
                if len(batch) == 1 and deaths[batch[0]] > 1:
                    uri = items[batch[0]].uri
                    outcomes[batch[0]] = Failed(uri, FailureKind.TOO_COSTLY, tried.reason)
                    _log.warning("photo skipped", uri=uri, reason=tried.reason)
                    continue
                # Suspects alone; whoever stood beside them together, after them.
                waiting.extend([n] for n in suspects)
                if others := [n for n in batch if n not in suspects]:
                    waiting.append(others)
        return [outcomes[n] for n in range(len(items))]

    def close(self) -> None:
        """End the process; a photo in work is given up."""
        self._closed.set()
        if (child := self._child) is not None:
            child.kill()
        # Whoever waits for an answer sees the pipe end, and gives the turn back.
        with self._turn:
            self._end()

    def _try(self, items: list[Item]) -> _Try:
        """Give ``items`` to the worker once."""
        tried = _Try()
        allowed_s = self._config.photo_timeout_s
        try:
            child = self._started()
            child.send(Request(items))
            while True:
                message = child.read(allowed_s)
                if isinstance(message, Began):
                    classifying = message.at >= len(items)
                    tried.at = None if classifying else message.at
                    allowed_s = self._config.photo_timeout_s * (len(items) if classifying else 1)
                elif isinstance(message, Answer) and len(message.outcomes) == len(items):
                    tried.outcomes = outcomes_of(message)
                    self._blameless = 0
                    return tried
                else:
                    raise WorkerDied("answered something else")
        except WorkerDied as death:
            tried.reason = str(death)
            self._end()
            _log.warning(
                "worker died",
                reason=tried.reason,
                uri=None if tried.at is None else items[tried.at].uri,
            )
            self._blame(tried)
            return tried

    def _blame(self, tried: _Try) -> None:
        """Give up where workers die one after the other for no photo's sake."""
        self._blameless = 0 if tried.at is not None else self._blameless + 1
        if self._blameless >= _BLAMELESS_DEATHS and not self._closed.is_set():
            self._blameless = 0
            raise TryElsewhere(
                f"the understanding worker died {_BLAMELESS_DEATHS} times in a row: {tried.reason}"
            )

    def _started(self) -> Child:
        """Return the running process, starting one where there is none."""
        if self._closed.is_set():
            raise WorkerDied(_CLOSED)
        if self._child is not None and self._child.alive:
            return self._child
        self._end()
        child = self._child = Child(self._config)
        # Closed meanwhile, by a thread that could not see this process yet.
        if self._closed.is_set():
            child.kill()
        try:
            message = child.read(self._config.start_timeout_s)
        except WorkerDied as death:
            self._end()
            if self._closed.is_set():
                raise WorkerDied(_CLOSED) from death
            raise ConfigError(
                f"the understanding worker did not start: {death}; it had "
                f"{self._config.memory_bytes} bytes of memory and {self._config.start_timeout_s} s"
            ) from death
        if isinstance(message, Refused):
            self._end()
            kind = getattr(alicorn.errors, message.error, AlicornError)
            if not (isinstance(kind, type) and issubclass(kind, AlicornError)):
                kind = AlicornError
            raise kind(message.message)
        return child

    def _end(self) -> None:
        """End the process, if there is one."""
        if self._child is not None:
            self._child.end()
            self._child = None


class WorkerPool:
    """Several workers that share each batch; the same interface as one `Worker`."""

    def __init__(self, config: WorkerConfig | None = None, *, workers: int = 1) -> None:
        if workers < 1:
            raise ConfigError(f"workers must be at least 1, got {workers}")
        self._workers = [Worker(config) for _ in range(workers)]
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="photo-worker")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def understand(self, items: Sequence[Item]) -> list[Outcome]:
        """Understand ``items``, every worker a run of them; as `Worker.understand`."""
        share = -(-len(items) // len(self._workers)) if items else 1
        runs = [items[at : at + share] for at in range(0, len(items), share)]
        try:
            parts = [
                self._threads.submit(worker.understand, run)
                for worker, run in zip(self._workers, runs, strict=False)
            ]
        # What an executor raises once it is shut down.
        except RuntimeError:
            return [Failed(item.uri, FailureKind.UNAVAILABLE, _CLOSED) for item in items]
        return [outcome for part in parts for outcome in part.result()]

    def close(self) -> None:
        """End every process."""
        for worker in self._workers:
            worker.close()
        self._threads.shutdown()
