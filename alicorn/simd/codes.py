"""Hamming distances of 256-bit codes (32 bytes a row) to one code, 32 rows at a time.

Two codes fill a register of 512 bits; the query stands in a second one twice. Of each pair of
registers

    xor        which bits differ
    ctpop      how many in each byte (0 to 8)
    add, add   halves of a code onto each other: from four registers (eight codes) to one, in which
               eight bytes (0 to 32 each) belong to each code
    psadbw     the sum of those eight bytes: eight distances

and four such results are laid into each other as 32 numbers of 16 bits. Adding *before* psadbw
takes 163 vector instructions for 32 codes where counting words (ctpop of eight uint64, then adding
lanes) takes 175. LLVM writes ctpop of bytes as two table look-ups (vpshufb), instruction for
instruction what one would write by hand, and as one vpopcntb where the CPU has it.

Reading bounds a scan, not counting: one core asks for more memory at once when it reads from four
places than from one, so `distances_128` takes 32 codes each from four, and asks ahead for what
comes next.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from alicorn.simd.bits import popcount
from alicorn.simd.cpu import AVX512
from alicorn.simd.memory import load_u32, load_u64, prefetch, store_u16

__all__ = [
    "CODE",
    "distance_at",
    "distances_32",
    "distances_128",
    "distances_of_32",
]

CODE: Final = 32
"""Bytes of a code."""

AHEAD: Final = 2048
"""Bytes that `distances_128` asks for ahead, in each of the four places. Between 1,024 and 4,096
makes no difference that could be measured; without, a scan takes a sixth longer."""

_I8, _I16, _I32, _I64 = (ir.IntType(bits) for bits in (8, 16, 32, 64))
_WORDS = ir.VectorType(_I64, 8)
_HALF = ir.VectorType(_I64, 4)
_BYTES = ir.VectorType(_I8, 64)
_NUMBERS = ir.VectorType(_I16, 32)

_GROUPS: Final = 4
"""Of eight codes each."""

_LANES: Final = (0, 2, 1, 3, 4, 6, 5, 7)
"""Which of eight codes in a row each lane of `_eight` belongs to."""

_IN_ORDER: Final = tuple(
    4 * _LANES.index(code) + group for group in range(_GROUPS) for code in range(8)
)


def _at(builder: Any, address: Any, offset: int) -> Any:
    return builder.add(address, ir.Constant(_I64, offset)) if offset else address


def _load(builder: Any, address: Any, kind: ir.Type) -> Any:
    value = builder.load(builder.inttoptr(address, kind.as_pointer()))
    value.align = 1
    return value


def _store(builder: Any, value: Any, address: Any) -> None:
    builder.store(value, builder.inttoptr(address, value.type.as_pointer())).align = 1


def _call(builder: Any, name: str, result: ir.Type, *arguments: Any) -> Any:
    kind = ir.FunctionType(result, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), list(arguments))


def _pick(builder: Any, low: Any, high: Any, lanes: tuple[int, ...]) -> Any:
    return builder.shuffle_vector(low, high, ir.Constant(ir.VectorType(_I32, len(lanes)), lanes))


def _twice(builder: Any, query: Any) -> Any:
    """Return a register with the code at ``query`` in both halves."""
    code = _load(builder, query, _HALF)
    return _pick(builder, code, code, (0, 1, 2, 3) * 2)


def _prefetch(builder: Any, address: Any) -> None:
    pointer = builder.inttoptr(address, _I8.as_pointer())
    options = [ir.Constant(_I32, option) for option in (0, 3, 1)]
    _call(builder, "llvm.prefetch.p0", ir.VoidType(), pointer, *options)


def _added(builder: Any, low: Any, high: Any, one: tuple[int, ...], other: tuple[int, ...]) -> Any:
    """Add, byte by byte, two arrangements of the words of two registers."""
    terms = [builder.bitcast(_pick(builder, low, high, lanes), _BYTES) for lanes in (one, other)]
    return builder.bitcast(builder.add(*terms), _WORDS)


def _eight(builder: Any, registers: list[Any], query: Any) -> Any:
    """Return the distances of eight codes (four registers) as eight uint64, in `_LANES`' order."""
    counts = [
        builder.bitcast(
            _call(
                builder,
                "llvm.ctpop.v64i8",
                _BYTES,
                builder.bitcast(builder.xor(register, query), _BYTES),
            ),
            _WORDS,
        )
        for register in registers
    ]
    within_pairs = (0, 8, 2, 10, 4, 12, 6, 14), (1, 9, 3, 11, 5, 13, 7, 15)
    across_pairs = (0, 1, 4, 5, 8, 9, 12, 13), (2, 3, 6, 7, 10, 11, 14, 15)
    low = _added(builder, counts[0], counts[1], *within_pairs)
    high = _added(builder, counts[2], counts[3], *within_pairs)
    halves = builder.bitcast(_added(builder, low, high, *across_pairs), _BYTES)
    zeros = ir.Constant(_BYTES, [0] * 64)
    return _call(builder, "llvm.x86.avx512.psad.bw.512", _WORDS, halves, zeros)


def _laid_in(builder: Any, held: Any | None, distances: Any, group: int) -> Any:
    """Lay the eight distances of ``group`` beside those of the groups before it."""
    if held is None:
        return distances
    moved = builder.shl(distances, ir.Constant(_WORDS, [16 * group] * 8))
    return builder.or_(held, moved)


def _rows_apart(places: int, ahead: int) -> Any:
    """Return the intrinsic for 32 codes in a row at each of ``places``, eight in turn."""

    @intrinsic
    def distances(typing_context, codes, codes_apart, query, out, out_apart):
        """Write the distances of 32 codes at each place; see `distances_128`."""

        def generate(context, builder, signature, arguments):
            codes, codes_apart, query, out, out_apart = arguments
            starts, targets = [codes], [out]
            for _ in range(places - 1):
                starts.append(builder.add(starts[-1], codes_apart))
                targets.append(builder.add(targets[-1], out_apart))
            against = _twice(builder, query)
            held: list[Any] = [None] * places
            for group in range(_GROUPS):
                for place in range(places):
                    first = _at(builder, starts[place], 8 * CODE * group)
                    for register in range(4 if ahead else 0):
                        _prefetch(builder, _at(builder, first, ahead + 64 * register))
                    registers = [
                        _load(builder, _at(builder, first, 64 * i), _WORDS) for i in range(4)
                    ]
                    found = _eight(builder, registers, against)
                    held[place] = _laid_in(builder, held[place], found, group)
            for place in range(places):
                numbers = builder.bitcast(held[place], _NUMBERS)
                _store(builder, _pick(builder, numbers, numbers, _IN_ORDER), targets[place])
            return context.get_dummy_value()

        return types.void(*[types.int64] * 5), generate

    return distances


_one_place = _rows_apart(1, 0)
_four_places = _rows_apart(4, AHEAD)


@intrinsic
def _chosen(typing_context, codes, ids, later, query, out):
    """Write the distances of 32 codes by their numbers; see `distances_of_32`."""

    def generate(context, builder, signature, arguments):
        codes, ids, later, query, out = arguments

        def code_of(numbers: Any, i: int) -> Any:
            number = builder.zext(_load(builder, _at(builder, numbers, 4 * i), _I32), _I64)
            return builder.add(codes, builder.shl(number, ir.Constant(_I64, 5)))

        against = _twice(builder, query)
        held = None
        for group in range(_GROUPS):
            # The code for lane l of group g is the one whose distance belongs at 4 l + g.
            rows = [0] * 8
            for lane, place in enumerate(_LANES):
                rows[place] = 4 * lane + group
            halves = []
            for i, row in enumerate(rows):
                _prefetch(builder, code_of(later, 8 * group + i))
                halves.append(_load(builder, code_of(ids, row), _HALF))
            registers = [
                _pick(builder, halves[i], halves[i + 1], tuple(range(8))) for i in range(0, 8, 2)
            ]
            held = _laid_in(builder, held, _eight(builder, registers, against), group)
        _store(builder, held, out)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 5), generate


@njit(cache=True, nogil=True)
def distance_at(codes, row, query):
    """Return the distance of code `row` to the query, 0 to 256, as int64.

    codes, query : addresses;  row : int64
    """
    code = codes + CODE * row
    return (
        popcount(load_u64(code) ^ load_u64(query))
        + popcount(load_u64(code + 8) ^ load_u64(query + 8))
        + popcount(load_u64(code + 16) ^ load_u64(query + 16))
        + popcount(load_u64(code + 24) ^ load_u64(query + 24))
    )


@njit(cache=True, nogil=True)
def distances_32(codes, query, out):
    """Write the distances of 32 codes in a row, in their order.

    codes, query : addresses;  out : uint16 (32,)
    """
    if AVX512:
        _one_place(codes, np.int64(0), query, out, np.int64(0))
    else:
        for row in range(32):
            store_u16(out + 2 * row, np.uint16(distance_at(codes, row, query)))


@njit(cache=True, nogil=True)
def distances_128(codes, apart, query, out):
    """Write the distances of 4 x 32 codes: 32 at each of four places `apart` codes from each other.

    codes : address of the first place's codes;  query : address
    out   : uint16, the distance of code i of place p at [p * apart + i]
    """
    if AVX512:
        _four_places(codes, CODE * apart, query, out, 2 * apart)
    else:
        for place in range(4):
            distances_32(codes + CODE * apart * place, query, out + 2 * apart * place)


@njit(cache=True, nogil=True)
def distances_of_32(codes, ids, later, query, out):
    """Write the distances of 32 codes by their numbers, in the numbers' order.

    Between two reads it asks for one of the 32 codes `later`, which takes a tenth less than asking
    for all of them at once.

    codes, query : addresses;  ids, later : addresses of uint32 (32,);  out : uint16 (32,)
    """
    if AVX512:
        _chosen(codes, ids, later, query, out)
    else:
        for i in range(32):
            prefetch(codes + CODE * np.int64(load_u32(later + 4 * i)))
            row = np.int64(load_u32(ids + 4 * i))
            store_u16(out + 2 * i, np.uint16(distance_at(codes, row, query)))
