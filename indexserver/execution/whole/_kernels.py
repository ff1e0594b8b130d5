"""Merging of sorted hits. Held hits lie in five columns on the desk (`DESK_HELD`)."""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.memory import (
    load_i64,
    load_u32,
    load_u64,
    store_i64,
    store_u32,
    store_u64,
)
from indexserver.execution.collect._kernels import best_matches, count_matches, match_ids
from indexserver.execution.window.frame import (
    DESK_BEST_LOCALS,
    DESK_BEST_SCORES,
    DESK_HELD,
    DESK_SPARE,
    FRAME_DOCUMENTS,
)
from indexserver.postings.forms import WINDOW

_ROW = 56
_FRAME, _WINDOWS, _WIDE, _SCALE, _IDS, _KEYS, _NUMBER = range(7)

_SCORE_AT, _ID_AT, _KEY_AT, _LOCAL_AT, _SEGMENT_AT = range(5)


@njit(cache=True, nogil=True)
def _copy(source, i, target, j):
    """Write hit `i` of the columns listed at `source` as hit `j` of those at `target`."""
    for column in (_SCORE_AT, _ID_AT, _SEGMENT_AT):
        value = load_i64(load_i64(source + 8 * column) + 8 * i)
        store_i64(load_i64(target + 8 * column) + 8 * j, value)
    for column in (_KEY_AT, _LOCAL_AT):
        value = load_u32(load_i64(source + 8 * column) + 4 * i)
        store_u32(load_i64(target + 8 * column) + 4 * j, value)


@njit(cache=True, nogil=True)
def _write(row, local, score, target, j):
    """Write a segment's document as hit `j` of the columns at `target`."""
    store_i64(load_i64(target + 8 * _SCORE_AT) + 8 * j, score)
    store_u64(load_i64(target + 8 * _ID_AT) + 8 * j, load_u64(load_i64(row + 8 * _IDS) + 8 * local))
    store_u32(
        load_i64(target + 8 * _KEY_AT) + 4 * j, load_u32(load_i64(row + 8 * _KEYS) + 4 * local)
    )
    store_u32(load_i64(target + 8 * _LOCAL_AT) + 4 * j, np.uint32(local))
    store_i64(load_i64(target + 8 * _SEGMENT_AT) + 8 * j, load_i64(row + 8 * _NUMBER))


@njit(cache=True, nogil=True)
def _comes_first(held, i, row, local, score):
    """Whether held hit `i` stands before a segment's document in the order everywhere."""
    own = load_i64(load_i64(held + 8 * _SCORE_AT) + 8 * i)
    if own != score:
        return own > score
    key = load_u32(load_i64(held + 8 * _KEY_AT) + 4 * i)
    other = load_u32(load_i64(row + 8 * _KEYS) + 4 * local)
    if key != other:
        return key > other
    own_id = load_u64(load_i64(held + 8 * _ID_AT) + 8 * i)
    return own_id < load_u64(load_i64(row + 8 * _IDS) + 8 * local)


@njit(cache=True, nogil=True)
def _merge(row, desk, held, locals_, scores, scale, count, limit):
    """Merge a segment's `count` sorted hits into those held; return how many are held then.

    scores : address of uint64 beside `locals_`, or 0 when all are 0
    """
    to = desk + 8 * DESK_HELD
    score = np.int64(0)
    if held == 0:
        for j in range(min(count, limit)):
            if scores != 0:
                score = np.int64(load_u64(scores + 8 * j)) * scale
            _write(row, np.int64(load_u32(locals_ + 4 * j)), score, to, j)
        return min(count, limit)
    spare = desk + 8 * DESK_SPARE
    i, j, k = np.int64(0), np.int64(0), np.int64(0)
    local = np.int64(0)
    while k < limit and (i < held or j < count):
        if j < count:
            local = np.int64(load_u32(locals_ + 4 * j))
            if scores != 0:
                score = np.int64(load_u64(scores + 8 * j)) * scale
        if j >= count or (i < held and _comes_first(to, i, row, local, score)):
            _copy(to, i, spare, k)
            i += 1
        else:
            _write(row, local, score, spare, k)
            j += 1
        k += 1
    if j > 0:
        for at in range(k):
            _copy(spare, at, to, at)
    return k


@njit(cache=True, nogil=True)
def count_view(table, segments, desk, cancel):
    """Return how many documents match, and whether all were looked at."""
    total = np.int64(0)
    for i in range(segments):
        row = table + _ROW * i
        found, whole = count_matches(load_i64(row), desk, cancel, 0, load_i64(row + 8 * _WINDOWS))
        total += found
        if not whole:
            return total, False
    return total, True


@njit(cache=True, nogil=True)
def best_view(table, first, end, desk, cancel, limit, room, held):
    """Merge the `limit` best of segments [first, end) into the `held` hits.

    Returns how many are held then, how many matched, and whether the time sufficed.
    """
    matched = np.int64(0)
    for i in range(first, end):
        row = table + _ROW * i
        scale = load_i64(row + 8 * _SCALE)
        floor = np.int64(0)
        if held == limit:
            last = load_i64(load_i64(desk + 8 * (DESK_HELD + _SCORE_AT)) + 8 * (held - 1))
            floor = (last + scale - 1) // scale
        count, here, whole = best_matches(
            load_i64(row), desk, cancel, 0, load_i64(row + 8 * _WINDOWS), limit,
            np.uint64(floor), load_i64(row + 8 * _WIDE) != 0, False, room,
        )  # fmt: skip
        matched += here
        held = _merge(
            row, desk, held, load_i64(desk + 8 * DESK_BEST_LOCALS),
            load_i64(desk + 8 * DESK_BEST_SCORES), scale, count, limit,
        )  # fmt: skip
        if not whole:
            return held, matched, False
    return held, matched, True


@njit(cache=True, nogil=True)
def _not_behind(keys, documents, key):
    """Return how many documents, by descending sort-key, have at least `key`."""
    low, high = np.int64(0), documents
    while low < high:
        middle = (low + high) >> 1
        if load_u32(keys + 4 * middle) >= key:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def first_view(table, first, end, desk, cancel, limit, held, numbers):
    """Merge the first `limit` of segments [first, end) into the `held` hits, all scored 0.

    numbers : address of uint32, room for `limit`, a window and slack

    Returns how many are held then, how many matches were seen, and whether the time sufficed. All
    matches were seen if they are fewer than `limit`.
    """
    matched = np.int64(0)
    for i in range(first, end):
        row = table + _ROW * i
        windows = load_i64(row + 8 * _WINDOWS)
        until = windows
        if held == limit:
            # Whoever stands behind the last one that is held needs no look.
            key = load_u32(load_i64(desk + 8 * (DESK_HELD + _KEY_AT)) + 4 * (held - 1))
            documents = load_i64(load_i64(row) + 8 * FRAME_DOCUMENTS)
            better = _not_behind(load_i64(row + 8 * _KEYS), documents, key)
            until = (better + WINDOW - 1) // WINDOW
            if until == 0:
                continue
        count, whole = match_ids(load_i64(row), desk, cancel, 0, until, limit, numbers)
        count = min(count, limit)
        matched += count
        held = _merge(row, desk, held, numbers, np.int64(0), np.int64(1), count, limit)
        if not whole:
            return held, matched, False
    return held, matched, True


@njit(cache=True, nogil=True)
def count_views(tables, segments, desk, cancel, counts):
    """Write the count of each view to `counts`; return how many were done in time.

    tables, segments : int64 (n,), address and rows of each view's table;  counts : int64 (n,)
    """
    for i in range(tables.size):
        counts[i], whole = count_view(tables[i], segments[i], desk, cancel)
        if not whole:
            return i
    return tables.size


@njit(cache=True, nogil=True)
def best_views(
    tables,
    segments,
    desk,
    cancel,
    limit,
    room,
    scores,
    ids,
    keys,
    locals_,
    numbers,
    counts,
    matched,
):
    """Write the best of each view; return how many were done in time.

    tables, segments : as in `count_views`
    scores, ids, keys, locals_, numbers : (n, limit), types of `DESK_HELD`
    counts, matched : int64 (n,)
    """
    held = desk + 8 * DESK_HELD
    for i in range(tables.size):
        count, found, whole = best_view(
            tables[i], 0, segments[i], desk, cancel, limit, room, np.int64(0)
        )
        if not whole:
            return i
        counts[i], matched[i] = count, found
        for j in range(count):
            scores[i, j] = load_i64(load_i64(held + 8 * _SCORE_AT) + 8 * j)
            ids[i, j] = load_u64(load_i64(held + 8 * _ID_AT) + 8 * j)
            keys[i, j] = load_u32(load_i64(held + 8 * _KEY_AT) + 4 * j)
            locals_[i, j] = load_u32(load_i64(held + 8 * _LOCAL_AT) + 4 * j)
            numbers[i, j] = load_i64(load_i64(held + 8 * _SEGMENT_AT) + 8 * j)
    return tables.size
