"""How good an order is: metrics with confidence intervals, and the evaluation on judged photos.

Nothing here knows how a search works: `photos.evaluate_photos` takes a callable.
"""

from __future__ import annotations

from ranker.evaluation.photos import EvaluationReport, LabelRow, evaluate_photos

__all__ = ["EvaluationReport", "LabelRow", "evaluate_photos"]
