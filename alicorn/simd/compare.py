"""Which of many small numbers are below a bound, or share a bit: answers as bits of a word.

The vector types are LLVM's own, which it splits for narrower registers; so the plain form of these
is the same code.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["any_below_256", "below_64", "flagged_64"]

_I8, _I16, _I32, _I64 = (ir.IntType(bits) for bits in (8, 16, 32, 64))
_BYTES = ir.VectorType(_I8, 64)
_NUMBERS = ir.VectorType(_I16, 32)


def _load(builder: Any, address: Any, offset: int, kind: ir.Type) -> Any:
    address = builder.add(address, ir.Constant(_I64, offset))
    value = builder.load(builder.inttoptr(address, kind.as_pointer()))
    value.align = 1
    return value


def _in_every_lane(builder: Any, value: Any, kind: ir.VectorType) -> Any:
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(_I32, 0))
    lanes = ir.Constant(ir.VectorType(_I32, kind.count), [0] * kind.count)
    return builder.shuffle_vector(first, first, lanes)


def _below(builder: Any, values: Any, bound: Any) -> Any:
    """Return which of 32 numbers are less than ``bound``, as the bits of an int32."""
    bounds = _in_every_lane(builder, bound, _NUMBERS)
    return builder.bitcast(builder.icmp_unsigned("<", values, bounds), _I32)


def _least(builder: Any, one: Any, other: Any) -> Any:
    kind = ir.FunctionType(_NUMBERS, [_NUMBERS, _NUMBERS])
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.umin.v32i16")
    return builder.call(function, [one, other])


@intrinsic
def below_64(typing_context, numbers, bound):
    """Return which of 64 uint16 at `numbers` are less than `bound`: bit i for number i.

    numbers : address;  bound : uint16;  returns uint64
    """

    def generate(context, builder, signature, arguments):
        numbers, bound = arguments
        low, high = (
            builder.zext(_below(builder, _load(builder, numbers, at, _NUMBERS), bound), _I64)
            for at in (0, 64)
        )
        return builder.or_(low, builder.shl(high, ir.Constant(_I64, 32)))

    return types.uint64(types.int64, types.uint16), generate


@intrinsic
def any_below_256(typing_context, numbers, bound):
    """Return whether one of 256 uint16 at `numbers` is less than `bound`.

    numbers : address;  bound : uint16;  returns boolean
    """

    def generate(context, builder, signature, arguments):
        numbers, bound = arguments
        held = [_load(builder, numbers, 64 * i, _NUMBERS) for i in range(8)]
        while len(held) > 1:
            held = [_least(builder, *pair) for pair in zip(held[::2], held[1::2], strict=True)]
        return builder.icmp_unsigned("!=", _below(builder, held[0], bound), ir.Constant(_I32, 0))

    return types.boolean(types.int64, types.uint16), generate


@intrinsic
def flagged_64(typing_context, flags, wanted):
    """Return which of 64 bytes at `flags` share a bit with `wanted`: bit i for byte i.

    flags : address;  wanted : uint8;  returns uint64
    """

    def generate(context, builder, signature, arguments):
        flags, wanted = arguments
        shared = builder.and_(
            _load(builder, flags, 0, _BYTES), _in_every_lane(builder, wanted, _BYTES)
        )
        zeros = ir.Constant(_BYTES, [0] * 64)
        return builder.bitcast(builder.icmp_unsigned("!=", shared, zeros), _I64)

    return types.uint64(types.int64, types.uint8), generate
