"""Files that somebody dropped on the page, taken into a folder of their own.

    dropped/photos/      what was dropped, below cleaned names
    dropped/incoming/    what is being written: moved when it is whole, else removed
    dropped/library/     the library of the photos

A file is written whole and checked before it gets its name, so the folder only ever holds whole
pictures. The same content under the same name is one file; another content gets a number.
"""

from __future__ import annotations

import errno
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Final

from alicorn.command.shelves.kinds import HEAD_BYTES, begins_like_a_picture
from alicorn.command.shelves.naming import kept_name, numbered
from alicorn.errors import BadRequest, ConfigError, OutOfSpace
from alicorn.files import HALF_SUFFIX, is_full
from understanding.photos.limits import Limits

__all__ = ["DroppedFiles"]

_STALE_S: Final = 24 * 3_600
"""A file that has been incoming for so long belongs to a process that was killed."""

_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""File systems without hard links say one of these."""


class DroppedFiles:
    """The folder of dropped photos. Safe for threads.

    Parameters
    ----------
    folder : Path
        Made when the first file comes.
    most_bytes : int
        Size of the largest file that is taken; larger ones would not be understood.
    """

    def __init__(self, folder: Path, *, most_bytes: int = Limits().max_file_bytes) -> None:
        self.most_bytes = most_bytes
        self._folder = folder
        self._placing = threading.Lock()

    @property
    def photos(self) -> Path:
        """Where they are kept."""
        return self._folder / "photos"

    @property
    def library(self) -> Path:
        """Where their library is kept."""
        return self._folder / "library"

    def take(self, name: str, chunks: Iterator[bytes]) -> bool:
        """Keep one file; return whether it is new.

        Parameters
        ----------
        name : str
            As the browser says it; never trusted (`naming.kept_name`).
        chunks : iterator of bytes
            Its content.

        Raises
        ------
        BadRequest
            If it is no picture of a kind that can be understood, too large, or empty.
        OutOfSpace
            If the disk is full.
        ConfigError
            If the folder cannot be written. Nothing is kept of the file in any of these cases.
        """
        path = kept_name(name)
        with self._told(), self._incoming() as half:
            digest = self._write(half, chunks)
            with self._placing:
                return self._place(half, digest, path)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the system's errors into ours."""
        try:
            yield
        except OSError as error:
            told = f"cannot keep it in {self.photos}: {error.strerror}"
            if is_full(error):
                raise OutOfSpace(f"{told}; make some room, and drop it again") from None
            raise ConfigError(f"{told}; needed a folder that can be written") from None

    @contextmanager
    def _incoming(self) -> Iterator[Path]:
        """Give the name of a new file, which is gone at the end whatever happens."""
        incoming = self._folder / "incoming"
        for folder in (self._folder, incoming):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in incoming.glob(f"*{HALF_SUFFIX}"):
            with suppress(OSError):
                if left.stat().st_mtime < time.time() - _STALE_S:
                    left.unlink()
        handle, half = tempfile.mkstemp(suffix=HALF_SUFFIX, dir=incoming)
        os.close(handle)
        try:
            yield Path(half)
        finally:
            Path(half).unlink(missing_ok=True)

    def _write(self, half: Path, chunks: Iterator[bytes]) -> bytes:
        """Write the content while it looks like a picture; return its hash."""
        digest, size, head = blake2b(), 0, b""
        with half.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > self.most_bytes:
                    raise BadRequest(
                        f"found more than {self.most_bytes} bytes, needed at most so many"
                    )
                if len(head) < HEAD_BYTES:
                    head += chunk[: HEAD_BYTES - len(head)]
                    if len(head) == HEAD_BYTES:
                        _check(head)
                digest.update(chunk)
                file.write(chunk)
            if not size:
                raise BadRequest("found an empty file, needed a picture")
            _check(head)
            file.flush()
            os.fsync(file.fileno())
        return digest.digest()

    def _place(self, half: Path, digest: bytes, path: PurePosixPath) -> bool:
        """Give the file its name, or one with a number; False where it is there already."""
        folder = self.photos
        # Not before: a folder that is there is offered as a shelf.
        folder.mkdir(mode=0o700, exist_ok=True)
        for part in path.parts[:-1]:
            folder = _folder_in(folder, PurePosixPath(part))
        for number in count(1):
            target = folder / numbered(PurePosixPath(path.name), number)
            if _is_taken(target):
                if _holds(target, digest, half.stat().st_size):
                    return False
                continue
            try:
                # Unlike a rename, it replaces nothing that another process has put there meanwhile.
                os.link(half, target)
            except FileExistsError:
                continue
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                half.replace(target)
            return True
        raise AssertionError  # count has no end


def _check(head: bytes) -> None:
    if not begins_like_a_picture(head):
        raise BadRequest("found a file that does not begin like a picture, needed a photo")


def _folder_in(parent: Path, name: PurePosixPath) -> Path:
    """Return the folder ``name`` in ``parent``, with a number where a file has that name."""
    for number in count(1):
        folder = parent / numbered(name, number)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            if not folder.is_dir():
                continue
        return folder
    raise AssertionError  # count has no end


def _is_taken(path: Path) -> bool:
    """Whether something has the name, a link that leads nowhere included."""
    return os.path.lexists(path)


def _holds(path: Path, digest: bytes, size: int) -> bool:
    """Whether ``path`` is a file of this content."""
    if not path.is_file() or path.stat().st_size != size:
        return False
    found = blake2b()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            found.update(part)
    return found.digest() == digest
