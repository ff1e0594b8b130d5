"""Files that others see whole or not at all.

Written beside their place and renamed over it: a reader finds the old file or the new one, and a
full disk leaves the old one. With ``durable`` bytes and name are on disk when the call returns,
also after a loss of power; that costs milliseconds, and is for what others rely on.
"""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from alicorn.errors import OutOfSpace

__all__ = ["HALF_SUFFIX", "is_full", "write_whole"]

HALF_SUFFIX: Final = ".new"
"""End of the name of a file that is being written; left over only where a process was killed."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def is_full(error: OSError) -> bool:
    """Whether ``error`` says that the disk, or one's share of it, has no room left."""
    return error.errno in _FULL


def write_whole(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Replace ``path`` by ``data``; several processes and threads may do so at once.

    Raises
    ------
    OutOfSpace
        If the disk is full; ``path`` is as it was.
    OSError
        If it cannot be written for another reason; ``path`` is as it was.
    """
    writer = f"{os.getpid()}-{threading.get_ident()}"
    half = path.with_name(f".{path.name}.{writer}{HALF_SUFFIX}")
    try:
        with half.open("wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        half.replace(path)
        if durable:
            _sync_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):
            half.unlink()
        if isinstance(error, OSError) and is_full(error):
            raise OutOfSpace(
                f"no room for {path.name}: needed {len(data)} bytes in {path.parent}"
            ) from error
        raise


def _sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
