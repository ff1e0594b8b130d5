"""The second stage: what the top aggregator does with the visible candidates of one module.

In the order of PS-44: signals of the whole result set (`signals`), near-copies folded (`fold`), the
network (`net`), and last a calibrated cut-off (`cutoff`). `pipeline.rerank` runs them; a photo that
the searcher may not see must be gone before, so that it cannot leave a trace in any of these.
"""

from __future__ import annotations

__all__ = ["candidates", "cutoff", "fold", "net", "pipeline", "signals"]
