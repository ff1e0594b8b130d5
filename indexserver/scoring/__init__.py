"""First-stage scoring: what is retrieved gets a feature row and a score.

bm25.py         the text score
features.py     rows of `ranker.features.FIRST_STAGE`
scorers.py      scorers by name
"""

from __future__ import annotations

__all__ = ["bm25", "features", "scorers"]
