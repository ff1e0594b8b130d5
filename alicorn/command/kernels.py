"""Compiled kernels that no longer fit their sources are forgotten.

Numba keeps a compiled kernel beside its source and compiles it again when that file changes. But a
kernel holds what it calls from other files, too, and their changes go unseen: after an update a
search could run half old, half new code. So the sources of all kernels are one thing here, and when
one changes, every compiled kernel is removed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from alicorn.files import write_whole

__all__ = ["forget_stale_kernels"]

_PACKAGES: Final = ("alicorn", "understanding", "indexserver", "ranker", "loadtest")
_ROOT: Final = Path(__file__).resolve().parents[2]
_STAMP: Final = "kernels.digest"


def forget_stale_kernels(root: Path = _ROOT) -> bool:
    """Remove compiled kernels below ``root`` if a kernel's source changed since the last call.

    Returns whether there were any to remove. A folder that cannot be written is left alone: Numba
    then keeps its kernels elsewhere, by the path of their source.
    """
    sources = _sources(root)
    digest = hashlib.blake2b(digest_size=16)
    for source in sources:
        digest.update(f"{source.relative_to(root)}\0".encode())
        digest.update(source.read_bytes())
    stamp = root / "alicorn" / "simd" / "__pycache__" / _STAMP
    now = digest.hexdigest()
    try:
        if stamp.is_file() and stamp.read_text("ascii") == now:
            return False
        removed = False
        for folder in {source.parent / "__pycache__" for source in sources}:
            for compiled in folder.glob("*.nb[ic]"):
                compiled.unlink(missing_ok=True)
                removed = True
        stamp.parent.mkdir(exist_ok=True)
        write_whole(stamp, now.encode(), durable=False)
    except OSError:
        return False
    return removed


def _sources(root: Path) -> list[Path]:
    """Return the files with kernels, and those whose constants kernels take in, in order."""
    found = set((root / "alicorn" / "simd").glob("*.py"))
    for package in _PACKAGES:
        for kernels in (root / package).rglob("_kernels.py"):
            # Frames, forms and tables lie beside the kernels or one folder up.
            found |= set(kernels.parent.glob("*.py"))
    # Constants that kernels of several folders take in.
    for name in ("postings/forms.py", "execution/program.py"):
        if (root / "indexserver" / name).exists():
            found.add(root / "indexserver" / name)
    return sorted(found)
