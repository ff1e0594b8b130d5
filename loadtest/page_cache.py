"""Making a mapped file cold: its pages leave this process and the kernel's cache.

Linux keeps a page as long as a process maps it, so the mapping's pages are given back first
(``MADV_DONTNEED``; a read-only mapping loses nothing by it), then the file's (``FADV_DONTNEED``).
A file in memory (tmpfs) cannot be made cold.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from pathlib import Path
from typing import Final

__all__ = ["bytes_from_disk", "make_cold"]

_MADV_DONTNEED: Final = 4


def make_cold(path: Path, part: slice | None = None) -> None:
    """Drop the pages of ``path`` that nobody else maps.

    Parameters
    ----------
    part : slice of bytes, optional
        Only whole pages within [start, stop); the whole file unless said.
    """
    first, end = 0, -(-path.stat().st_size // mmap.PAGESIZE) * mmap.PAGESIZE
    if part is not None:
        first = -(-part.start // mmap.PAGESIZE) * mmap.PAGESIZE
        end = part.stop // mmap.PAGESIZE * mmap.PAGESIZE
    if end <= first:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    wanted = str(path.resolve())
    for line in Path("/proc/self/maps").read_text("utf-8").splitlines():
        span, _, offset, *_, name = line.split(maxsplit=5)
        if name == wanted:
            low, high = (int(address, 16) for address in span.split("-"))
            base = low - int(offset, 16)
            start, stop = max(low, base + first), min(high, base + end)
            if start < stop:
                libc.madvise(
                    ctypes.c_void_p(start),
                    ctypes.c_size_t(stop - start),
                    ctypes.c_int(_MADV_DONTNEED),
                )
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)  # pages that are not yet written would stay
        os.posix_fadvise(handle, first, end - first, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


def bytes_from_disk() -> int:
    """Return the bytes that this process has made the disk read so far."""
    for line in Path("/proc/self/io").read_text("utf-8").splitlines():
        name, _, value = line.partition(":")
        if name == "read_bytes":
            return int(value)
    return 0
