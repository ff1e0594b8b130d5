"""Tiers that end with whoever started them.

`up --processes` stops its tiers when it is stopped; when it is killed it cannot. So each tier looks
every second whether its parent is still the one that started it, and ends itself when it is not. A
tier that a cluster starts has no such parent and runs on.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Final

__all__ = ["child_environment", "end_with", "follow_parent"]

_VARIABLE: Final = "ALICORN_PARENT"
_LOOK_S: Final = 1.0


def child_environment() -> dict[str, str]:
    """Return the environment of a tier that shall end with this process."""
    return {**os.environ, _VARIABLE: str(os.getpid())}


def follow_parent() -> None:
    """End this process, as by SIGTERM, once the process that started it is gone."""
    parent = os.environ.get(_VARIABLE, "")
    if parent.isdigit():
        end_with(int(parent))


def end_with(parent: int) -> None:
    """End this process, as by SIGTERM, once its parent is another than ``parent``."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
