"""Benchmarks beside peers, and later the load-test harness and its synthetic worlds.

`report` has what every benchmark prints, `latency` and `photos` measure. They take callables, so
they know no tier; `alicorn.command.benchmark` gives them the real ones.
"""

from __future__ import annotations

__all__: list[str] = []
