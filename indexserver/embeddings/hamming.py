"""Hamming distances between one code and some rows of a code column."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from alicorn.errors import ShapeError
from alicorn.simd.memory import address_of
from indexserver.embeddings._kernels import distances_of
from indexserver.embeddings.inputs import checked_codes, checked_query

__all__ = ["distances_to", "hamming_distances"]


def distances_to(
    query: bytes, codes: npt.NDArray[np.uint8], rows: npt.NDArray[np.uint32]
) -> npt.NDArray[np.uint16]:
    """Return the distance of ``query`` to each of ``codes[rows]``, in bits.

    Parameters
    ----------
    query : bytes
        32 bytes.
    codes : uint8, shape (n, 32), C-contiguous
    rows : uint32, shape (m,), C-contiguous
        In any order; each below n.

    Returns
    -------
    uint16, shape (m,)
        0 to 256.

    Raises
    ------
    ShapeError
        If ``query`` has not 32 bytes, ``codes`` are not rows of 32 bytes, or a row is not below n.
    """
    asked, n = checked_query(query), checked_codes(codes)
    if rows.size and int(rows.max()) >= n:
        raise ShapeError(f"rows must be below {n}, got {rows.max()}")
    rows = np.ascontiguousarray(rows, dtype=np.uint32)
    out = np.empty(rows.size, dtype=np.uint16)
    distances_of(address_of(codes), address_of(rows), rows.size, address_of(asked), address_of(out))
    return out


hamming_distances = distances_to
"""The name it had before."""
