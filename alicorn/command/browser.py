"""Whether `alicorn up` opens the page in a browser by itself, and doing so."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser

__all__ = ["is_wanted", "open_page"]


def is_wanted(chosen: bool | None) -> bool:
    """Return whether a browser is opened: as chosen, else where somebody sits who would see it.

    Somebody sits there when the output goes to a terminal and there is a display. Without one a
    browser for the terminal would be started, and take it over.
    """
    if chosen is not None:
        return chosen
    shown = sys.platform in {"darwin", "win32"} or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    return shown and sys.stdout.isatty()


def open_page(address: str) -> None:
    """Open ``address``; in a thread, for some browsers only return when they are closed."""
    threading.Thread(target=webbrowser.open, args=(address,), name="browser", daemon=True).start()
