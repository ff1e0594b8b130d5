"""Bit-packed blocks: up to 128 small numbers, all of one width, one behind the other.

Number k of a block takes bits [k * bits, (k + 1) * bits) of a little-endian run of bytes, lowest
bit first; a block of n numbers is ceil(n * bits / 8) bytes. Gaps 3, 0, 4 of 3 bits each are
0b100_000_011, the bytes 03 01.

Sixteen numbers take exactly 2 * bits bytes, so with AVX-512 a row of sixteen is one load, two
permutes that put the two 32-bit words of each number into its lane, and a shift by what is left;
ids then come of a prefix sum within the register. Every width from 0 to 32 has the same code.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from alicorn.simd.cpu import AVX512
from alicorn.simd.memory import load_u32, load_u64, store_u8, store_u32

__all__ = ["BLOCK", "SLACK", "unpack_bytes", "unpack_ids"]

BLOCK: Final = 128
"""Numbers of a full block."""

SLACK: Final = 64
"""Bytes behind a block that may be read, and numbers behind the last that may be written."""

_ROW: Final = 16
"""Numbers of a vector."""

_I8, _I32, _I64 = (ir.IntType(bits) for bits in (8, 32, 64))
_LANES = ir.VectorType(_I32, 16)
_IOTA = ir.Constant(_LANES, list(range(16)))
_ZERO = ir.Constant(_LANES, [0] * 16)


def _splat(builder: Any, value: Any) -> Any:
    """Return sixteen lanes of the 32-bit ``value``."""
    first = builder.insert_element(ir.Constant(_LANES, ir.Undefined), value, ir.Constant(_I32, 0))
    return builder.shuffle_vector(first, first, _ZERO)


def _rows(builder: Any, source: Any, bits: Any, count: int) -> list[Any]:
    """Return ``count`` rows from ``source`` on: sixteen numbers of ``bits`` bits each."""

    def declared(name: str) -> Any:
        kind = ir.FunctionType(_LANES, [_LANES, _LANES])
        return cgutils.get_or_insert_function(builder.module, kind, f"llvm.x86.avx512.{name}")

    # These shifts give 0 for 32 and more, where LLVM's own are undefined.
    left, right = declared("psllv.d.512"), declared("psrlv.d.512")
    permute = declared("permvar.si.512")
    width = _splat(builder, builder.trunc(bits, _I32))
    whole = ir.Constant(_LANES, [32] * 16)
    at = builder.mul(_IOTA, width)
    word = builder.lshr(at, ir.Constant(_LANES, [5] * 16))
    after = builder.add(word, ir.Constant(_LANES, [1] * 16))
    shift = builder.and_(at, ir.Constant(_LANES, [31] * 16))
    unshift = builder.sub(whole, shift)
    ones = ir.Constant(_LANES, [0xFFFFFFFF] * 16)
    mask = builder.call(right, [ones, builder.sub(whole, width)])
    rows = []
    for row in range(count):
        start = builder.add(source, builder.mul(bits, ir.Constant(_I64, 2 * row)))
        words = builder.load(builder.inttoptr(start, _LANES.as_pointer()))
        words.align = 1
        low = builder.call(right, [builder.call(permute, [words, word]), shift])
        high = builder.call(left, [builder.call(permute, [words, after]), unshift])
        rows.append(builder.and_(builder.or_(low, high), mask))
    return rows


def _ids_of(rows: int) -> Any:
    """Return the intrinsic that decodes ``rows`` rows of ids."""

    @intrinsic
    def unpack(typing_context, source, bits, before, out):
        """`unpack_ids` in vector registers."""

        def generate(context, builder, signature, arguments):
            source, bits, before, out = arguments
            carried = _splat(builder, before)
            last = ir.Constant(_LANES, [15] * 16)
            for row, gaps in enumerate(_rows(builder, source, bits, rows)):
                ids = builder.add(gaps, ir.Constant(_LANES, [1] * 16))
                for step in (1, 2, 4, 8):
                    # Lane 16 is the first of the zeros.
                    lanes = [lane - step if lane >= step else 16 for lane in range(16)]
                    moved = builder.shuffle_vector(ids, _ZERO, ir.Constant(_LANES, lanes))
                    ids = builder.add(ids, moved)
                ids = builder.add(ids, carried)
                carried = builder.shuffle_vector(ids, ids, last)
                target = builder.add(out, ir.Constant(_I64, 64 * row))
                builder.store(ids, builder.inttoptr(target, _LANES.as_pointer())).align = 1
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, types.uint32, types.int64), generate

    return unpack


def _bytes_of(rows: int) -> Any:
    """Return the intrinsic that decodes ``rows`` rows of bytes."""

    @intrinsic
    def unpack(typing_context, source, bits, lowest, out):
        """`unpack_bytes` in vector registers."""

        def generate(context, builder, signature, arguments):
            source, bits, lowest, out = arguments
            base = _splat(builder, builder.zext(lowest, _I32))
            narrow = ir.VectorType(_I8, 16)
            for row, numbers in enumerate(_rows(builder, source, bits, rows)):
                packed = builder.trunc(builder.add(numbers, base), narrow)
                target = builder.add(out, ir.Constant(_I64, 16 * row))
                builder.store(packed, builder.inttoptr(target, narrow.as_pointer())).align = 1
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, types.uint8, types.int64), generate

    return unpack


_block_of_ids, _row_of_ids = _ids_of(8), _ids_of(1)
_block_of_bytes, _row_of_bytes = _bytes_of(8), _bytes_of(1)


@njit(cache=True, nogil=True)
def _number(source, bits, k):
    """Return number k of the block at `source`, as uint64."""
    at = k * bits
    word = load_u64(source + (at >> 3)) >> np.uint64(at & 7)
    return word & ((np.uint64(1) << np.uint64(bits)) - np.uint64(1))


@njit(cache=True, nogil=True)
def _unpack_ids_plain(source, bits, before, count, out):
    """`unpack_ids` one by one."""
    value = np.uint64(before)
    for k in range(count):
        value += _number(source, bits, k) + np.uint64(1)
        store_u32(out + 4 * k, np.uint32(value & np.uint64(0xFFFFFFFF)))


@njit(cache=True, nogil=True)
def _unpack_bytes_plain(source, bits, lowest, count, out):
    """`unpack_bytes` one by one."""
    for k in range(count):
        value = _number(source, bits, k) + np.uint64(lowest)
        store_u8(out + k, np.uint8(value & np.uint64(0xFF)))


@njit(cache=True, nogil=True)
def unpack_ids(source, bits, before, count, out):
    """Write ascending ids: each is the one before it, plus its gap, plus 1, modulo 2**32.

    source : address of the gaps, `SLACK` readable bytes behind them;  bits : int64, 0 to 32
    before : uint32, the id before the first (all ones, which is -1, at the start of a list)
    count  : int64, at most `BLOCK`;  out : address, room for count + `SLACK` uint32
    """
    if not AVX512:
        _unpack_ids_plain(source, bits, before, count, out)
    elif count == BLOCK:
        _block_of_ids(source, bits, np.uint32(before), out)
    else:
        for row in range((count + _ROW - 1) // _ROW):
            _row_of_ids(source + 2 * bits * row, bits, np.uint32(before), out + 64 * row)
            before = load_u32(out + 64 * row + 60)


@njit(cache=True, nogil=True)
def unpack_bytes(source, bits, lowest, count, out):
    """Write bytes: each is `lowest` plus its number.

    source : address of the numbers, `SLACK` readable bytes behind them;  bits : int64, 0 to 8
    lowest : uint8;  count : int64, at most `BLOCK`;  out : address, room for count + `SLACK`
    """
    if not AVX512:
        _unpack_bytes_plain(source, bits, lowest, count, out)
    elif count == BLOCK:
        _block_of_bytes(source, bits, np.uint8(lowest), out)
    else:
        for row in range((count + _ROW - 1) // _ROW):
            _row_of_bytes(source + 2 * bits * row, bits, np.uint8(lowest), out + _ROW * row)
