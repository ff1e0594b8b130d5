r"""Decision trees over bytes: 64 documents a register, all of a tree's splits in one order.

Feature values are bins (one byte: how many thresholds are below the value), and the leaves of a
tree are numbered from left to right. A document starts at leaf 0, the first below the root. Splits
are met in pre-order, and a document stands at a split exactly when it is at the first leaf below
it; if its bin is above the split's, it moves to the first leaf below the right child:

               bin 0 > 4 ?                splits in pre-order: column, bin, first, right
              /            \                       0, 4, first 0, right 2
       bin 1 > 7 ?        leaf 2                   1, 7, first 0, right 1
        /      \
     leaf 0   leaf 1

Bins 3 and 9: the root leaves the document at 0, the second split moves it to 1. Two comparisons and
a blend move 64 documents; nothing branches, and nothing is gathered. A leaf's value is looked up in
two registers of sixteen, so a tree has at most 32 leaves.

A value's bin is found by two comparisons with sixteen thresholds each: the first tells which of the
sixteens to take for the second.

All but the lookup are LLVM's own vectors, which it splits for narrower registers; the lookup has a
plain form.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from alicorn.simd.cpu import AVX512
from alicorn.simd.memory import load_u8, load_u32, store_u32

__all__ = [
    "LEAVES",
    "PIVOTS",
    "REGISTERS",
    "THRESHOLDS",
    "add_leaves",
    "bin_of",
    "place_of",
    "recode",
    "walk_tree",
]

LEAVES: Final = 32
"""Most leaves of a tree: what two registers of sixteen numbers hold."""
REGISTERS: Final = 8
"""Registers of 64 documents that walk a tree together. One alone waits for its own last move
before the next: two take as long as one, and from five on the comparisons are the bound."""
PIVOTS: Final = 16
"""Every sixteenth threshold, in front of all of them: which sixteen to compare with."""
THRESHOLDS: Final = 256
"""Places for a feature's thresholds behind the pivots, infinity where there is none. The last is
always infinity: 255 thresholds make the 256 bins of a byte."""

_I8, _I16, _I32, _I64 = (ir.IntType(bits) for bits in (8, 16, 32, 64))
_BYTES = ir.VectorType(_I8, 64)
_NUMBERS = ir.VectorType(_I32, 16)
_FLOATS = ir.VectorType(ir.FloatType(), 16)


def _load(builder: Any, address: Any, kind: ir.Type) -> Any:
    value = builder.load(builder.inttoptr(address, kind.as_pointer()))
    value.align = 1
    return value


def _store(builder: Any, value: Any, address: Any) -> None:
    builder.store(value, builder.inttoptr(address, value.type.as_pointer())).align = 1


def _at(builder: Any, address: Any, offset: int) -> Any:
    return builder.add(address, ir.Constant(_I64, offset))


def _splat(builder: Any, value: Any, kind: ir.VectorType) -> Any:
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(_I32, 0))
    zeros = ir.Constant(ir.VectorType(_I32, kind.count), [0] * kind.count)
    return builder.shuffle_vector(first, first, zeros)


def _same(value: float, kind: ir.VectorType) -> ir.Constant:
    return ir.Constant(kind, [value] * kind.count)


def _walker(registers: int) -> Any:
    """Return the intrinsic that walks ``registers`` times 64 documents through one tree."""

    @intrinsic
    def walk(typing_context, splits, count, columns, found):
        """Write the leaf of each document to `found`; arguments as in `walk_tree`."""

        def generate(context, builder, signature, arguments):
            splits, count, columns, found = arguments
            before = builder.block
            loop = builder.append_basic_block("splits")
            done = builder.append_basic_block("leaves")
            builder.branch(loop)
            builder.position_at_end(loop)
            split = builder.phi(_I64)
            split.add_incoming(splits, before)
            at = [builder.phi(_BYTES) for _ in range(registers)]
            for leaf in at:
                leaf.add_incoming(_same(0, _BYTES), before)
            # A number of four equal bytes is broadcast by the load itself; a byte would also
            # take the one port that comparisons need.
            threshold, first, right = (
                builder.bitcast(
                    _splat(builder, _load(builder, _at(builder, split, 4 * field), _I32), _NUMBERS),
                    _BYTES,
                )
                for field in (1, 2, 3)
            )
            number = builder.zext(_load(builder, split, _I32), _I64)
            address = builder.add(columns, builder.shl(number, ir.Constant(_I64, 3)))
            column = _load(builder, address, _I64)
            for register, leaf in enumerate(at):
                bins = _load(builder, _at(builder, column, 64 * register), _BYTES)
                moves = builder.and_(
                    builder.icmp_unsigned("==", leaf, first),
                    builder.icmp_unsigned(">", bins, threshold),
                )
                moved = builder.select(moves, right, leaf)
                leaf.add_incoming(moved, loop)
                at[register] = moved
            following = _at(builder, split, 16)
            split.add_incoming(following, loop)
            end = builder.add(splits, builder.shl(count, ir.Constant(_I64, 4)))
            builder.cbranch(builder.icmp_unsigned("<", following, end), loop, done)
            builder.position_at_end(done)
            for register, leaf in enumerate(at):
                _store(builder, leaf, _at(builder, found, 64 * register))
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, types.int64, types.int64), generate

    return walk


_walk_1, _walk_2, _walk_3, _walk_4 = (_walker(registers) for registers in (1, 2, 3, 4))
_walk_5, _walk_6, _walk_7, _walk_8 = (_walker(registers) for registers in (5, 6, 7, 8))


@intrinsic
def _look_up(typing_context, found, leaves, sums):
    """Add the value of each of 64 leaves to its document's sum; arguments as in `add_leaves`."""

    def generate(context, builder, signature, arguments):
        found, leaves, sums = arguments
        permute = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(_NUMBERS, [_NUMBERS, _NUMBERS, _NUMBERS]),
            "llvm.x86.avx512.vpermi2var.d.512",
        )
        low = _load(builder, leaves, _NUMBERS)
        high = _load(builder, _at(builder, leaves, 64), _NUMBERS)
        fours = _load(builder, found, _NUMBERS)
        for byte in range(4):
            # The permute reads the five lowest bits of a number, so three of its bytes may stay.
            numbers = builder.lshr(fours, _same(8 * byte, _NUMBERS))
            values = builder.call(permute, [low, numbers, high])
            address = _at(builder, sums, 64 * byte)
            _store(builder, builder.add(_load(builder, address, _NUMBERS), values), address)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def _below(typing_context, thresholds, value):
    """Return how many of sixteen float32 at `thresholds` are below `value`; none is for NaN."""

    def generate(context, builder, signature, arguments):
        thresholds, value = arguments
        held = _load(builder, thresholds, _FLOATS)
        below = builder.fcmp_ordered("<", held, _splat(builder, value, _FLOATS))
        return builder.zext(builder.ctpop(builder.bitcast(below, _I16)), _I64)

    return types.int64(types.int64, types.float32), generate


@intrinsic
def _replace(typing_context, source, code, by, target):
    """Copy 64 bytes, `by` where they are `code`."""

    def generate(context, builder, signature, arguments):
        source, code, by, target = arguments
        given = _load(builder, source, _BYTES)
        same = builder.icmp_unsigned("==", given, _splat(builder, code, _BYTES))
        _store(builder, builder.select(same, _splat(builder, by, _BYTES), given), target)
        return context.get_dummy_value()

    return types.void(types.int64, types.uint8, types.uint8, types.int64), generate


@njit(cache=True, nogil=True)
def walk_tree(splits, count, columns, registers, found):
    """Write to `found` at which leaf of one tree each document ends.

    splits    : address of `count` times four uint32: number of the column, then the split's bin,
                the first leaf below it and the first leaf below its right child, each as a number
                of four equal bytes
    count     : at least 1, below `LEAVES`
    columns   : address of int64[], where each column's bins begin, uint8
    registers : 1 to `REGISTERS`; 64 documents each
    found     : address, uint8[64 * registers]
    """
    if registers == 8:
        _walk_8(splits, count, columns, found)
    elif registers == 7:
        _walk_7(splits, count, columns, found)
    elif registers == 6:
        _walk_6(splits, count, columns, found)
    elif registers == 5:
        _walk_5(splits, count, columns, found)
    elif registers == 4:
        _walk_4(splits, count, columns, found)
    elif registers == 3:
        _walk_3(splits, count, columns, found)
    elif registers == 2:
        _walk_2(splits, count, columns, found)
    else:
        _walk_1(splits, count, columns, found)


@njit(cache=True, nogil=True)
def place_of(document):
    """Return where the sum of ``document`` stands: fours are spread over four runs of sixteen."""
    return (document & ~63) | (document & 3) << 4 | (document & 63) >> 2


@njit(cache=True, nogil=True)
def add_leaves(found, registers, leaves, sums):
    """Add to each document's sum the value of the leaf where it ended; sums wrap.

    found  : address, uint8[64 * registers], numbers below `LEAVES`
    leaves : address, int32[LEAVES]
    sums   : address, int32[64 * registers], in the order of `place_of`
    """
    if AVX512:
        for register in range(registers):
            _look_up(found + 64 * register, leaves, sums + 256 * register)
        return
    for document in range(64 * registers):
        at = sums + 4 * place_of(document)
        value = load_u32(leaves + 4 * np.int64(load_u8(found + document)))
        store_u32(at, np.uint32(load_u32(at) + value))


@njit(cache=True, nogil=True)
def bin_of(value, table, deep):
    """Return how many of a feature's thresholds are below the float32 `value`; 0 for NaN.

    table : address, float32[PIVOTS + THRESHOLDS], ascending both; the pivots are thresholds 15, 31,
            47 ...
    deep  : whether there are more than 16 thresholds
    """
    sixteen = _below(table, value) if deep else np.int64(0)
    return 16 * sixteen + _below(table + 4 * PIVOTS + 64 * sixteen, value)


@njit(cache=True, nogil=True)
def recode(source, code, by, registers, target):
    """Copy 64 * `registers` bytes from `source` to `target`, `by` where they are `code`."""
    for register in range(registers):
        _replace(source + 64 * register, np.uint8(code), np.uint8(by), target + 64 * register)
