"""Hamming distances between one code and some rows of a code column."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from alicorn.documents.model import CODE_BYTES
from alicorn.errors import ShapeError
from indexserver.embeddings._kernels import distances_into

__all__ = ["hamming_distances"]


def hamming_distances(
    query: bytes, codes: npt.NDArray[np.uint8], rows: npt.NDArray[np.uint32]
) -> npt.NDArray[np.uint16]:
    """Return the distance of ``query`` to each of ``codes[rows]``, in bits.

    Parameters
    ----------
    query : bytes
        32 bytes.
    codes : uint8, shape (n, 32), C-contiguous
    rows : uint32, shape (m,)
        In any order; each below n.

    Returns
    -------
    uint16, shape (m,)
        0 to 256.

    Raises
    ------
    ShapeError
        If ``query`` has not 32 bytes.
    """
    if len(query) != CODE_BYTES:
        raise ShapeError(f"a code must have {CODE_BYTES} bytes, got {len(query)}")
    out = np.empty(rows.size, dtype=np.uint16)
    distances_into(np.frombuffer(query, dtype=np.uint64), codes.view(np.uint64), rows, out)
    return out
