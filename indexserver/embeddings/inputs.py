"""What must hold of arrays before their addresses reach a kernel, which checks nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from alicorn.documents.model import CODE_BYTES
from alicorn.errors import ShapeError
from alicorn.simd.memory import address_of

__all__ = ["address_or_zero", "checked_codes", "checked_query", "checked_row", "words_of"]


def checked_query(query: bytes) -> npt.NDArray[np.uint8]:
    """Return the bytes of ``query`` as an array; raise `ShapeError` if they are not 32."""
    if len(query) != CODE_BYTES:
        raise ShapeError(f"a code must have {CODE_BYTES} bytes, got {len(query)}")
    return np.frombuffer(query, dtype=np.uint8)


def checked_codes(codes: npt.NDArray[np.uint8]) -> int:
    """Return how many ``codes`` there are; raise `ShapeError` if they are not rows of 32 bytes."""
    if codes.dtype != np.uint8 or codes.ndim != 2 or codes.shape[1] != CODE_BYTES:
        raise ShapeError(f"codes must be uint8 (n, {CODE_BYTES}), got {codes.dtype} {codes.shape}")
    if not codes.flags.c_contiguous:
        raise ShapeError("codes must be C-contiguous, got a strided view")
    return len(codes)


def checked_row(
    name: str, array: npt.NDArray[Any] | None, dtype: type[np.generic], least: int
) -> int:
    """Return the address of ``array``, 0 for None.

    Raises
    ------
    ShapeError
        If it is not one contiguous row of ``dtype`` with ``least`` elements or more.
    """
    if array is None:
        return 0
    if array.dtype != dtype or array.ndim != 1 or not array.flags.c_contiguous:
        raise ShapeError(
            f"{name} must be one contiguous row of {dtype.__name__}, "
            f"got {array.dtype} {array.shape}"
        )
    if array.size < least:
        raise ShapeError(f"{name} must have {least} elements or more, got {array.size}")
    return address_of(array)


def address_or_zero(array: npt.NDArray[Any] | None) -> int:
    """Return the address of ``array``, 0 for None."""
    return 0 if array is None else address_of(array)


def words_of(documents: int) -> int:
    """Return how many words a bitmap of ``documents`` has at least."""
    return (documents + 63) // 64
