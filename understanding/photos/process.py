"""The parent's side of the worker: starts it, watches it, replaces it.

A photo may cost its worker's life: too much memory, too much time, a decoder that crashes. Then a
new worker is started; the photo that the dead one was busy with is tried once more alone, the
others of its batch together. Dead twice, the photo is `Failed` with the reason, and the next one
has its turn.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec
import structlog

import alicorn.errors
from alicorn.errors import AlicornError, ConfigError, CorruptData, TryElsewhere
from understanding.photos.limits import Limits
from understanding.photos.messages import (
    HEADER,
    MAX_FRAME_BYTES,
    Answer,
    Began,
    FromWorker,
    Refused,
    Request,
    WorkerSetup,
    frame,
    outcomes_of,
    parse_from_worker,
)
from understanding.photos.outcome import Failed, FailureKind, Item, Outcome

__all__ = ["Worker", "WorkerConfig", "WorkerPool"]

_log = structlog.get_logger(__name__)

# Deaths in a row for which no single photo is to blame, before the fault is sought elsewhere.
_BLAMELESS_DEATHS: Final = 4

# From the end of its pipe to the end of a process.
_ENDING_S: Final = 2.0

_CLOSED: Final = "the worker was closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerConfig:
    """How worker processes run."""

    threads: int = 1
    """Cores for the classifier of each worker."""
    cache_dir: Path | None = None
    """Where prepared model files are kept; None is the default of `weights`."""
    limits: Limits = field(default_factory=Limits)
    """What a picture may cost."""
    memory_bytes: int = 3 * 1024**3
    """Private memory of one worker. The engine needs some 300 MB, the largest picture of the
    default limits up to another 900."""
    photo_timeout_s: float = 30.0
    """Longest time for one photo."""
    start_timeout_s: float = 120.0
    """Longest time until the engine is loaded; the first start prepares the model's files."""
    niceness: int = 5
    """Added to the priority number: searches go first."""
    engine: str = "understanding.photos.engine:PhotoEngine.load"
    """``module:callable`` that makes the engine from threads, cache_dir and limits."""

    def __post_init__(self) -> None:
        for name in ("threads", "memory_bytes", "photo_timeout_s", "start_timeout_s"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} must be positive, got {getattr(self, name)}")
        if not 0 <= self.niceness <= 19:
            raise ConfigError(f"niceness must be in 0..19, got {self.niceness}")


class _Died(Exception):
    """The worker ended, or was ended, while it should have answered."""


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
        self._process: subprocess.Popen[bytes] | None = None
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
        return None if self._process is None else self._process.pid

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
        except _Died as death:
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
        if (process := self._process) is not None:
            process.kill()
        # Whoever waits for an answer sees the pipe end, and gives the turn back.
        with self._turn:
            if self._process is not None:
                self._end(self._process)

    def _try(self, items: list[Item]) -> _Try:
        """Give ``items`` to the worker once."""
        tried = _Try()
        allowed_s = self._config.photo_timeout_s
        try:
            process = self._started()
            assert process.stdin is not None
            try:
                process.stdin.write(frame(Request(items)))
                process.stdin.flush()
            except OSError as error:
                raise _Died("ended between two photos") from error
            while True:
                message = self._read(process, allowed_s)
                if isinstance(message, Began):
                    classifying = message.at >= len(items)
                    tried.at = None if classifying else message.at
                    allowed_s = self._config.photo_timeout_s * (len(items) if classifying else 1)
                elif isinstance(message, Answer) and len(message.outcomes) == len(items):
                    tried.outcomes = outcomes_of(message)
                    self._blameless = 0
                    return tried
                else:
                    raise _Died("answered something else")
        except (_Died, CorruptData) as death:
            tried.reason = str(death)
            if self._process is not None:
                self._end(self._process)
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

    def _started(self) -> subprocess.Popen[bytes]:
        """Return the running process, starting one where there is none."""
        if self._closed.is_set():
            raise _Died(_CLOSED)
        if self._process is not None and self._process.poll() is None:
            return self._process
        if self._process is not None:
            self._end(self._process)
        config = self._config
        setup = WorkerSetup(
            engine=config.engine,
            threads=config.threads,
            cache_dir=None if config.cache_dir is None else str(config.cache_dir),
            limits=config.limits,
            memory_bytes=config.memory_bytes,
            niceness=config.niceness,
            watchdog_s=2 * config.photo_timeout_s,
        )
        process = subprocess.Popen(
            # -P: the folder where Alicorn was started may hold files that look like modules.
            [sys.executable, "-P", "-m", "understanding.photos.worker", _json(setup)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(config.threads),
        )
        self._process = process
        # Closed meanwhile, by a thread that could not see this process yet.
        if self._closed.is_set():
            process.kill()
        try:
            message = self._read(process, config.start_timeout_s)
        except (_Died, CorruptData) as death:
            self._end(process)
            if self._closed.is_set():
                raise _Died(_CLOSED) from death
            raise ConfigError(
                f"the understanding worker did not start: {death}; it had {config.memory_bytes} "
                f"bytes of memory and {config.start_timeout_s} s"
            ) from death
        if isinstance(message, Refused):
            self._end(process)
            kind = getattr(alicorn.errors, message.error, AlicornError)
            if not (isinstance(kind, type) and issubclass(kind, AlicornError)):
                kind = AlicornError
            raise kind(message.message)
        return process

    def _read(self, process: subprocess.Popen[bytes], timeout_s: float) -> FromWorker:
        """Read one message; raise `_Died` at the end of the pipe and after ``timeout_s``."""
        deadline = time.monotonic() + timeout_s
        (length,) = HEADER.unpack(self._read_exactly(process, HEADER.size, deadline, timeout_s))
        if length > MAX_FRAME_BYTES:
            raise _Died(f"wrote a message of {length} bytes")
        return parse_from_worker(self._read_exactly(process, length, deadline, timeout_s))

    def _read_exactly(
        self, process: subprocess.Popen[bytes], count: int, deadline: float, timeout_s: float
    ) -> bytes:
        assert process.stdout is not None
        descriptor = process.stdout.fileno()
        parts: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while count > 0:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise _Died(f"took longer than {timeout_s:g} s")
                part = os.read(descriptor, min(count, 1 << 20))
                if not part:
                    raise _Died(_how_it_ended(process))
                parts.append(part)
                count -= len(part)
        return b"".join(parts)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Kill and reap ``process`` and close its pipes."""
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                # What was not yet written to a dead worker is lost on purpose.
                try:
                    pipe.close()
                except OSError:
                    continue
        if self._process is process:
            self._process = None


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

    @property
    def workers(self) -> int:
        """How many processes there are."""
        return len(self._workers)

    def start(self) -> None:
        """Start every process now; errors as `Worker.start`."""
        for started in [self._threads.submit(worker.start) for worker in self._workers]:
            started.result()

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


def _json(setup: WorkerSetup) -> str:
    return msgspec.json.encode(setup).decode()


def _environment(threads: int) -> dict[str, str]:
    """Return the worker's environment: the same packages, and as many threads as it may use."""
    packages = str(Path(alicorn.errors.__file__).parents[1])
    path = [packages, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(part for part in path if part),
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
        "NUMBA_NUM_THREADS": str(threads),
    }


def _how_it_ended(process: subprocess.Popen[bytes]) -> str:
    """Say how a process that closed its pipe ended."""
    try:
        status = process.wait(_ENDING_S)
    except subprocess.TimeoutExpired:
        return "closed its pipe"
    if status < 0:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = str(-status)
        return f"ended the worker: killed by {name}"
    return f"ended the worker: exit status {status}"
