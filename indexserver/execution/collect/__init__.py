"""What is made of a window's matches: a number, their ids, the first of them or the best.

`_kernels.py` runs over a range of windows, in DocId order, and looks at the cancel flag before each
of them.
"""

from __future__ import annotations

__all__: list[str] = []
