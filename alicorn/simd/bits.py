"""Bits of one word: how many, the lowest, and those under a mask."""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from alicorn.simd.cpu import BMI2

__all__ = ["extract_bits", "popcount", "trailing_zeros"]

_I64 = ir.IntType(64)


@intrinsic
def popcount(typing_context, word):
    """Return how many bits of the uint64 `word` are set, as int64."""

    def generate(context, builder, signature, arguments):
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


@intrinsic
def trailing_zeros(typing_context, word):
    """Return the number of the lowest set bit of the uint64 `word`, 64 if there is none."""

    def generate(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@intrinsic
def _pext(typing_context, word, mask):
    """Return the bits of `word` under the set bits of `mask`, moved together."""

    def generate(context, builder, signature, arguments):
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(_I64, [_I64, _I64]), "llvm.x86.bmi.pext.64"
        )
        return builder.call(function, arguments)

    return types.uint64(types.uint64, types.uint64), generate


@njit(cache=True, nogil=True)
def extract_bits(word, mask):
    """Return the bits of `word` under the set bits of `mask`, moved together at the low end.

    Of a bitmap `mask` and some of its documents `word` that says which of the list's bytes, counted
    from the first of the word, are theirs.
    """
    if BMI2:
        return _pext(word, mask)
    found = np.uint64(0)
    place = np.uint64(0)
    while mask != np.uint64(0):
        lowest = mask & (~mask + np.uint64(1))
        if word & lowest:
            found |= np.uint64(1) << place
        place += np.uint64(1)
        mask &= mask - np.uint64(1)
    return found
