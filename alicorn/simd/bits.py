"""Counting bits of one word."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["popcount", "trailing_zeros"]

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
