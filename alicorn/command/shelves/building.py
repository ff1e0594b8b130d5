"""The synthetic world, made in a process of its own, so that searches stay quick meanwhile.

The child says how far it is on its standard output, a JSON document a line; any other line is what
it has to complain of, and the last one is the reason when it fails. It ends with its parent.

    python -m alicorn.command.shelves.building DIR PEOPLE PHOTOS SEED
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from alicorn.command.library import Progress
from alicorn.command.parent import child_environment, follow_parent
from alicorn.errors import AlicornError, TryElsewhere

__all__ = ["WorldBuilding", "main"]

_POLITE: Final = 10
"""Niceness of the child: who searches meanwhile comes first."""

_STOP_S: Final = 5.0


class WorldBuilding:
    """One attempt at making a world, or at checking that it is there.

    Parameters
    ----------
    path : Path
        Folder of its library.
    people, photos, seed : int
    done : callable
        Called once from a thread, with the reason if it failed, when the child has ended by itself.
    """

    def __init__(
        self,
        path: Path,
        *,
        people: int,
        photos: int,
        seed: int,
        done: Callable[[AlicornError | None], None],
    ) -> None:
        module = "alicorn.command.shelves.building"
        command = [sys.executable, "-P", "-m", module, path, people, photos, seed]
        self._photos = photos
        self._done = done
        self._progress = Progress(found=photos, running=True)
        self._complaint = ""
        self._stopped = False
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._child = subprocess.Popen(
            [str(part) for part in command],
            env={**child_environment(), "PYTHONIOENCODING": "utf-8:replace"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            # A Ctrl-C at the terminal is for the parent, who stops the child in order.
            start_new_session=True,
        )
        self._thread = threading.Thread(target=self._follow, name="world", daemon=True)
        self._thread.start()

    @property
    def progress(self) -> Progress:
        """How far it is, of how many photos."""
        return self._progress

    @property
    def percent(self) -> int:
        """How far it is, in [0, 100]."""
        found = self._progress.found or self._photos
        return min(100, 100 * self._progress.done // max(1, found))

    def stop(self) -> None:
        """Give up; what was half made is for the next attempt to clear away."""
        self._stopped = True
        self._child.terminate()
        try:
            self._child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            # With the processes that it has itself: they are of its group.
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
        self._thread.join()

    def _follow(self) -> None:
        assert self._child.stdout is not None  # it is a pipe
        with self._child.stdout as told:
            for line in told:
                try:
                    self._progress = msgspec.json.decode(line, type=Progress)
                except msgspec.DecodeError:
                    self._complaint = line.strip() or self._complaint
        status = self._child.wait()
        if self._stopped:
            return
        reason = self._complaint or f"the process that makes it ended with status {status}"
        self._done(None if status == 0 else TryElsewhere(reason))


def main(arguments: list[str]) -> int:
    """Make a world as the child; return the exit status."""
    # As by Ctrl-C: the processes that make the world are ended before this one.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    follow_parent()
    with contextlib.suppress(OSError):
        os.nice(_POLITE)
    path, people, photos, seed = arguments
    # Here, so that a parent that only starts the child pays for none of it.
    from alicorn.command.world import build_world  # noqa: PLC0415

    try:
        build_world(Path(path), people=int(people), photos=int(photos), seed=int(seed), tell=_tell)
    except (AlicornError, OSError) as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _tell(progress: Progress) -> None:
    _say(msgspec.json.encode(progress).decode())


def _say(line: str) -> None:
    sys.stdout.write(line.replace("\n", " ") + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
