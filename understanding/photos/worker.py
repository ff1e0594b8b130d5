"""The worker process: decodes and understands photos, and may die of one.

Pictures are hostile input for a dozen decoders in C, so they are decoded here and nowhere else:
with a limit on memory, at low priority, watched by `process`. Run as ``python -m
understanding.photos.worker SETUP`` (JSON, `messages.WorkerSetup`); requests come on stdin, answers
go to stdout (`messages`), and whatever a library prints goes to stderr. The end of stdin ends it.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import msgspec

from alicorn.errors import AlicornError, ConfigError
from alicorn.telemetry.logging import configure_logging
from understanding.photos.messages import (
    HEADER,
    Began,
    FromWorker,
    Ready,
    Refused,
    WorkerSetup,
    answer_of,
    frame,
    parse_request,
)
from understanding.photos.outcome import Item, Outcome

__all__ = ["main", "serve"]

_USAGE_STATUS: Final = 2


class Engine(Protocol):
    """What the worker runs (`engine.PhotoEngine`)."""

    def understand(self, items: list[Item], began: Callable[[int], None]) -> list[Outcome]:
        """Understand ``items``, calling ``began`` before each step."""


def main(arguments: list[str]) -> int:
    """Set the process's limits, load the engine and serve; return the exit status."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m understanding.photos.worker SETUP\n")
        return _USAGE_STATUS
    setup = msgspec.json.decode(arguments[0], type=WorkerSetup)
    requests, answers = _private_pipes()
    # Ctrl-C reaches every process of the terminal; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _confine(setup)
    configure_logging(level="warning")
    try:
        engine = _engine(setup)
    except AlicornError as error:
        _send(answers, Refused(type(error).__name__, str(error)))
        return 1
    except MemoryError:
        _send(answers, Refused("ConfigError", f"{setup.memory_bytes} bytes hold no engine"))
        return 1
    _send(answers, Ready())
    serve(engine, requests, answers, watchdog_s=setup.watchdog_s)
    return 0


def serve(engine: Engine, requests: BinaryIO, answers: BinaryIO, *, watchdog_s: float) -> None:
    """Answer requests until their end; ``watchdog_s`` bounds every step, 0 for no bound."""

    def began(at: int) -> None:
        # The default action of SIGALRM ends the process, inside a decoder's loop too. Without
        # it, a worker whose parent died would hang on a hostile photo for ever.
        signal.setitimer(signal.ITIMER_REAL, watchdog_s)
        _send(answers, Began(at))

    while header := requests.read(HEADER.size):
        if len(header) < HEADER.size:
            return
        (length,) = HEADER.unpack(header)
        request = parse_request(requests.read(length))
        outcomes = engine.understand(request.items, began)
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        _send(answers, answer_of(outcomes))


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for the messages; what others print goes to stderr."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _confine(setup: WorkerSetup) -> None:
    """Limit memory and priority.

    RLIMIT_DATA, not RLIMIT_AS: the runtime maps far more addresses than it uses. Linux counts
    private writable memory against it; elsewhere only the limits on pictures hold.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = setup.memory_bytes
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    # A dead worker leaves no core file of somebody's photos.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        os.nice(setup.niceness)


def _engine(setup: WorkerSetup) -> Engine:
    """Call the function that makes the engine."""
    module, _, name = setup.engine.partition(":")
    try:
        make = importlib.import_module(module)
        for part in name.split("."):
            make = getattr(make, part)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"engine {setup.engine!r} cannot be imported: {error}") from error
    engine: Engine = make(  # type: ignore[operator]
        setup.threads,
        cache_dir=None if setup.cache_dir is None else Path(setup.cache_dir),
        limits=setup.limits,
        model=setup.model,
    )
    return engine


def _send(answers: BinaryIO, message: FromWorker) -> None:
    answers.write(frame(message))
    answers.flush()


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main(sys.argv[1:]))
