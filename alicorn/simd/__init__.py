"""Vector intrinsics: the few places where kernels speak LLVM's vector language themselves.

Plain Numba loops over the same arrays are two to three times slower, since a view may overlap
another and then nothing is vectorised. Kernels that need the last factor work on addresses: an
address is a number, so a helper function costs a call and no reference counting.

cpu.py       which vector instructions the kernels may use
memory.py    loads and stores by address
bits.py      bits of one word
words.py     bitmaps: and, or, and-not, population count, eight words at a time
emit.py      bits of a word to ascending numbers
filter.py    which of some numbers are bits of a bitmap
sums.py      squared bytes into the sums of their documents
compare.py   which of many numbers are below a bound
extremes.py  smallest and largest byte of a run
blocks.py    bit-packed blocks of ids and bytes
codes.py     Hamming distances of binary codes
trees.py     decision trees over bytes

Every intrinsic has a NumPy oracle in the tests, and a plain form for CPUs without AVX-512 that
gives the same answer. Nothing here checks anything: callers own the memory and its bounds.
"""

from __future__ import annotations

__all__ = [
    "bits",
    "blocks",
    "codes",
    "compare",
    "cpu",
    "emit",
    "extremes",
    "filter",
    "memory",
    "sums",
    "trees",
    "words",
]
