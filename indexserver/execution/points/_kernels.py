"""Shares added up over one window. Addresses as in `indexserver.execution.window._kernels`.

A share is int64[4]: leaf, kind, multiplier, gate slot or -1. Kinds: 1 squared byte, 2 constant,
3 per-document sum, 4 by distance (the multiplier is the address of a table), 5 stored beside ids.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.bits import popcount, trailing_zeros
from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u16,
    load_u32,
    load_u64,
    store_i64,
    store_u8,
    store_u32,
    store_u64,
)
from alicorn.simd.sums import add_squares
from indexserver.execution.window._kernels import (
    bit_at,
    bitmap_at,
    distance_of,
    is_bitmap,
    offsets_at,
    seek,
    short_id,
    window_hits,
)
from indexserver.execution.window.frame import (
    CANDIDATES_AT,
    DESK_MARKS,
    DESK_SCORES,
    DESK_SHARE_CURSORS,
    DESK_SLOTS,
    DESK_SUMS,
    FRAME_DOCUMENTS,
    FRAME_ROWS,
    FRAME_SHARES,
    FRAME_SHARES_COUNT,
    ROW_BYTES,
    SLOT_BYTES,
)
from indexserver.postings.forms import (
    BITMAP,
    DENSE,
    EMPTY,
    NEAR,
    SCORED,
    SHORT,
    SPARSE,
    WINDOW,
    WORDS,
)

_SQUARED, _CONSTANT, _SUM, _DISTANCE, _STORED = range(1, 6)

_ONE = np.uint64(1)

# What the two ways cost, in units of about a nanosecond: measured on 16,384-document windows.
_LOOKUP = 3
_BITMAP_WALK = 1_300
_SCAN = 1_200

_MUCH = np.int64(1) << 62


@njit(cache=True, nogil=True)
def short_count(row, cursor, first):
    """Return how many ids of the SHORT or SCORED list lie in the window that begins at `first`."""
    place = seek(row, cursor, first)
    length = load_i64(row + 8)
    end = place
    while end < length and short_id(row, end) < first + WINDOW:
        end += 1
    return end - place


@njit(cache=True, nogil=True)
def most_points(frame, w):
    """Return a bound on what a document of window `w` can score (before the scale)."""
    shares = load_i64(frame + 8 * FRAME_SHARES)
    rows = load_i64(frame + 8 * FRAME_ROWS)
    total = np.int64(0)
    for i in range(load_i64(frame + 8 * FRAME_SHARES_COUNT)):
        share = shares + 32 * i
        row = rows + load_i64(share) * ROW_BYTES
        kind = load_i64(share + 8)
        form = load_i64(row)
        if form == EMPTY:
            continue
        if kind == _CONSTANT:
            total += load_i64(share + 16)
        elif kind == _SQUARED:
            most = np.int64(255)
            if form == SPARSE or form == DENSE:
                most = np.int64(load_u8(load_i64(row + 40) + w))
            total += load_i64(share + 16) * most * most
        elif kind == _DISTANCE:
            total += load_i64(load_i64(share + 16))
        else:
            return _MUCH
    return total


@njit(cache=True, nogil=True)
def gathers(frame, w, matches):
    """Whether looking up `matches` documents costs less than walking the lists."""
    shares = load_i64(frame + 8 * FRAME_SHARES)
    rows = load_i64(frame + 8 * FRAME_ROWS)
    count = load_i64(frame + 8 * FRAME_SHARES_COUNT)
    walk = np.int64(_SCAN)
    lookups = np.int64(0)
    for i in range(count):
        row = rows + load_i64(shares + 32 * i) * ROW_BYTES
        form = load_i64(row)
        if form == SPARSE or form == DENSE:
            hits = window_hits(row, form, w + 1) - window_hits(row, form, w)
            if hits > 0 and is_bitmap(row, form, w):
                walk += _BITMAP_WALK
                lookups += matches
            else:
                # Few hits are walked either way; a look-up marks them first.
                walk += hits
                lookups += hits + (matches >> 1)
        elif form == BITMAP:
            walk += _BITMAP_WALK
            lookups += matches
        elif form == NEAR:
            lookups += 2 * matches
            walk += 4 * matches
    return lookups * _LOOKUP < walk


@njit(cache=True, nogil=True)
def _add_score(scores, i, points):
    store_u64(scores + 8 * i, load_u64(scores + 8 * i) + np.uint64(points))


@njit(cache=True, nogil=True)
def _gather_bitmap(row, form, kind, multiplier, gate, candidates, count, scores, w, words):
    """Look candidates up in a DENSE list's bitmap: ascending, so the rank is carried along."""
    bitmap = bitmap_at(row, form, w)
    hits = load_i64(row + 32)
    # The rank directory lies behind the window's words (`indexserver.postings.forms`).
    ranks = bitmap + 8 * words
    start = window_hits(row, form, w)
    at = np.int64(-1)
    rank = np.int64(0)
    word = np.uint64(0)
    for i in range(count):
        candidate = np.int64(load_u16(candidates + 2 * i))
        if gate != 0 and bit_at(gate, candidate) == 0:
            continue
        wanted = candidate >> 6
        if wanted != at:
            if at < 0 or (wanted >> 3) != (at >> 3):
                at = (wanted >> 3) << 3
                rank = np.int64(load_u16(ranks + 2 * (wanted >> 3)))
                word = load_u64(bitmap + 8 * at)
            while at < wanted:
                rank += popcount(word)
                at += 1
                word = load_u64(bitmap + 8 * at)
        bit = _ONE << np.uint64(candidate & 63)
        if word & bit:
            if kind == _SQUARED:
                if hits != 0:
                    place = start + rank + popcount(word & (bit - _ONE))
                    byte = np.int64(load_u8(hits + place))
                    _add_score(scores, i, multiplier * byte * byte)
            else:
                _add_score(scores, i, multiplier)


@njit(cache=True, nogil=True)
def _gather_offsets(row, form, kind, multiplier, gate, candidates, count, scores, w, marks):
    """Look candidates up among few offsets: the bytes are laid out over the window and back."""
    place = window_hits(row, form, w)
    hits_here = window_hits(row, form, w + 1) - place
    offsets = offsets_at(row, form, w)
    hits = load_i64(row + 32)
    if kind == _SQUARED and hits == 0:
        return
    for i in range(hits_here):
        byte = load_u8(hits + place + i) if kind == _SQUARED else np.uint8(1)
        store_u8(marks + np.int64(load_u16(offsets + 2 * i)), byte)
    for i in range(count):
        candidate = np.int64(load_u16(candidates + 2 * i))
        byte = np.int64(load_u8(marks + candidate))
        if byte != 0 and (gate == 0 or bit_at(gate, candidate) != 0):
            _add_score(scores, i, multiplier * byte * byte)
    for i in range(hits_here):
        store_u8(marks + np.int64(load_u16(offsets + 2 * i)), np.uint8(0))


@njit(cache=True, nogil=True)
def _gather_short(row, cursor, kind, multiplier, gate, candidates, count, scores, first):
    """Look candidates up in a SHORT or SCORED list: both ascend."""
    length = load_i64(row + 8)
    hits = load_i64(row + 32)
    place = seek(row, cursor, first)
    for i in range(count):
        candidate = np.int64(load_u16(candidates + 2 * i))
        document = first + candidate
        while place < length and short_id(row, place) < document:
            place += 1
        if place >= length:
            return
        if short_id(row, place) != document:
            continue
        if gate != 0 and bit_at(gate, candidate) == 0:
            continue
        if kind == _SQUARED:
            if hits != 0:
                byte = np.int64(load_u8(hits + place))
                _add_score(scores, i, multiplier * byte * byte)
        elif kind == _STORED:
            _add_score(scores, i, load_i64(load_i64(row + 40) + 8 * place))
        else:
            _add_score(scores, i, multiplier)


@njit(cache=True, nogil=True)
def _gather_documents(row, form, kind, multiplier, gate, candidates, count, scores, first):
    """Look candidates up in arrays over documents: BITMAP and NEAR."""
    for i in range(count):
        candidate = np.int64(load_u16(candidates + 2 * i))
        document = first + candidate
        if gate != 0 and bit_at(gate, candidate) == 0:
            continue
        if form == NEAR:
            distance = distance_of(row, document)
            if distance <= load_i64(row + 48):
                _add_score(scores, i, load_i64(multiplier + 8 * distance))
            continue
        if bit_at(load_i64(row + 16), document) == 0:
            continue
        if kind == _SQUARED:
            if load_i64(row + 32) != 0:
                byte = np.int64(load_u8(load_i64(row + 32) + document))
                _add_score(scores, i, multiplier * byte * byte)
        elif kind == _SUM:
            total = np.int64(load_u64(load_i64(row + 40) + 8 * document))
            _add_score(scores, i, multiplier * total)
        else:
            _add_score(scores, i, multiplier)


@njit(cache=True, nogil=True)
def gather(frame, desk, w, count):
    """Write the sums of slot 0's `count` candidates to the desk's scores, in their order."""
    shares = load_i64(frame + 8 * FRAME_SHARES)
    rows = load_i64(frame + 8 * FRAME_ROWS)
    slots = load_i64(desk + 8 * DESK_SLOTS)
    scores = load_i64(desk + 8 * DESK_SCORES)
    marks = load_i64(desk + 8 * DESK_MARKS)
    cursors = load_i64(desk + 8 * DESK_SHARE_CURSORS)
    candidates = slots + CANDIDATES_AT
    first = w * WINDOW
    words = min(WORDS, (load_i64(frame + 8 * FRAME_DOCUMENTS) - first + 63) >> 6)
    for i in range(count):
        store_u64(scores + 8 * i, np.uint64(0))
    for i in range(load_i64(frame + 8 * FRAME_SHARES_COUNT)):
        share = shares + 32 * i
        row = rows + load_i64(share) * ROW_BYTES
        kind = load_i64(share + 8)
        multiplier = load_i64(share + 16)
        gate = np.int64(0)
        if load_i64(share + 24) >= 0:
            gate = slots + load_i64(share + 24) * SLOT_BYTES
        form = load_i64(row)
        if form == SPARSE or form == DENSE:
            if window_hits(row, form, w) == window_hits(row, form, w + 1):
                continue
            if is_bitmap(row, form, w):
                _gather_bitmap(
                    row, form, kind, multiplier, gate, candidates, count, scores, w, words
                )
            else:
                _gather_offsets(
                    row, form, kind, multiplier, gate, candidates, count, scores, w, marks
                )
        elif form == SHORT or form == SCORED:
            _gather_short(
                row, cursors + 8 * i, kind, multiplier, gate, candidates, count, scores, first
            )
        elif form == BITMAP or form == NEAR:
            _gather_documents(row, form, kind, multiplier, gate, candidates, count, scores, first)


@njit(cache=True, nogil=True)
def _add_sum(sums, wide, document, points):
    if wide:
        store_u64(sums + 8 * document, load_u64(sums + 8 * document) + np.uint64(points))
    else:
        store_u32(sums + 4 * document, load_u32(sums + 4 * document) + np.uint32(points))


@njit(cache=True, nogil=True)
def _accumulate_bitmap(row, form, kind, multiplier, gate, sums, wide, w, words):
    bitmap = bitmap_at(row, form, w)
    hits = load_i64(row + 32)
    at = hits + window_hits(row, form, w)
    if kind == _SQUARED and hits == 0:
        return
    if kind == _SQUARED and gate == 0 and not wide:
        for i in range(words):
            word = load_u64(bitmap + 8 * i)
            if word != np.uint64(0):
                add_squares(word, at, sums + 256 * i, multiplier)
                at += popcount(word)
        return
    for i in range(words):
        word = load_u64(bitmap + 8 * i)
        while word != np.uint64(0):
            offset = 64 * i + trailing_zeros(word)
            word &= word - _ONE
            if gate == 0 or bit_at(gate, offset) != 0:
                points = multiplier
                if kind == _SQUARED:
                    byte = np.int64(load_u8(at))
                    points = multiplier * byte * byte
                _add_sum(sums, wide, offset, points)
            at += 1


@njit(cache=True, nogil=True)
def _accumulate_offsets(row, form, kind, multiplier, gate, sums, wide, w):
    place = window_hits(row, form, w)
    count = window_hits(row, form, w + 1) - place
    offsets = offsets_at(row, form, w)
    hits = load_i64(row + 32)
    if kind == _SQUARED and hits == 0:
        return
    for i in range(count):
        offset = np.int64(load_u16(offsets + 2 * i))
        if gate != 0 and bit_at(gate, offset) == 0:
            continue
        points = multiplier
        if kind == _SQUARED:
            byte = np.int64(load_u8(hits + place + i))
            points = multiplier * byte * byte
        _add_sum(sums, wide, offset, points)


@njit(cache=True, nogil=True)
def _accumulate_short(row, cursor, kind, multiplier, gate, sums, wide, first):
    length = load_i64(row + 8)
    hits = load_i64(row + 32)
    place = seek(row, cursor, first)
    while place < length:
        offset = short_id(row, place) - first
        if offset >= WINDOW:
            break
        if gate == 0 or bit_at(gate, offset) != 0:
            points = multiplier
            if kind == _SQUARED:
                byte = np.int64(load_u8(hits + place)) if hits != 0 else np.int64(0)
                points = multiplier * byte * byte
            elif kind == _STORED:
                points = load_i64(load_i64(row + 40) + 8 * place)
            _add_sum(sums, wide, offset, points)
        place += 1
    store_i64(cursor, place)


@njit(cache=True, nogil=True)
def _accumulate_documents(row, form, kind, multiplier, gate, sums, wide, first, words, matching):
    """Add what BITMAP and NEAR give to the documents of the bitmap `matching`."""
    for i in range(words):
        word = load_u64(matching + 8 * i)
        if form == BITMAP:
            word &= load_u64(load_i64(row + 16) + 8 * ((first >> 6) + i))
        if gate != 0:
            word &= load_u64(gate + 8 * i)
        while word != np.uint64(0):
            offset = 64 * i + trailing_zeros(word)
            word &= word - _ONE
            document = first + offset
            points = multiplier
            if form == NEAR:
                distance = distance_of(row, document)
                if distance > load_i64(row + 48):
                    continue
                points = load_i64(multiplier + 8 * distance)
            elif kind == _SQUARED:
                byte = np.int64(0)
                if load_i64(row + 32) != 0:
                    byte = np.int64(load_u8(load_i64(row + 32) + document))
                points = multiplier * byte * byte
            elif kind == _SUM:
                points = multiplier * np.int64(load_u64(load_i64(row + 40) + 8 * document))
            _add_sum(sums, wide, offset, points)


@njit(cache=True, nogil=True)
def accumulate(frame, desk, w, wide):
    """Add every share to the desk's sums, over all documents of window `w`.

    Slot 0 must be a bitmap. Sums are u64 if `wide`, else u32; the caller clears them.
    """
    shares = load_i64(frame + 8 * FRAME_SHARES)
    rows = load_i64(frame + 8 * FRAME_ROWS)
    slots = load_i64(desk + 8 * DESK_SLOTS)
    sums = load_i64(desk + 8 * DESK_SUMS)
    cursors = load_i64(desk + 8 * DESK_SHARE_CURSORS)
    first = w * WINDOW
    words = min(WORDS, (load_i64(frame + 8 * FRAME_DOCUMENTS) - first + 63) >> 6)
    for i in range(load_i64(frame + 8 * FRAME_SHARES_COUNT)):
        share = shares + 32 * i
        row = rows + load_i64(share) * ROW_BYTES
        kind = load_i64(share + 8)
        multiplier = load_i64(share + 16)
        gate = np.int64(0)
        if load_i64(share + 24) >= 0:
            gate = slots + load_i64(share + 24) * SLOT_BYTES
        form = load_i64(row)
        if form == SPARSE or form == DENSE:
            if window_hits(row, form, w) == window_hits(row, form, w + 1):
                continue
            if is_bitmap(row, form, w):
                _accumulate_bitmap(row, form, kind, multiplier, gate, sums, wide, w, words)
            else:
                _accumulate_offsets(row, form, kind, multiplier, gate, sums, wide, w)
        elif form == SHORT or form == SCORED:
            _accumulate_short(row, cursors + 8 * i, kind, multiplier, gate, sums, wide, first)
        elif form == BITMAP or form == NEAR:
            _accumulate_documents(
                row, form, kind, multiplier, gate, sums, wide, first, words, slots
            )
