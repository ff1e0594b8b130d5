"""Shares looked up for the matches of one window. Addresses as in `indexserver.execution.window`.

`scores` are uint64 sums of the matches, in their order; `ranks` how many matches stand before each
word of the window.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.bits import extract_bits, popcount
from alicorn.simd.emit import emit_u16
from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u16,
    load_u64,
    store_i64,
    store_u16,
    store_u64,
)
from alicorn.simd.words import words_cover, words_zero
from indexserver.execution.points._kernels import document_points
from indexserver.execution.points.costs import (
    FEW_MATCHES,
    HIT,
    LOOKUP,
    WORD_WALK,
)
from indexserver.execution.program import (
    SQUARED_BYTE,
    STORED,
)
from indexserver.execution.window.frame import (
    CANDIDATES_AT,
    DESK_NUMBERS,
    DESK_PLACES,
    DESK_RANKS,
    DESK_SCORES,
    DESK_SHARE_CURSORS,
    DESK_SLOTS,
    FRAME_DOCUMENTS,
    FRAME_ROWS,
    FRAME_SHARES,
    FRAME_SHARES_COUNT,
    ROW_BYTES,
    SLOT_BYTES,
)
from indexserver.execution.window.lists._kernels import (
    bit_at,
    bitmap_at,
    is_bitmap,
    offsets_at,
    seek,
    short_id,
    window_hits,
)
from indexserver.postings.forms import (
    BITMAP,
    DENSE,
    NEAR,
    SCORED,
    SHORT,
    SPARSE,
    WINDOW,
    WORDS,
)

_ONE = np.uint64(1)


@njit(cache=True, nogil=True)
def _add_score(scores, i, points):
    store_u64(scores + 8 * i, load_u64(scores + 8 * i) + np.uint64(points))


@njit(cache=True, nogil=True)
def _rank(slot, ranks, offset):
    """Return the number of the match at `offset` among the window's, -1 if it is none."""
    at = offset >> 6
    word = load_u64(slot + 8 * at)
    bit = _ONE << np.uint64(offset & 63)
    if word & bit == np.uint64(0):
        return np.int64(-1)
    return np.int64(load_u16(ranks + 2 * at)) + popcount(word & (bit - _ONE))


@njit(cache=True, nogil=True)
def _gather_words(
    row, form, kind, multiplier, gate, slot, ranks, scores, w, words, places, numbers
):
    """Add what a DENSE list's bitmap gives to the matches it holds.

    First which byte belongs to which match, word by word, then the sums: two loops that a CPU can
    foresee. places, numbers : addresses of uint16, room for a window and slack
    """
    bitmap = bitmap_at(row, form, w)
    hits = load_i64(row + 32)
    if kind == SQUARED_BYTE and hits == 0:
        return
    hits += window_hits(row, form, w)
    every = gate == 0 and words_cover(bitmap, slot, words)
    count = np.int64(0)
    rank = np.int64(0)
    for i in range(words):
        held = load_u64(bitmap + 8 * i)
        matching = load_u64(slot + 8 * i)
        both = held & matching
        if gate != 0:
            both &= load_u64(gate + 8 * i)
        if both != np.uint64(0):
            here = emit_u16(extract_bits(both, held), np.uint16(rank), places + 2 * count)
            if not every:
                among = extract_bits(both, matching)
                emit_u16(among, load_u16(ranks + 2 * i), numbers + 2 * count)
            count += here
        rank += popcount(held)
    if kind != SQUARED_BYTE:
        for i in range(count):
            number = i if every else np.int64(load_u16(numbers + 2 * i))
            _add_score(scores, number, multiplier)
    elif every:
        for i in range(count):
            byte = np.int64(load_u8(hits + np.int64(load_u16(places + 2 * i))))
            _add_score(scores, i, multiplier * byte * byte)
    else:
        for i in range(count):
            byte = np.int64(load_u8(hits + np.int64(load_u16(places + 2 * i))))
            _add_score(scores, np.int64(load_u16(numbers + 2 * i)), multiplier * byte * byte)


@njit(cache=True, nogil=True)
def _gather_lookups(row, form, kind, multiplier, gate, candidates, count, scores, w, words):
    """Look few matches up in a DENSE list's bitmap: ascending, so the rank is carried along."""
    bitmap = bitmap_at(row, form, w)
    hits = load_i64(row + 32)
    if kind == SQUARED_BYTE and hits == 0:
        return
    # The rank directory lies behind the window's words (`indexserver.postings.forms`).
    ranks = bitmap + 8 * words
    start = hits + window_hits(row, form, w)
    for i in range(count):
        candidate = np.int64(load_u16(candidates + 2 * i))
        word = load_u64(bitmap + 8 * (candidate >> 6))
        bit = _ONE << np.uint64(candidate & 63)
        if word & bit == np.uint64(0) or (gate != 0 and bit_at(gate, candidate) == 0):
            continue
        points = multiplier
        if kind == SQUARED_BYTE:
            place = popcount(word & (bit - _ONE)) + np.int64(load_u16(ranks + 2 * (candidate >> 9)))
            for j in range((candidate >> 9) << 3, candidate >> 6):
                place += popcount(load_u64(bitmap + 8 * j))
            byte = np.int64(load_u8(start + place))
            points = multiplier * byte * byte
        _add_score(scores, i, points)


@njit(cache=True, nogil=True)
def _gather_offsets(row, form, kind, multiplier, gate, slot, ranks, scores, w):
    """Add what a list's few hits in the window give to those that match."""
    place = window_hits(row, form, w)
    count = window_hits(row, form, w + 1) - place
    offsets = offsets_at(row, form, w)
    hits = load_i64(row + 32)
    if kind == SQUARED_BYTE and hits == 0:
        return
    for i in range(count):
        offset = np.int64(load_u16(offsets + 2 * i))
        number = _rank(slot, ranks, offset)
        if number < 0 or (gate != 0 and bit_at(gate, offset) == 0):
            continue
        points = multiplier
        if kind == SQUARED_BYTE:
            byte = np.int64(load_u8(hits + place + i))
            points = multiplier * byte * byte
        _add_score(scores, number, points)


@njit(cache=True, nogil=True)
def _gather_short(row, cursor, kind, multiplier, gate, slot, ranks, scores, first):
    """Add what a SHORT or SCORED list's hits in the window give to those that match."""
    length = load_i64(row + 8)
    hits = load_i64(row + 32)
    place = seek(row, cursor, first)
    while place < length:
        offset = short_id(row, place) - first
        if offset >= WINDOW:
            break
        number = _rank(slot, ranks, offset)
        if number >= 0 and (gate == 0 or bit_at(gate, offset) != 0):
            points = multiplier
            if kind == SQUARED_BYTE:
                byte = np.int64(load_u8(hits + place)) if hits != 0 else np.int64(0)
                points = multiplier * byte * byte
            elif kind == STORED:
                points = load_i64(load_i64(row + 40) + 8 * place)
            _add_score(scores, number, points)
        place += 1
    store_i64(cursor, place)


@njit(cache=True, nogil=True)
def _place_in_list(row, form, w, first, offset):
    """Return the place of a document among the list's hits, -1 if it is none: SPARSE, SHORT."""
    if form == SHORT or form == SCORED:
        low, end = np.int64(0), load_i64(row + 8)
        document = first + offset
        while low < end:
            middle = (low + end) >> 1
            if short_id(row, middle) < document:
                low = middle + 1
            else:
                end = middle
        found = low < load_i64(row + 8) and short_id(row, low) == document
        return low if found else np.int64(-1)
    place = window_hits(row, form, w)
    offsets = offsets_at(row, form, w)
    low, end = np.int64(0), window_hits(row, form, w + 1) - place
    count = end
    while low < end:
        middle = (low + end) >> 1
        if np.int64(load_u16(offsets + 2 * middle)) < offset:
            low = middle + 1
        else:
            end = middle
    if low < count and np.int64(load_u16(offsets + 2 * low)) == offset:
        return place + low
    return np.int64(-1)


@njit(cache=True, nogil=True)
def _gather_search(row, form, kind, multiplier, gate, candidates, count, scores, w, first):
    """Look few matches up in a list without a bitmap, by binary search."""
    hits = load_i64(row + 32)
    if kind == SQUARED_BYTE and hits == 0:
        return
    for i in range(count):
        candidate = np.int64(load_u16(candidates + 2 * i))
        if gate != 0 and bit_at(gate, candidate) == 0:
            continue
        place = _place_in_list(row, form, w, first, candidate)
        if place < 0:
            continue
        points = multiplier
        if kind == SQUARED_BYTE:
            byte = np.int64(load_u8(hits + place))
            points = multiplier * byte * byte
        elif kind == STORED:
            points = load_i64(load_i64(row + 40) + 8 * place)
        _add_score(scores, i, points)


@njit(cache=True, nogil=True)
def rank_matches(slot, ranks):
    """Write how many matches stand before each word of the slot's bitmap; return how many all.

    ranks : address of uint16 (256,)
    """
    total = np.int64(0)
    for i in range(WORDS):
        store_u16(ranks + 2 * i, np.uint16(total))
        total += popcount(load_u64(slot + 8 * i))
    return total


@njit(cache=True, nogil=True)
def gather(frame, desk, w, count):
    """Write the sums of slot 0's `count` candidates to the desk's scores, in their order.

    Slot 0 must have them as candidates and, if they are more than `FEW_MATCHES`, as a bitmap, too.
    """
    shares = load_i64(frame + 8 * FRAME_SHARES)
    rows = load_i64(frame + 8 * FRAME_ROWS)
    slots = load_i64(desk + 8 * DESK_SLOTS)
    scores = load_i64(desk + 8 * DESK_SCORES)
    ranks = load_i64(desk + 8 * DESK_RANKS)
    places = load_i64(desk + 8 * DESK_PLACES)
    numbers = load_i64(desk + 8 * DESK_NUMBERS)
    cursors = load_i64(desk + 8 * DESK_SHARE_CURSORS)
    candidates = slots + CANDIDATES_AT
    first = w * WINDOW
    words = min(WORDS, (load_i64(frame + 8 * FRAME_DOCUMENTS) - first + 63) >> 6)
    words_zero(scores, count)
    few = count <= FEW_MATCHES
    if not few:
        rank_matches(slots, ranks)
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
            hits = window_hits(row, form, w + 1) - window_hits(row, form, w)
            if hits == 0:
                continue
            if few and not is_bitmap(row, form, w):
                _gather_search(
                    row, form, kind, multiplier, gate, candidates, count, scores, w, first
                )
            elif not is_bitmap(row, form, w):
                _gather_offsets(row, form, kind, multiplier, gate, slots, ranks, scores, w)
            elif few or LOOKUP * count < WORD_WALK + HIT * min(hits, count):
                _gather_lookups(
                    row, form, kind, multiplier, gate, candidates, count, scores, w, words
                )
            else:
                _gather_words(
                    row, form, kind, multiplier, gate, slots, ranks, scores, w, words,
                    places, numbers,
                )  # fmt: skip
        elif few and (form == SHORT or form == SCORED):
            _gather_search(row, form, kind, multiplier, gate, candidates, count, scores, w, first)
        elif form == SHORT or form == SCORED:
            _gather_short(row, cursors + 8 * i, kind, multiplier, gate, slots, ranks, scores, first)
        elif form == BITMAP or form == NEAR:
            for number in range(count):
                candidate = np.int64(load_u16(candidates + 2 * number))
                if gate == 0 or bit_at(gate, candidate) != 0:
                    points = document_points(row, form, kind, multiplier, first + candidate)
                    _add_score(scores, number, points)
