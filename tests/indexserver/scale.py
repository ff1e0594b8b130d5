"""Worlds of many windows, made from arrays: thousands of documents in milliseconds.

Each segment has lists of every kind that a list can have: all documents, half of them, exactly so
many in each window or altogether, the first and the last of each window, one window only, none.
Ids and sort-keys of the segments lie in between each other, with ties of sort-keys across them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from hypothesis import strategies as st

from indexserver.merge import merge
from indexserver.postings.builder import assemble
from indexserver.postings.columns import CODES, COLUMNS, HAS_JOINT, HAS_VISUAL
from indexserver.postings.dictionary import term_key
from indexserver.postings.segment import Postings, Segment
from indexserver.view import SegmentView, TermChange, View

_shelf = sys.modules["indexserver_tests_shelf"]
questions = sys.modules["indexserver_tests_questions"]

WINDOW = 16_384
TOTALS = (1, 2, 3, 4, 59, 182, 183, 184, 185, 255, 256, 257)
A_WINDOW = (1, 16, 255, 256, 257)
UNKNOWN_TIME = -(2**63)
BASES = (bytes(32), bytes(range(32)))
ID_ARRAYS = (
    np.array([1, 2, 250], dtype=np.uint64),
    np.arange(0, 400, 3, dtype=np.uint64),
    np.arange(300, 5_000, dtype=np.uint64),
)


@dataclass(frozen=True, eq=False)
class Wide:
    """A world, as data and as the view that stands for it."""

    shelf: _shelf.Shelf
    view: View


@lru_cache(maxsize=16)
def wide(seed: int, sizes: tuple[int, ...], *, cold: bool = False) -> Wide:
    """Return a world of ``len(sizes)`` segments; the same for the same seed and sizes.

    ``cold`` packs every other list, as what stays on flash is.
    """
    rng = np.random.default_rng([seed, *sizes])
    total = sum(sizes)
    ids = rng.choice(4 * total + 8, total, replace=False).astype(np.uint64) + 1
    # A few keys for many documents in one world, nearly as many keys as documents in the next.
    keys = rng.integers(0, rng.choice([1, 3, 50, 2**20]), total, endpoint=True, dtype=np.uint32)
    parts, living = [], []
    first = 0
    for number, size in enumerate(sizes):
        here = slice(first, first + size)
        part, rows = _part(rng, ids[here], keys[here], f"wide-{number}", cold=cold)
        first += size
        parts.append(part)
        living.extend(rows)
    return Wide(_shelf.Shelf.of(living), View(tuple(parts)))


@lru_cache(maxsize=16)
def merged(world: Wide) -> View:
    """Return the view of one segment that holds what ``world`` holds."""
    return View((SegmentView(Segment.read(merge(world.view.segments), "whole")),))


def _part(rng, ids, keys, name, *, cold):
    """Return a segment with its changes, and its live documents with their terms."""
    order = np.lexsort((ids, ~keys))
    columns = _columns(rng, ids[order], keys[order])
    lists = _lists(rng, columns)
    terms = sorted((term_key(*term), term) for term, (found, _) in lists.items() if found.size)
    offsets = np.zeros(len(terms) + 1, dtype=np.uint64)
    np.cumsum([lists[term][0].size for _, term in terms], out=offsets[1:])
    nothing = (np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.uint8))
    data = assemble(
        [key for key, _ in terms],
        posting_offsets=offsets,
        postings=np.concatenate([nothing[0], *(lists[term][0] for _, term in terms)]),
        hitdata=np.concatenate([nothing[1], *(lists[term][1] for _, term in terms)]),
        columns=columns,
        documents=[],
        packed=np.arange(len(terms)) % 2 == 0 if cold else None,
    )
    live = _live(rng, ids.size)
    changes = {}
    for term in (("tag", "half"), ("tag", "total-3"), ("tag", "window-256"), ("author", "2")):
        if rng.random() < 0.4:
            changes[term_key(*term)] = _change(rng, lists, term, ids.size)
    rows = _rows(columns, lists, live)
    return SegmentView(Segment.read(data, name), live, changes), rows


def _columns(rng, ids, keys):
    """Return every column; codes lie within a few bits of two bases."""
    n = ids.size
    columns = {column: np.zeros(n, dtype=kind) for column, kind in COLUMNS.items()}
    columns["ids"], columns["sort_keys"] = ids, keys
    columns["authors"] = rng.integers(0, 6, n, dtype=np.uint64)
    taken = rng.integers(-10, 400_000_000, n, dtype=np.int64)
    columns["taken_at"] = np.where(rng.random(n) < 0.1, UNKNOWN_TIME, taken)
    columns["popularity"] = rng.choice(np.array([0, 7, 2**32 - 1], dtype=np.uint32), n)
    columns["widths"] = rng.choice(np.array([0, 640, 65_535], dtype=np.uint16), n)
    columns["heights"] = rng.integers(0, 2_000, n, dtype=np.uint16)
    columns["flags"] = rng.choice(
        np.array([0, HAS_VISUAL, HAS_VISUAL, HAS_VISUAL | HAS_JOINT], dtype=np.uint8), n
    )
    bases = np.frombuffer(b"".join(BASES), dtype=np.uint8).reshape(-1, 32)
    for space in CODES:
        noise = np.full((n, 32), 255, dtype=np.uint8)
        for _ in range(5):
            noise &= rng.integers(0, 256, (n, 32), dtype=np.uint8)
        columns[space] = bases[rng.integers(0, len(bases), n)] ^ noise
    for space, flag in (("visual", HAS_VISUAL), ("joint", HAS_JOINT)):
        columns[space][(columns["flags"] & flag) == 0] = 0
    return columns


def _lists(rng, columns):
    """Return (edge, value) -> (local ids, HitData)."""
    n = columns["ids"].size
    everyone = np.arange(n, dtype=np.uint32)
    windows = [everyone[at : at + WINDOW] for at in range(0, n, WINDOW)]
    tags = {
        "every": everyone,
        "half": everyone[rng.random(n) < 0.5],
        "tenth": everyone[rng.random(n) < 0.1],
        "rare": everyone[rng.random(n) < 0.002],
        "first": everyone[:1],
        "last": everyone[n - 1 :] if n else everyone,
        "ends": np.unique(np.concatenate([everyone[:0], *(w[[0, -1]] for w in windows)])),
        "one-window": windows[rng.integers(len(windows))] if windows else everyone,
        **{f"total-{count}": _sample(rng, everyone, count) for count in TOTALS},
        **{
            f"window-{count}": np.concatenate(
                [everyone[:0], *(_sample(rng, w, count) for w in windows)]
            )
            for count in A_WINDOW
        },
    }
    lists = {}
    for value, found in tags.items():
        hits = rng.integers(1, 256, found.size, dtype=np.uint8)
        lists["tag", value] = (found, np.full_like(hits, 255) if value == "tenth" else hits)
    for value, share in (("sea", 0.3), ("sun", 0.01)):
        found = everyone[rng.random(n) < share]
        lists["text", value] = (found, rng.integers(1, 4, found.size, dtype=np.uint8))
    for edge, people in (("author", columns["authors"]), ("tagged", rng.integers(0, 4_000, n))):
        order = np.argsort(people, kind="stable").astype(np.uint32)
        values, starts = np.unique(people[order], return_index=True)
        ends = [*starts[1:].tolist(), n]
        for value, start, end in zip(values.tolist(), starts.tolist(), ends, strict=bool(n)):
            if value:
                lists[edge, str(value)] = (order[start:end], np.zeros(end - start, dtype=np.uint8))
    return lists


def _sample(rng, among, count):
    """Return ``count`` of ``among``, ascending; all of them where there are fewer."""
    return np.sort(rng.choice(among, min(count, among.size), replace=False))


def _live(rng, n):
    """Return which documents live: all, most, or none of a run that may hide a window."""
    kind = rng.integers(3)
    if kind == 0 or not n:
        return None
    if kind == 1:
        return rng.random(n) > 0.1
    live = np.ones(n, dtype=np.bool_)
    start = int(rng.integers(n))
    live[start : start + int(rng.integers(1, 2 * WINDOW))] = False
    return live


def _change(rng, lists, term, n):
    """Change one term's list, in ``lists`` too."""
    found, hits = lists.get(term, (np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.uint8)))
    added = _sample(rng, np.arange(n, dtype=np.uint32), int(rng.integers(0, 300)))
    bytes_ = rng.integers(1, 256, added.size, dtype=np.uint8)
    if term[0] != "tag":
        bytes_[:] = 0
    removed = np.setdiff1d(found[rng.random(found.size) < 0.3], added)
    now = dict(zip(found.tolist(), hits.tolist(), strict=True))
    for local in removed.tolist():
        del now[local]
    now.update(zip(added.tolist(), bytes_.tolist(), strict=True))
    lists[term] = (
        np.array(sorted(now), dtype=np.uint32),
        np.array([now[local] for local in sorted(now)], dtype=np.uint8),
    )
    return TermChange(Postings(added, bytes_), removed)


def _rows(columns, lists, live):
    """Return the live documents, each with its terms."""
    n = columns["ids"].size
    terms = [{} for _ in range(n)]
    for term, (found, hits) in lists.items():
        for local, hit in zip(found.tolist(), hits.tolist(), strict=True):
            terms[local][term] = hit
    flags = columns["flags"].tolist()
    rows = zip(
        *(
            columns[name].tolist()
            for name in ("ids", "sort_keys", "authors", "taken_at", "popularity")
        ),
        *(columns[name].tolist() for name in ("widths", "heights")),
        *([code.tobytes() for code in columns[space]] for space in ("visual", "joint")),
        strict=True,
    )
    found = []
    for local, row in enumerate(rows):
        if live is not None and not live[local]:
            continue
        row_ = _shelf.Row(*row)
        found.append(
            (
                row_._replace(
                    taken_at=None if row_.taken_at == UNKNOWN_TIME else row_.taken_at,
                    visual=row_.visual if flags[local] & HAS_VISUAL else b"",
                    joint=row_.joint if flags[local] & HAS_JOINT else b"",
                ),
                terms[local],
            )
        )
    return found


VOCABULARY = questions.Vocabulary(
    terms=[
        *(("tag", v) for v in ("every", "half", "tenth", "rare", "first", "last", "ends")),
        *(("tag", v) for v in ("one-window", "none", "half", "every")),
        *(("tag", f"total-{count}") for count in TOTALS),
        *(("tag", f"window-{count}") for count in A_WINDOW),
        *(("text", v) for v in ("sea", "sun")),
        *(("author", v) for v in ("1", "2", "9")),
        ("tagged", "77"),
    ],
    prefixes=[("tag", v) for v in ("", "total-18", "window-", "e", "rare")] + [("tagged", "39")],
    ids=[(edge, array) for edge in ("author", "tagged") for array in range(3)],
    bounds=[None, None, 0, 1, 3, 640, 1_000, 200_000_000, 2**32 - 1],
    codes=BASES,
)
asked = VOCABULARY.asked

_EDGES = (0, 1, 63, 64, 65, 255, 1_024, WINDOW - 1, WINDOW, WINDOW + 1)
shapes = st.one_of(
    st.sampled_from([(WINDOW - 1,), (WINDOW,), (WINDOW + 1,), (2 * WINDOW + 1,)]),
    st.sampled_from([(WINDOW, 1), (WINDOW + 1, 65), (64, WINDOW - 1), (63, 64, 65, 0, 1_024)]),
    st.lists(st.sampled_from(_EDGES[:7]), min_size=1, max_size=5).map(tuple),
)
"""Sizes of the segments of one world."""
