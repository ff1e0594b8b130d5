"""What do millions of short lists cost: bytes each, a look-up, and the union of 5,000 of them?

Data    corpus D: 5,000,000 lists, median 3 and 99th percentile 59 hits, over a million documents
Report  bytes of a list of at most 3 hits with its dictionary entry, from a segment of only those;
        median microseconds of finding a term that no cache has and its list; of all ids of
        `(ids friend: @0)` with 5,000 numbers, a new array in each run, look-ups included, beside
        CRoaring's union of bitmaps that a Python dictionary finds. Answers are compared with
        brute force
Run     alicorn bench shortlists
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexserver.execution.engine import Engine
from indexserver.postings.segment import Segment
from indexserver.view import SegmentView
from loadtest.brute import refuse
from loadtest.corpora import short_lists as d
from loadtest.corpora.assembled import segment_bytes_of_lists, view_of
from loadtest.corpora.corpus import list_sizes
from loadtest.corpora.short_lists import EDGE, ShortLists
from loadtest.peers.croaring import Roaring, bitmap_of
from loadtest.report import Report, Row, report_of
from loadtest.timing import clocked, median_us
from loadtest.workbench import Asking, Workbench

__all__ = ["run", "shortlists_rows"]

_FEW: Final = 3
_OPERANDS: Final = 5_000
_LOOKUPS: Final = 20_000
_ARRAYS: Final = 20
"""Arrays of numbers that are asked for, each in turn."""
_SAMPLED: Final = 20_000


def run(bench: Workbench) -> Report:
    """Measure every row that ``bench`` wants."""
    return report_of(shortlists_rows(bench))


def shortlists_rows(bench: Workbench) -> list[Row]:
    """Return the rows of bytes, of the look-up and of the union."""
    ids = ("shortlists/D/bytes", "shortlists/D/lookup", "shortlists/D/or5000")
    if not bench.wanted(ids):
        return []
    bench.tell(f"corpus D: {bench.scale.lists:,} lists")
    lists = d.short_lists(bench.scale.lists, bench.scale.documents)
    shared: dict[str, Any] = {"better": "less", "data": lists.about, "seed": d.SEED}
    rows = []
    if bench.wants(ids[0]):
        bench.tell(ids[0])
        rows.append(_bytes_row(ids[0], lists, shared))
    if bench.wanted(ids[1:]):
        bench.tell("corpus D: building our index")
        segment = Segment.read(segment_bytes_of_lists(lists), "D")
    if bench.wants(ids[1]):
        bench.tell(ids[1])
        rows.append(_lookup_row(ids[1], lists, segment, shared))
    if bench.wants(ids[2]):
        bench.tell(ids[2])
        rows.append(_union_row(bench, ids[2], lists, segment, shared))
    return rows


def _bytes_row(row_id: str, lists: ShortLists, shared: dict[str, Any]) -> Row:
    few = lists.shorter(_FEW)
    segment = Segment.read(segment_bytes_of_lists(few), row_id)
    _, found, _ = segment.lists.decode_all()
    if not np.array_equal(found, few.postings):
        raise refuse("lists of at most 3 hits", found, few.postings)
    size = sum(segment.lists.bytes_by_part().values()) + segment.bytes_by_part["dictionary"]
    return Row(
        id=row_id,
        question=f"bytes of a list of at most {_FEW} hits with its dictionary entry",
        ours=size / few.lists,
        peer="CRoaring, serialised, without any dictionary",
        theirs=_roaring_bytes(few),
        unit="bytes",
        limit=40.0,
        limit_aim=24.0,
        measured=f"mean of {few.lists:,} lists of {few.postings.size / few.lists:.2f} hits",
        note=", ".join(
            f"{part} {size / few.lists:.1f}"
            for part, size in (
                *segment.lists.bytes_by_part().items(),
                ("dictionary", segment.bytes_by_part["dictionary"]),
            )
        ),
        **shared,
    )


def _roaring_bytes(lists: ShortLists) -> float | None:
    if not Roaring.is_here():
        return None
    starts = lists.posting_offsets[: _SAMPLED + 1].tolist()
    sizes = [
        len(bitmap_of(lists.postings[start:end]).serialize()) for start, end in pairwise(starts)
    ]
    return float(np.mean(sizes))


def _lookup_row(row_id: str, lists: ShortLists, segment: Segment, shared: dict[str, Any]) -> Row:
    """Look up terms that were never touched before, each once: no cache has them."""
    part = SegmentView(segment)
    sizes = list_sizes(lists.posting_offsets)
    count = min(_LOOKUPS, lists.lists // 2)
    chosen = np.random.default_rng(d.SEED).choice(lists.lists, count, replace=False)
    keys = [f"{EDGE}:{lists.numbers[number]}".encode() for number in chosen]
    spent = np.empty(count)
    found = []
    part.row_of(f"{EDGE}:none".encode())
    for at, key in enumerate(keys):
        begun = time.perf_counter()
        row = part.row_of(key)
        spent[at] = time.perf_counter() - begun
        found.append(int(row[1]))
    if not np.array_equal(found, sizes[chosen]):
        raise refuse("hits of the lists looked up", found, sizes[chosen])
    return Row(
        id=row_id,
        question="finding a term and its list, cold",
        ours=float(np.median(spent)) * 1e6,
        unit="us",
        limit=5.0,
        limit_aim=1.0,
        measured=f"median of {count:,} different terms, each once; 99th percentile "
        f"{np.percentile(spent, 99) * 1e6:.2f} us",
        note="cold in the processor's caches; the pages are in memory",
        **shared,
    )


def _union_row(
    bench: Workbench, row_id: str, lists: ShortLists, segment: Segment, shared: dict[str, Any]
) -> Row:
    engine: Asking = Engine(view_of(segment))
    random = np.random.default_rng(d.SEED)
    operands = min(_OPERANDS, lists.lists // 4)
    text = f"(ids {EDGE}: @0)"
    ours, theirs = [], []
    for _ in range(min(_ARRAYS, bench.scale.queries)):
        numbers = np.sort(random.choice(lists.lists, operands, replace=False))
        array = lists.numbers[numbers]
        needed = _union(lists, numbers)
        (found,) = engine.prepare(text, (array,)).ids()
        if not np.array_equal(found, needed):
            raise refuse(f"ids of an or of {operands}", found, needed)
        ours.append(clocked(_from_numbers(engine, text, array)))
        if Roaring.is_here():
            theirs.append(clocked(_roaring_union(lists, numbers, needed)))
    spent = bench.taken(ours=ours, theirs=theirs)
    return Row(
        id=row_id,
        question=f"all ids of an or of {operands:,} terms through ids",
        ours=(median_us(spent["ours"]) or 0.0) / 1e3,
        peer="CRoaring",
        theirs=None if "theirs" not in spent else (median_us(spent["theirs"]) or 0.0) / 1e3,
        unit="ms",
        limit=2.0,
        limit_aim=1.0,
        measured=f"median of {len(ours)} arrays, each the median of {bench.scale.repeats} runs",
        note="CRoaring's lists are found in a Python dictionary and its result is a bitmap",
        **shared,
    )


def _from_numbers(engine: Asking, text: str, array: npt.NDArray[np.uint64]) -> Callable[[], Any]:
    # A copy for each run, as each request brings its own: nothing of it can have been kept.
    return lambda: engine.prepare(text, (array.copy(),)).ids()


def _union(lists: ShortLists, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    offsets = lists.posting_offsets
    pieces = [lists.postings[int(offsets[n]) : int(offsets[n + 1])] for n in numbers]
    return np.unique(np.concatenate(pieces))


def _roaring_union(
    lists: ShortLists, numbers: npt.NDArray[np.int64], needed: npt.NDArray[np.uint32]
) -> Any:
    from pyroaring import BitMap  # noqa: PLC0415 - an extra

    offsets = lists.posting_offsets
    asked = lists.numbers[numbers].tolist()
    bitmaps = {
        name: bitmap_of(lists.postings[int(offsets[number]) : int(offsets[number + 1])])
        for name, number in zip(asked, numbers, strict=True)
    }

    def call() -> Any:
        return BitMap.union(*[bitmaps[name] for name in asked])

    if not np.array_equal(np.array(call().to_array(), dtype=np.uint32), needed):
        raise refuse("CRoaring's union", len(call()), needed.size)
    return call
