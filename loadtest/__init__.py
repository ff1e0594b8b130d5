"""Benchmarks beside peers, and later the load-test harness and its synthetic worlds.

    latency.py, photos.py    `alicorn bench search`: whole searches, understanding, bytes a photo
    engine.py                `alicorn bench engine`: counts, all_ids, first, best, segmented, shard
    memory.py                `alicorn bench memory`: bytes of postings and of a photo's tags
    shortlists.py, flash.py, hamming.py, forest.py      the benchmarks of those names
    workbench.py             what they share: corpora, our engine and peers, each made once
    corpora/, peers/         what is searched, and who else searches it
    questions.py, brute.py   what is asked, and what the answers are
    timing.py, bandwidth.py, reading.py     the clock, and what the machine could do at best
    report.py                what every benchmark prints

A benchmark states its question, data, report and command in its first lines, compares every answer
in the run that it reports, and prints no figure beside a wrong one. Those of whole searches take
callables, so they know no tier; `alicorn.command.benchmark` gives them the real ones.
"""

from __future__ import annotations

__all__: list[str] = []
