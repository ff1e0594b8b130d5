"""Sums of squared bytes into 32-bit lanes, sixteen at a time, and which lanes are above a bound.

A bitmap says which documents a list holds, and beside it lie the bytes of just those. Adding them
to an array over all documents means spreading them out: with AVX-512 an expand does it for sixteen
documents (vpexpandd); the plain form goes from set bit to set bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from alicorn.simd.bits import trailing_zeros
from alicorn.simd.cpu import AVX512
from alicorn.simd.memory import load_u8, load_u32, store_u32

__all__ = ["above", "add_squares"]

_I1, _I8, _I16, _I32, _I64 = (ir.IntType(bits) for bits in (1, 8, 16, 32, 64))
_LANES = ir.VectorType(_I32, 16)
_BYTES = ir.VectorType(_I8, 16)
_MASK = ir.VectorType(_I1, 16)


def _load(builder: Any, address: Any, kind: ir.Type) -> Any:
    value = builder.load(builder.inttoptr(address, kind.as_pointer()))
    value.align = 1
    return value


def _splat(builder: Any, value: Any) -> Any:
    first = builder.insert_element(ir.Constant(_LANES, ir.Undefined), value, ir.Constant(_I32, 0))
    return builder.shuffle_vector(first, first, ir.Constant(_LANES, [0] * 16))


@intrinsic
def _expand(typing_context, word, bytes_at, sums, multiplier):
    """Add multiplier * byte ** 2 to the lane of each set bit of `word`."""

    def generate(context, builder, signature, arguments):
        word, at, sums, multiplier = arguments
        expand = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(_LANES, [_LANES, _LANES, _MASK]),
            "llvm.x86.avx512.mask.expand.v16i32",
        )
        factor = _splat(builder, multiplier)
        zeros = ir.Constant(_LANES, [0] * 16)
        for part in range(4):
            bits = builder.trunc(builder.lshr(word, ir.Constant(_I64, 16 * part)), _I16)
            values = builder.zext(_load(builder, at, _BYTES), _LANES)
            squares = builder.mul(values, values)
            spread = builder.call(expand, [squares, zeros, builder.bitcast(bits, _MASK)])
            address = builder.add(sums, ir.Constant(_I64, 64 * part))
            total = builder.add(_load(builder, address, _LANES), builder.mul(spread, factor))
            builder.store(total, builder.inttoptr(address, _LANES.as_pointer())).align = 1
            at = builder.add(at, builder.zext(builder.ctpop(bits), _I64))
        return context.get_dummy_value()

    return types.void(types.uint64, types.int64, types.int64, types.uint32), generate


@intrinsic
def _above(typing_context, sums, bound):
    """Return the bits of the 64 lanes at `sums` that are greater than `bound`."""

    def generate(context, builder, signature, arguments):
        sums, bound = arguments
        least = _splat(builder, bound)
        found = ir.Constant(_I64, 0)
        for part in range(4):
            lanes = _load(builder, builder.add(sums, ir.Constant(_I64, 64 * part)), _LANES)
            bits = builder.bitcast(builder.icmp_unsigned(">", lanes, least), _I16)
            shifted = builder.shl(builder.zext(bits, _I64), ir.Constant(_I64, 16 * part))
            found = builder.or_(found, shifted)
        return found

    return types.uint64(types.int64, types.uint32), generate


@njit(cache=True, nogil=True)
def add_squares(word, bytes_at, sums, multiplier):
    """Add multiplier * byte ** 2 to the sum of each set bit of `word`.

    word       : uint64, which of 64 documents the list holds
    bytes_at   : address of their bytes; 64 may be read
    sums       : address of 64 sums, uint32
    multiplier : uint32
    """
    if AVX512:
        _expand(word, bytes_at, sums, np.uint32(multiplier))
        return
    while word != np.uint64(0):
        at = sums + 4 * trailing_zeros(word)
        byte = np.uint32(load_u8(bytes_at))
        store_u32(at, load_u32(at) + byte * byte * np.uint32(multiplier))
        word &= word - np.uint64(1)
        bytes_at += 1


@njit(cache=True, nogil=True)
def above(sums, bound):
    """Return as bits which of 64 uint32 at `sums` are greater than the uint32 `bound`."""
    return _above(sums, np.uint32(bound))
