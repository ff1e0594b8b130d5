"""Files that are either the old one or the new one, whatever happens in between.

Written beside their place, synced, renamed over it, and the folder synced: a crash at any moment
leaves a whole file.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

from alicorn.errors import OutOfSpace

__all__ = ["write_durably"]

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def write_durably(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``; on disk when this returns.

    Raises
    ------
    OutOfSpace
        If the disk is full; ``path`` is as it was.
    """
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        if error.errno in _FULL:
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
