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
from alicorn.simd.memory import load_u64, store_u16, store_u32
from alicorn.simd.words import words_count

__all__ = ["SLACK", "emit_u16", "emit_u32", "emit_words"]

SLACK: Final = 64
"""Numbers that may be written behind the last one: callers leave that much room."""

_FEW: Final = 4
"""Bits up to which writing that many is quicker than four compresses."""

_MANY: Final = 5
"""Bits a word from which compresses are quicker than writing eight."""

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


@njit(cache=True, nogil=True)
def _rest(word, base, out, step):
    """Write the bits of `word` that were too many; return the address behind them."""
    while word != np.uint64(0):
        store_u32(out, np.uint32(base + trailing_zeros(word)))
        word &= word - np.uint64(1)
        out += step
    return out


@njit(cache=True, nogil=True)
def emit_words(words, count, base, out, step, limit):
    """Write base + i for each set bit i of a bitmap, ascending, until there are `limit`.

    As many numbers of a word are written as nearly every word has, whether they are there or not;
    that is known from how many bits the bitmap has.

    words, count : address and number of words;  base : int64
    out          : address, room for the bits of the bitmap and `SLACK`
    step         : 4 to write uint32; 2 to write uint16, base + 64 * count <= 65,536

    Returns how many there are; the last word may go past the limit.
    """
    bits = words_count(words, count)
    if bits == 0:
        return np.int64(0)
    at = out
    stop = out + step * limit
    if AVX512 and bits > _MANY * count:
        for i in range(count):
            word = load_u64(words + 8 * i)
            first = np.uint32(base + 64 * i)
            if step == 4:
                _compress_u32(word, first, at)
            else:
                _compress_u16(word, np.uint16(first), at)
            at += step * popcount(word)
            if at >= stop:
                break
    elif 2 * bits > 3 * count:
        for i in range(count):
            word = load_u64(words + 8 * i)
            first = base + 64 * i
            end = at + step * popcount(word)
            for j in range(8):
                store_u32(at + step * j, np.uint32(first + trailing_zeros(word)))
                word &= word - np.uint64(1)
            if word != np.uint64(0):
                _rest(word, first, at + 8 * step, step)
            at = end
            if at >= stop:
                break
    elif 2 * bits > count:
        for i in range(count):
            word = load_u64(words + 8 * i)
            first = base + 64 * i
            end = at + step * popcount(word)
            for j in range(4):
                store_u32(at + step * j, np.uint32(first + trailing_zeros(word)))
                word &= word - np.uint64(1)
            if word != np.uint64(0):
                _rest(word, first, at + 4 * step, step)
            at = end
            if at >= stop:
                break
    else:
        for i in range(count):
            word = load_u64(words + 8 * i)
            first = base + 64 * i
            end = at + step * popcount(word)
            for j in range(2):
                store_u32(at + step * j, np.uint32(first + trailing_zeros(word)))
                word &= word - np.uint64(1)
            if word != np.uint64(0):
                _rest(word, first, at + 2 * step, step)
            at = end
            if at >= stop:
                break
    return (at - out) // step
