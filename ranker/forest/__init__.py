"""The first stage's trees: read from LightGBM's text model, evaluated without LightGBM.

model.py checks and flattens the file, `_kernels.py` walks the trees, `evaluator.py` is `Forest`.
"""

from __future__ import annotations

from ranker.forest.evaluator import Contributions, Forest

__all__ = ["Contributions", "Forest"]
