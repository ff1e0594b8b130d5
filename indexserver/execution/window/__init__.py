"""One window of one segment: 16,384 documents that fit in the first caches.

frame.py      what a bound plan and a thread's memory look like to a kernel
_kernels.py   a program over one window: which of its documents match

A program (`indexserver.execution.program`) is a short list of steps over *slots*. A slot holds a
set of the window's documents, as a bitmap where there are many and as sorted 16-bit numbers where
there are few; the steps keep whichever form is cheap. Everything a step touches lies in the first
two caches, which is where the speed comes from: a posting costs a fraction of a nanosecond.

References
----------
.. [1] Lemire et al., "Roaring Bitmaps: Implementation of an Optimized Software Library", 2018
   (bitmaps beside sorted 16-bit arrays).
"""

from __future__ import annotations

__all__ = ["frame"]
