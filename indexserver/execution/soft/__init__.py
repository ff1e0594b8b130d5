"""The sequential pass: what `weak-and` and `strong-or` decide document by document.

supply.py     a segment's superset hits and the atoms that hold them, some windows at a time
_kernels.py   the pass: candidates of all segments in DocId order, budgets spent by hits
visit.py      the pass with memory around it, from supply to supply
places.py     which hits keep the places that shares of `strong-or` ask for
points.py     concept scores of hits

Whether a document is a hit depends on the hits before it in the shard's global order, so this part
of a query is neither split by segment nor between threads. Everything else is: the superset and the
atoms are ordinary programs over windows (`indexserver.execution.soft_plan`).
"""

from __future__ import annotations

__all__ = ["places", "points", "supply", "visit"]
