"""Which of some sorted 16-bit numbers are bits of a bitmap, sixteen at a time.

With AVX-512 sixteen words are gathered, their bits tested against sixteen shifted ones, and what is
left packed together; the plain form goes number by number, without a branch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from alicorn.simd.cpu import AVX512
from alicorn.simd.memory import load_u16, load_u64, store_u16

__all__ = ["filter_u16"]

_I1, _I8, _I16, _I32, _I64 = (ir.IntType(bits) for bits in (1, 8, 16, 32, 64))
_SHORTS = ir.VectorType(_I16, 16)
_LANES = ir.VectorType(_I32, 16)
_MASK = ir.VectorType(_I1, 16)


def _same(value: int) -> ir.Constant:
    return ir.Constant(_LANES, [value] * 16)


def _call(builder: Any, name: str, result: ir.Type, arguments: list[Any]) -> Any:
    kind = ir.FunctionType(result, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)


@intrinsic
def _filter16(typing_context, numbers, bitmap, out, flip):
    """Write those of sixteen u16 at `numbers` whose bit, flipped by `flip`, is set.

    Returns how many. flip : 0, or 0xffff for those whose bit is not set
    """

    def generate(context, builder, signature, arguments):
        numbers, bitmap, out, flip = arguments
        given = builder.load(builder.inttoptr(numbers, _SHORTS.as_pointer()))
        given.align = 1
        lanes = builder.zext(given, _LANES)
        words = _call(
            builder,
            "llvm.x86.avx512.mask.gather.dpi.512",
            _LANES,
            [
                _same(0),
                builder.inttoptr(bitmap, _I8.as_pointer()),
                builder.lshr(lanes, _same(5)),
                ir.Constant(_MASK, [1] * 16),
                ir.Constant(_I32, 4),
            ],
        )
        bits = builder.shl(_same(1), builder.and_(lanes, _same(31)))
        found = builder.icmp_unsigned("!=", builder.and_(words, bits), _same(0))
        mask = builder.xor(builder.bitcast(found, _I16), builder.trunc(flip, _I16))
        packed = _call(
            builder,
            "llvm.x86.avx512.mask.compress.v16i32",
            _LANES,
            [lanes, lanes, builder.bitcast(mask, _MASK)],
        )
        shorts = builder.trunc(packed, _SHORTS)
        builder.store(shorts, builder.inttoptr(out, _SHORTS.as_pointer())).align = 1
        return builder.zext(builder.ctpop(mask), _I64)

    return types.int64(types.int64, types.int64, types.int64, types.int64), generate


@njit(cache=True, nogil=True)
def filter_u16(numbers, count, bitmap, out, wanted):
    """Write the numbers whose bit in `bitmap` is `wanted` (0 or 1), in order; return how many.

    numbers : address of uint16 (count,);  bitmap : address of words with a bit for each
    out     : address of uint16 (count + 16,); may be `numbers`
    """
    kept = np.int64(0)
    i = np.int64(0)
    if AVX512:
        flip = np.int64(0) if wanted == 1 else np.int64(0xFFFF)
        while i + 16 <= count:
            kept += _filter16(numbers + 2 * i, bitmap, out + 2 * kept, flip)
            i += 16
    while i < count:
        number = load_u16(numbers + 2 * i)
        word = load_u64(bitmap + 8 * (np.int64(number) >> 6))
        store_u16(out + 2 * kept, number)
        kept += np.int64((word >> (np.uint64(number) & np.uint64(63))) & np.uint64(1)) == wanted
        i += 1
    return kept
