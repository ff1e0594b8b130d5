"""Concept scores of a window's matches, as exact integers.

A *share* is what one leaf adds to the score of each document it holds (`indexserver.execution
.program`). `_kernels.py` adds them up in one of two ways, whichever costs less in the window:

    gather       for each match look up its byte in each list: few matches
    accumulate   walk each list and add to a row of sums over all documents: many matches

Sums are 32 bits wide when no document can pass 2^32 (the plan knows the bound), else 64; either
way they are exact, so it does not matter which way was taken.
"""

from __future__ import annotations

__all__: list[str] = []
