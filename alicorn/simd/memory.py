"""Loads and stores by address: unaligned, unchecked, little-endian.

    >>> import numpy as np
    >>> from alicorn.simd.memory import address_of
    >>> array = np.array([7, 8], dtype=np.uint32)
    >>> address_of(array[1:]) - address_of(array)
    4

In a kernel, ``load_u16(address)`` reads two bytes and ``store_u16(address, value)`` writes them.
Numba's own ``array[i]`` with a signed index asks whether it is negative, and a function that takes
an array counts references to it; an address does neither.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = [
    "address_of",
    "load_f32",
    "load_i64",
    "load_u8",
    "load_u16",
    "load_u32",
    "load_u64",
    "prefetch",
    "store_f32",
    "store_i64",
    "store_u8",
    "store_u16",
    "store_u32",
    "store_u64",
]


def address_of(array: npt.NDArray[Any]) -> int:
    """Return the address of the first element of ``array``, which the caller keeps alive."""
    address: int = array.__array_interface__["data"][0]
    return address


def _load(kind: types.Type, llvm_type: ir.Type) -> Any:
    @intrinsic
    def load(typing_context, address):
        """Return the value at `address`."""

        def generate(context, builder, signature, arguments):
            pointer = builder.inttoptr(arguments[0], llvm_type.as_pointer())
            value = builder.load(pointer)
            value.align = 1
            return value

        return kind(types.int64), generate

    return load


def _store(kind: types.Type, llvm_type: ir.Type) -> Any:
    @intrinsic
    def store(typing_context, address, value):
        """Write `value` at `address`."""

        def generate(context, builder, signature, arguments):
            pointer = builder.inttoptr(arguments[0], llvm_type.as_pointer())
            builder.store(arguments[1], pointer).align = 1
            return context.get_dummy_value()

        return types.void(types.int64, kind), generate

    return store


load_u8 = _load(types.uint8, ir.IntType(8))
load_u16 = _load(types.uint16, ir.IntType(16))
load_u32 = _load(types.uint32, ir.IntType(32))
load_u64 = _load(types.uint64, ir.IntType(64))
load_i64 = _load(types.int64, ir.IntType(64))
load_f32 = _load(types.float32, ir.FloatType())
store_u8 = _store(types.uint8, ir.IntType(8))
store_u16 = _store(types.uint16, ir.IntType(16))
store_u32 = _store(types.uint32, ir.IntType(32))
store_u64 = _store(types.uint64, ir.IntType(64))
store_i64 = _store(types.int64, ir.IntType(64))
store_f32 = _store(types.float32, ir.FloatType())


@intrinsic
def prefetch(typing_context, address):
    """Ask for the cache line at `address`, which need not be readable."""

    def generate(context, builder, signature, arguments):
        i32 = ir.IntType(32)
        pointer = builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [pointer.type, i32, i32, i32]),
            "llvm.prefetch.p0",
        )
        builder.call(
            function, [pointer, ir.Constant(i32, 0), ir.Constant(i32, 3), ir.Constant(i32, 1)]
        )
        return context.get_dummy_value()

    return types.void(types.int64), generate
