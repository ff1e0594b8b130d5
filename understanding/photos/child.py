"""One worker process and its two pipes: started, written to, read with a time limit, ended.

`Child` knows how a process lives and dies; what its death means for photos is for `process`.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

import alicorn.errors
from alicorn.errors import ConfigError, CorruptData
from understanding.photos.limits import Limits
from understanding.photos.messages import (
    HEADER,
    MAX_FRAME_BYTES,
    FromWorker,
    ModelChoice,
    Request,
    WorkerSetup,
    frame,
    parse_from_worker,
)

__all__ = ["Child", "WorkerConfig", "WorkerDied"]

# From the end of its pipe to the end of a process.
_ENDING_S: Final = 2.0


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
    """``module:callable`` that makes the engine from threads, cache_dir, limits and model."""
    model: ModelChoice | None = None
    """A classifier of one's own; None is the one that ships."""

    def __post_init__(self) -> None:
        for name in ("threads", "memory_bytes", "photo_timeout_s", "start_timeout_s"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} must be positive, got {getattr(self, name)}")
        if not 0 <= self.niceness <= 19:
            raise ConfigError(f"niceness must be in 0..19, got {self.niceness}")


class WorkerDied(Exception):
    """The worker ended, or does not answer in time; the message says how."""


class Child:
    """A started worker process.

    Every method but `kill` is for the thread that started it.
    """

    def __init__(self, config: WorkerConfig) -> None:
        setup = WorkerSetup(
            engine=config.engine,
            threads=config.threads,
            cache_dir=None if config.cache_dir is None else str(config.cache_dir),
            limits=config.limits,
            memory_bytes=config.memory_bytes,
            niceness=config.niceness,
            watchdog_s=2 * config.photo_timeout_s,
            model=config.model,
        )
        self._process = subprocess.Popen(
            # -P: the folder where Alicorn was started may hold files that look like modules.
            [sys.executable, "-P", "-m", "understanding.photos.worker", _json(setup)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(config.threads),
        )

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def send(self, request: Request) -> None:
        """Write a request; `WorkerDied` when nobody reads it."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(frame(request))
            self._process.stdin.flush()
        except OSError as error:
            raise WorkerDied("ended between two photos") from error

    def read(self, timeout_s: float) -> FromWorker:
        """Read one message; `WorkerDied` at the end of the pipe and after ``timeout_s``."""
        deadline = time.monotonic() + timeout_s
        try:
            (length,) = HEADER.unpack(self._read_exactly(HEADER.size, deadline))
            if length > MAX_FRAME_BYTES:
                raise WorkerDied(f"wrote a message of {length} bytes")
            return parse_from_worker(self._read_exactly(length, deadline))
        except TimeoutError as error:
            raise WorkerDied(f"took longer than {timeout_s:g} s") from error
        except CorruptData as error:
            raise WorkerDied(str(error)) from error

    def kill(self) -> None:
        """Kill the process; from any thread. Whoever reads sees its pipe end."""
        self._process.kill()

    def end(self) -> None:
        """Kill and reap the process and close its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            # What was not yet written to a dead worker is lost on purpose.
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _read_exactly(self, count: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        parts: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while count > 0:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                part = os.read(descriptor, min(count, 1 << 20))
                if not part:
                    raise WorkerDied(self._how_it_ended())
                parts.append(part)
                count -= len(part)
        return b"".join(parts)

    def _how_it_ended(self) -> str:
        """Say how a process that closed its pipe ended."""
        try:
            status = self._process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            return "closed its pipe"
        if status < 0:
            try:
                name = signal.Signals(-status).name
            except ValueError:
                name = str(-status)
            return f"ended the worker: killed by {name}"
        return f"ended the worker: exit status {status}"


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
