"""Making a mapped file cold: its pages leave this process and the kernel's cache.

Linux keeps a page as long as a process maps it, so the mapping's pages are given back first
(``MADV_DONTNEED``; a read-only mapping loses nothing by it), then the file's (``FADV_DONTNEED``).
A file in memory (tmpfs) cannot be made cold.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Final

__all__ = ["bytes_from_disk", "make_cold"]

_MADV_DONTNEED: Final = 4


def make_cold(path: Path) -> None:
    """Drop every page of ``path`` that nobody else maps."""
    libc = ctypes.CDLL(None, use_errno=True)
    wanted = str(path.resolve())
    for line in Path("/proc/self/maps").read_text("utf-8").splitlines():
        span, *_, name = line.split(maxsplit=5)
        if name == wanted:
            start, end = (int(address, 16) for address in span.split("-"))
            libc.madvise(
                ctypes.c_void_p(start), ctypes.c_size_t(end - start), ctypes.c_int(_MADV_DONTNEED)
            )
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)  # pages that are not yet written would stay
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


def bytes_from_disk() -> int:
    """Return the bytes that this process has made the disk read so far."""
    for line in Path("/proc/self/io").read_text("utf-8").splitlines():
        name, _, value = line.partition(":")
        if name == "read_bytes":
            return int(value)
    return 0
