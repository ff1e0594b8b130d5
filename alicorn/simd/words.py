"""Bitmaps as runs of 64-bit words: eight words (512 bits) at a time, then the rest one by one.

`source` and `target` are addresses, `words` how many 64-bit words there are. The vector type is
LLVM's own, which it splits for narrower registers; so the plain form of these is the same code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from alicorn.simd.bits import popcount
from alicorn.simd.memory import load_u64, store_u64

__all__ = [
    "words_and",
    "words_and_not",
    "words_any",
    "words_copy",
    "words_count",
    "words_cover",
    "words_or",
    "words_zero",
]

_EIGHT = ir.VectorType(ir.IntType(64), 8)
_I64 = ir.IntType(64)


def _load(builder: Any, address: Any) -> Any:
    value = builder.load(builder.inttoptr(address, _EIGHT.as_pointer()))
    value.align = 1
    return value


def _store(builder: Any, value: Any, address: Any) -> None:
    builder.store(value, builder.inttoptr(address, _EIGHT.as_pointer())).align = 1


def _declared(builder: Any, name: str, result: ir.Type) -> Any:
    """Return LLVM's own function ``name`` over eight words."""
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, [_EIGHT]), name)


def _combine(operation: Callable[[Any, Any, Any], Any]) -> Any:
    @intrinsic
    def combine(typing_context, target, source):
        """Combine eight words at `source` into those at `target`."""

        def generate(context, builder, signature, arguments):
            held, given = _load(builder, arguments[0]), _load(builder, arguments[1])
            _store(builder, operation(builder, held, given), arguments[0])
            return context.get_dummy_value()

        return types.void(types.int64, types.int64), generate

    return combine


_and8 = _combine(lambda builder, held, given: builder.and_(held, given))
_or8 = _combine(lambda builder, held, given: builder.or_(held, given))
_and_not8 = _combine(lambda builder, held, given: builder.and_(held, builder.not_(given)))
_copy8 = _combine(lambda builder, held, given: given)


@intrinsic
def _zero8(typing_context, target):
    """Clear eight words at `target`."""

    def generate(context, builder, signature, arguments):
        _store(builder, ir.Constant(_EIGHT, [0] * 8), arguments[0])
        return context.get_dummy_value()

    return types.void(types.int64), generate


@intrinsic
def _count8(typing_context, source):
    """Return the bits set in eight words at `source`."""

    def generate(context, builder, signature, arguments):
        bits = _declared(builder, "llvm.ctpop.v8i64", _EIGHT)
        total = _declared(builder, "llvm.vector.reduce.add.v8i64", _I64)
        return builder.call(total, [builder.call(bits, [_load(builder, arguments[0])])])

    return types.int64(types.int64), generate


@intrinsic
def _any8(typing_context, source):
    """Return whether a bit is set in eight words at `source`."""

    def generate(context, builder, signature, arguments):
        every = _declared(builder, "llvm.vector.reduce.or.v8i64", _I64)
        found = builder.call(every, [_load(builder, arguments[0])])
        return builder.icmp_unsigned("!=", found, ir.Constant(_I64, 0))

    return types.boolean(types.int64), generate


@intrinsic
def _beside8(typing_context, held, given):
    """Return whether eight words at `given` have a bit that those at `held` have not."""

    def generate(context, builder, signature, arguments):
        held, given = _load(builder, arguments[0]), _load(builder, arguments[1])
        every = _declared(builder, "llvm.vector.reduce.or.v8i64", _I64)
        found = builder.call(every, [builder.and_(given, builder.not_(held))])
        return builder.icmp_unsigned("!=", found, ir.Constant(_I64, 0))

    return types.boolean(types.int64, types.int64), generate


@njit(cache=True, nogil=True)
def words_and(target, source, words):
    """Keep in `target` the bits that are also in `source`."""
    i = 0
    while i + 8 <= words:
        _and8(target + 8 * i, source + 8 * i)
        i += 8
    while i < words:
        store_u64(target + 8 * i, load_u64(target + 8 * i) & load_u64(source + 8 * i))
        i += 1


@njit(cache=True, nogil=True)
def words_or(target, source, words):
    """Add the bits of `source` to `target`."""
    i = 0
    while i + 8 <= words:
        _or8(target + 8 * i, source + 8 * i)
        i += 8
    while i < words:
        store_u64(target + 8 * i, load_u64(target + 8 * i) | load_u64(source + 8 * i))
        i += 1


@njit(cache=True, nogil=True)
def words_and_not(target, source, words):
    """Take the bits of `source` out of `target`."""
    i = 0
    while i + 8 <= words:
        _and_not8(target + 8 * i, source + 8 * i)
        i += 8
    while i < words:
        store_u64(target + 8 * i, load_u64(target + 8 * i) & ~load_u64(source + 8 * i))
        i += 1


@njit(cache=True, nogil=True)
def words_copy(target, source, words):
    """Write the words of `source` to `target`."""
    i = 0
    while i + 8 <= words:
        _copy8(target + 8 * i, source + 8 * i)
        i += 8
    while i < words:
        store_u64(target + 8 * i, load_u64(source + 8 * i))
        i += 1


@njit(cache=True, nogil=True)
def words_zero(target, words):
    """Clear `target`."""
    i = 0
    while i + 8 <= words:
        _zero8(target + 8 * i)
        i += 8
    while i < words:
        store_u64(target + 8 * i, np.uint64(0))
        i += 1


@njit(cache=True, nogil=True)
def words_count(source, words):
    """Return how many bits of `source` are set."""
    total = np.int64(0)
    i = 0
    while i + 8 <= words:
        total += _count8(source + 8 * i)
        i += 8
    while i < words:
        total += popcount(load_u64(source + 8 * i))
        i += 1
    return total


@njit(cache=True, nogil=True)
def words_any(source, words):
    """Return whether a bit of `source` is set."""
    i = 0
    while i + 8 <= words:
        if _any8(source + 8 * i):
            return True
        i += 8
    while i < words:
        if load_u64(source + 8 * i) != np.uint64(0):
            return True
        i += 1
    return False


@njit(cache=True, nogil=True)
def words_cover(held, given, words):
    """Return whether every bit of `given` is also in `held`."""
    i = 0
    while i + 8 <= words:
        if _beside8(held + 8 * i, given + 8 * i):
            return False
        i += 8
    while i < words:
        if load_u64(given + 8 * i) & ~load_u64(held + 8 * i) != np.uint64(0):
            return False
        i += 1
    return True
