"""Vector intrinsics: the few places where kernels speak LLVM's vector language themselves.

Plain Numba loops over the same arrays are two to three times slower, since a view may overlap
another and then nothing is vectorised. Kernels that need the last factor work on addresses: an
address is a number, so a helper function costs a call and no reference counting.

cpu.py      which vector instructions the kernels may use
memory.py   loads and stores by address
words.py    bitmaps: and, or, and-not, population count, eight words at a time
emit.py     bits of a word to document ids

Every intrinsic has a NumPy oracle in the tests, and a plain form for CPUs without AVX-512 that
gives the same answer. Nothing here checks anything: callers own the memory and its bounds.
"""

from __future__ import annotations

__all__ = ["cpu", "emit", "memory", "words"]
