"""The smallest and the largest of a run of bytes, 64 at a time.

The vector type is LLVM's own, which it splits for narrower registers; so the plain form is the
same code.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from alicorn.simd.memory import load_u8

__all__ = ["largest_byte", "smallest_byte"]

_BYTES = ir.VectorType(ir.IntType(8), 64)


def _reduced(name: str) -> Any:
    """Return the intrinsic that reduces 64 bytes with LLVM's ``name``."""

    @intrinsic
    def reduce(typing_context, source):
        """Return one byte for the 64 at `source`."""

        def generate(context, builder, signature, arguments):
            value = builder.load(builder.inttoptr(arguments[0], _BYTES.as_pointer()))
            value.align = 1
            function = cgutils.get_or_insert_function(
                builder.module,
                ir.FunctionType(ir.IntType(8), [_BYTES]),
                f"llvm.vector.reduce.{name}.v64i8",
            )
            return builder.call(function, [value])

        return types.uint8(types.int64), generate

    return reduce


_largest_64, _smallest_64 = _reduced("umax"), _reduced("umin")


@njit(cache=True, nogil=True)
def largest_byte(source, count):
    """Return the largest of `count` bytes at the address `source`, as int64; 0 of none."""
    found = np.int64(0)
    i = np.int64(0)
    while i + 64 <= count:
        found = max(found, np.int64(_largest_64(source + i)))
        i += 64
    while i < count:
        found = max(found, np.int64(load_u8(source + i)))
        i += 1
    return found


@njit(cache=True, nogil=True)
def smallest_byte(source, count):
    """Return the smallest of `count` bytes at the address `source`, as int64; 255 of none."""
    found = np.int64(255)
    i = np.int64(0)
    while i + 64 <= count:
        found = min(found, np.int64(_smallest_64(source + i)))
        i += 64
    while i < count:
        found = min(found, np.int64(load_u8(source + i)))
        i += 1
    return found
