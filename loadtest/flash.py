"""What does it cost to keep a quarter of the index in memory and the rest on flash?

Data    corpus A, one segment, written by the shard's storage with a memory budget of 25 % of what
        its lists take in memory; beside it the same segment all in memory
Report  p50 and p99 of the best 100 by concept score over the queries of all classes. warm: the
        median of several runs; cold: one run each from text, after the pages of all cold lists were
        dropped; dropped: the same after every page of the file was, as after a start. The segment
        is opened anew for the last two, and what earlier queries thawed stays within the budget.
        Bytes of cold lists that a query decodes, and bytes that it reads from the disk. Counts,
        all ids, the first and the best 100 of every query must be those of the index in memory
Run     alicorn bench flash
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.simd.memory import address_of
from indexserver.execution.engine import Engine
from indexserver.postings.layout import unpack_sections
from indexserver.postings.segment import COLD_SECTION, Segment
from indexserver.view import SegmentView, View
from loadtest.brute import refuse
from loadtest.page_cache import bytes_from_disk, make_cold
from loadtest.questions import CLASSES, SEED
from loadtest.report import Report, Row, report_of
from loadtest.stored import opened, stored
from loadtest.timing import clocked
from loadtest.workbench import Asking, Workbench

__all__ = ["flash_rows", "run"]

_SHARE: Final = 0.25
_LIMIT: Final = 100
_PERCENTILES: Final = (50, 99)
_STATES: Final = ("warm", "cold", "dropped")
_BYTES: Final = ("bytes-decoded", "bytes-read-cold", "bytes-read-dropped")
_IDS: Final = (
    "flash/A/memory",
    *(f"flash/A/p{percentile}-{state}" for state in _STATES for percentile in _PERCENTILES),
    *(f"flash/A/{name}" for name in _BYTES),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Cold:
    """One run of each query, pages dropped before it."""

    seconds: npt.NDArray[np.float64]
    decoded: npt.NDArray[np.float64]
    """Bytes of cold lists."""
    read: npt.NDArray[np.float64]
    """Bytes from the disk."""


def run(bench: Workbench) -> Report:
    """Measure every row that ``bench`` wants."""
    return report_of(flash_rows(bench))


def flash_rows(bench: Workbench) -> list[Row]:
    """Return the rows of memory, of latency in each state, and of bytes read."""
    if not bench.wanted(_IDS):
        return []
    whole = bench.segment("A")
    index = sum(whole.lists.bytes_by_part().values())
    budget = int(index * _SHARE)
    with tempfile.TemporaryDirectory(prefix="flash-", dir=bench.folder) as name:
        folder = Path(name)
        bench.tell(f"corpus A: writing our index with {_SHARE:.0%} of {index:,} bytes in memory")
        part = stored(whole, folder, budget=budget)
        file = folder / part.segment.name
        small: Asking = Engine(View((part,)))
        texts = _checked_texts(bench, small)
        once = {}
        for state, pages in (("cold", _cold_pages(file)), ("dropped", None)):
            bench.tell(f"flash: {state}")
            once[state] = _once(opened(folder, budget=budget).segment, file, pages, texts)
        bench.tell("flash: warm")
        large = bench.engine("A")
        spent = bench.taken(
            ours=[clocked(partial(small.prepare(text).best, _LIMIT)) for text in texts],
            theirs=[clocked(partial(large.prepare(text).best, _LIMIT)) for text in texts],
        )
    shared: dict[str, Any] = {
        "data": bench.the_corpus("A").about,
        "seed": SEED,
        "better": "less",
    }
    rows = [
        Row(
            id="flash/A/memory",
            question="share of the lists' bytes that stays in memory",
            ours=100.0 * part.segment.warm_bytes / index,
            unit="%",
            limit=100.0 * _SHARE,
            measured="bytes of hot lists over bytes of all lists in memory",
            note="what is thawed has the rest of the budget",
            **shared,
        )
    ]
    beside = np.median(spent["theirs"], axis=1)
    states = {"warm": np.median(spent["ours"], axis=1)}
    states |= {state: found.seconds for state, found in once.items()}
    for state, seconds in states.items():
        for percentile in _PERCENTILES:
            rows.append(
                Row(
                    id=f"flash/A/p{percentile}-{state}",
                    question=f"p{percentile} of the best {_LIMIT} with a quarter in memory, "
                    f"{state}",
                    ours=float(np.percentile(seconds, percentile)) * 1e6,
                    peer="all in memory, warm",
                    theirs=float(np.percentile(beside, percentile)) * 1e6,
                    unit="us",
                    measured=f"{len(texts)} queries of {len(CLASSES)} classes",
                    **shared,
                )
            )
    for name, what, sizes in (
        ("bytes-decoded", "bytes of cold lists that a query decodes", once["cold"].decoded),
        ("bytes-read-cold", "bytes from the disk, cold lists dropped", once["cold"].read),
        ("bytes-read-dropped", "bytes from the disk, everything dropped", once["dropped"].read),
    ):
        rows.append(
            Row(
                id=f"flash/A/{name}",
                question=what,
                ours=float(np.mean(sizes)),
                unit="bytes",
                measured=f"mean of {len(texts)} queries; median {np.median(sizes):,.0f}, "
                f"p99 {np.percentile(sizes, 99):,.0f}",
                **shared,
            )
        )
    return [row for row in rows if bench.wants(row.id)]


def _cold_pages(file: Path) -> slice:
    """Return where the cold lists are in ``file``."""
    data = np.frombuffer(file.read_bytes(), dtype=np.uint8)
    section = np.frombuffer(unpack_sections(data.data, file.name)[COLD_SECTION], dtype=np.uint8)
    start = address_of(section) - address_of(data) if section.size else 0
    return slice(start, start + section.size)


def _checked_texts(bench: Workbench, small: Asking) -> list[str]:
    """Return the queries of all classes, after both engines agreed on every answer."""
    corpus, large = bench.the_corpus("A"), bench.engine("A")
    texts = [
        question.text(corpus, "tag", weighted=True)
        for question_class in CLASSES
        for question in bench.questions("A", question_class)
    ]
    bench.tell(f"flash: comparing {len(texts)} queries")
    for text in texts:
        one, other = small.prepare(text), large.prepare(text)
        pairs = [
            ("count", np.array(one.count()), np.array(other.count())),
            ("ids", np.concatenate(one.ids()), np.concatenate(other.ids())),
            ("first", one.first(_LIMIT).ids, other.first(_LIMIT).ids),
            ("best", one.best(_LIMIT).ids, other.best(_LIMIT).ids),
            ("scores", one.best(_LIMIT).concept_scores, other.best(_LIMIT).concept_scores),
        ]
        for name, found, needed in pairs:
            if not np.array_equal(found, needed):
                raise refuse(f"{name} of {text} with a quarter in memory", found, needed)
    return texts


def _once(segment: Segment, file: Path, pages: slice | None, texts: list[str]) -> _Cold:
    figures = np.empty((3, len(texts)))
    for number, text in enumerate(texts):
        # A view of its own: no plan is bound to it yet, and no list held for one.
        asking: Asking = Engine(View((SegmentView(segment),)))
        make_cold(file, pages)
        decoded, read = segment.lists.bytes_read, bytes_from_disk()
        begun = time.perf_counter()
        asking.prepare(text).best(_LIMIT)
        figures[0, number] = time.perf_counter() - begun
        figures[1, number] = segment.lists.bytes_read - decoded
        figures[2, number] = bytes_from_disk() - read
    return _Cold(*figures)
