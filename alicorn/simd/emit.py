"""Bits of a word to ascending numbers.

Of a word with few bits the four lowest are written whether they are there or not: what is too much
is overwritten by the next word, and a CPU that cannot guess how many there are does not have to.
With AVX-512 more bits go sixteen at a time: a compress packs the lanes whose bit is set
(vpcompressd, which every such CPU has; the byte form is newer). The plain form goes on by fours.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from alicorn.simd.bits import popcount, trailing_zeros
from alicorn.simd.cpu import AVX512
from alicorn.simd.memory import store_u16, store_u32

__all__ = ["SLACK", "emit_u16", "emit_u32"]

SLACK: Final = 64
"""Numbers that may be written behind the last one: callers leave that much room."""

_FEW: Final = 4
"""Bits up to which writing that many is quicker than four compresses."""

_I1, _I16, _I32, _I64 = (ir.IntType(bits) for bits in (1, 16, 32, 64))
_LANES = ir.VectorType(_I32, 16)
_IOTA = ir.Constant(_LANES, list(range(16)))


def _emitter(width: int) -> Any:
    """Return the intrinsic that writes numbers of ``width`` bits."""
    number = types.uint16 if width == 16 else types.uint32

    @intrinsic
    def emit(typing_context, word, base, out):
        """Write base + i to `out` for each set bit i of `word`."""

        def generate(context, builder, signature, arguments):
            word, base, out = arguments
            compress = cgutils.get_or_insert_function(
                builder.module,
                ir.FunctionType(_LANES, [_LANES, _LANES, ir.VectorType(_I1, 16)]),
                "llvm.x86.avx512.mask.compress.v16i32",
            )
            base = builder.zext(base, _I32) if width == 16 else base
            first = builder.insert_element(
                ir.Constant(_LANES, ir.Undefined), base, ir.Constant(_I32, 0)
            )
            numbers = builder.add(
                builder.shuffle_vector(first, first, ir.Constant(_LANES, [0] * 16)), _IOTA
            )
            for part in range(4):
                bits = builder.trunc(builder.lshr(word, ir.Constant(_I64, 16 * part)), _I16)
                lanes = builder.add(numbers, ir.Constant(_LANES, [16 * part] * 16))
                packed: Any = builder.call(
                    compress, [lanes, lanes, builder.bitcast(bits, ir.VectorType(_I1, 16))]
                )
                if width == 16:
                    packed = builder.trunc(packed, ir.VectorType(_I16, 16))
                builder.store(packed, builder.inttoptr(out, packed.type.as_pointer())).align = 1
                count = builder.zext(builder.ctpop(bits), _I64)
                out = builder.add(out, builder.mul(count, ir.Constant(_I64, width // 8)))
            return context.get_dummy_value()

        return types.void(types.uint64, number, types.int64), generate

    return emit


_compress_u16 = _emitter(16)
_compress_u32 = _emitter(32)


@njit(cache=True, nogil=True)
def emit_u32(word, base, out):
    """Write base + i for each set bit i of `word`, ascending; return how many.

    word : uint64;  base : uint32;  out : address, room for 64 + `SLACK` numbers
    """
    count = popcount(word)
    if AVX512 and count > _FEW:
        _compress_u32(word, np.uint32(base), out)
        return count
    end = out + 4 * count
    while True:
        for _ in range(_FEW):
            store_u32(out, np.uint32(base + np.uint32(trailing_zeros(word))))
            word &= word - np.uint64(1)
            out += 4
        if out >= end:
            return count


@njit(cache=True, nogil=True)
def emit_u16(word, base, out):
    """Write base + i for each set bit i of `word`, ascending; return how many.

    word : uint64;  base : uint16, base + 63 < 65,536;  out : address, room as in `emit_u32`
    """
    count = popcount(word)
    if AVX512 and count > _FEW:
        _compress_u16(word, np.uint16(base), out)
        return count
    end = out + 2 * count
    while True:
        for _ in range(_FEW):
            store_u16(out, np.uint16(np.int64(base) + trailing_zeros(word)))
            word &= word - np.uint64(1)
            out += 2
        if out >= end:
            return count
