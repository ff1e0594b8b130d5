"""Understanding behind a serving process: once when it starts, and again when more has come.

A run finds what the folder held when it began, so whoever puts a photo there asks for another run
(`BackgroundIndexing.again`); many that ask at once get one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from alicorn.command.indexing import bring_up_to_date, progress_of
from alicorn.command.library import Library, Progress
from alicorn.errors import AlicornError, OutOfSpace
from alicorn.log import UpdateLog
from alicorn.telemetry import Metrics

__all__ = ["BackgroundIndexing"]

_log = structlog.get_logger(__name__)

_SETTLE_S: Final = 0.3
"""How long more is waited for before another run: files that are dropped together come together."""


class BackgroundIndexing:
    """`bring_up_to_date` in a thread, beside a serving process.

    Parameters
    ----------
    library, log
        What to fill.
    tell : callable
        Called from the thread with every step of progress.
    metrics : Metrics, optional
        Where photos are counted.

    Attributes
    ----------
    error : AlicornError or None
        Why the last run failed; None when it did not.
    """

    def __init__(
        self,
        library: Library,
        log: UpdateLog,
        *,
        tell: Callable[[Progress], None],
        metrics: Metrics | None = None,
    ) -> None:
        self._library = library
        self._log = log
        self._tell = tell
        self._metrics = metrics
        self._stop = threading.Event()
        self._turn = threading.Condition()
        self._asked = 1
        """Runs that were asked for; the first when it is made."""
        self._done = 0
        """Of these, how many have had their run."""
        self._last = Progress()
        self._thread = threading.Thread(target=self._follow, name="indexing", daemon=True)
        self.error: AlicornError | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def again(self) -> None:
        """Look at the folder once more, for something was put there; returns at once."""
        with self._turn:
            self._asked += 1
            self._turn.notify_all()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End after the batch in work; what was understood is kept."""
        self._stop.set()
        with self._turn:
            self._turn.notify_all()
        self._thread.join(timeout_s)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Return whether every run that was asked for has ended, waiting at most ``timeout_s``."""
        with self._turn:
            return self._turn.wait_for(lambda: self._done == self._asked, timeout_s)

    def _follow(self) -> None:
        while True:
            with self._turn:
                # Taken before the run: what comes while it is at work has asked for another.
                taken = self._asked
            self._run()
            with self._turn:
                self._done = taken
                self._turn.notify_all()
                self._turn.wait_for(lambda: self._stop.is_set() or self._done < self._asked)
            if self._stop.wait(_SETTLE_S):
                return

    def _run(self) -> None:
        try:
            report = bring_up_to_date(
                self._library,
                self._log,
                # One core is left for searches.
                workers=max(1, (os.cpu_count() or 2) - 1),
                tell=self._told,
                stop=self._stop,
                metrics=self._metrics,
            )
        except OSError as error:
            self._ended(OutOfSpace(f"cannot write the library: {error.strerror or error}"))
        except AlicornError as error:
            self._ended(error)
        else:
            self.error = None
            self._told(progress_of(report.progress, running=False))

    def _ended(self, error: AlicornError) -> None:
        self.error = error
        _log.error("understanding stopped", reason=str(error))
        message = f"understanding stopped: {error}"
        self._told(msgspec.structs.replace(self._last, running=False, message=message))

    def _told(self, progress: Progress) -> None:
        self._last = progress
        self._library.write_progress(progress)
        self._tell(progress)
