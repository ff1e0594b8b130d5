"""Packed little-endian arrays: how hits travel on inner hops.

A ``bytes`` field holds the array's memory; 500 hits cost microseconds, where a message a hit would
cost half a millisecond. Arrays come out as read-only views of the message.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from alicorn.errors import ShapeError

__all__ = ["pack", "unpack", "unpack_rows"]

Scalar = TypeVar("Scalar", bound=np.generic)


def pack(values: npt.NDArray[Any]) -> bytes:
    """Return ``values`` (any shape, row-major) as little-endian bytes."""
    little = values.astype(values.dtype.newbyteorder("<"), copy=False)
    return np.ascontiguousarray(little).tobytes()


def unpack(
    data: bytes, dtype: type[Scalar], *, count: int | None = None, name: str = "array"
) -> npt.NDArray[Scalar]:
    """Return the one-dimensional array in ``data``, a read-only view.

    Raises
    ------
    ShapeError
        If the bytes do not hold a whole number of items, or not ``count`` of them.
    """
    item = np.dtype(dtype).newbyteorder("<")
    if len(data) % item.itemsize or (count is not None and len(data) != count * item.itemsize):
        needed = "whole items" if count is None else f"{count} items"
        raise ShapeError(f"{name}: found {len(data)} bytes, needed {needed} of {item.itemsize}")
    return np.frombuffer(data, dtype=item)


def unpack_rows(
    data: bytes, dtype: type[Scalar], *, rows: int, name: str = "array"
) -> npt.NDArray[Scalar]:
    """Return the two-dimensional array of ``rows`` rows in ``data``, a read-only view.

    No rows give shape (0, 0).

    Raises
    ------
    ShapeError
        If the bytes do not divide into ``rows`` rows.
    """
    if rows == 0 and not data:
        return np.empty((0, 0), dtype=dtype)
    flat = unpack(data, dtype, name=name)
    if rows == 0 or flat.size % rows:
        raise ShapeError(f"{name}: found {flat.size} values, needed a multiple of {rows} rows")
    return flat.reshape(rows, -1)
