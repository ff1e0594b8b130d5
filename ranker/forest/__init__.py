"""The first stage's trees: read from LightGBM's text model, evaluated without LightGBM.

model.py      checks and flattens the file; decisions.py is what a split says of missing values
fixed.py      leaf values as integers, so that every way of adding them gives the same score
bins.py       feature values as bytes
layout.py     trees as `alicorn.simd.trees` walks them, 64 documents a register
evaluator.py  `Forest`; its loops are in `_kernels.py`
"""

from __future__ import annotations

from ranker.forest.bins import Bins, empty_bins
from ranker.forest.evaluator import Contributions, Forest

__all__ = ["Bins", "Contributions", "Forest", "empty_bins"]
