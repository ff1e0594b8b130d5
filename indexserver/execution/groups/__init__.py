"""Groups of lists that one operand names: `prefix` and `ids`, united before the query runs.

union.py      many lists as one, with the best byte and the sum of each document
_kernels.py   its loops
"""

from __future__ import annotations

__all__ = ["union"]
