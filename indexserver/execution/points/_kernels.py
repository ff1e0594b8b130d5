"""Shares added up over one window. Addresses as in `indexserver.execution.window._kernels`.

A share is int64[4]: leaf, kind, multiplier, gate slot or -1. Kinds: 1 squared byte, 2 constant,
3 per-document sum, 4 by distance (the multiplier is the address of a table), 5 stored beside ids.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.bits import extract_bits, popcount, trailing_zeros
from alicorn.simd.emit import emit_u16
from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u16,
    load_u32,
    load_u64,
    store_i64,
    store_u16,
    store_u32,
    store_u64,
)
from alicorn.simd.sums import add_squares
from alicorn.simd.words import words_cover, words_zero
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
    DESK_NUMBERS,
    DESK_PLACES,
    DESK_RANKS,
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

# What the two ways cost, in units of about half a nanosecond: measured on one core at 2.5 GHz.
_HIT = 3
_MATCH = 4
_LOOKUP = 10
_RANKS = 600
_SCAN = 3_000
_WORD_WALK = 500
_BITMAP_WALK = 3_600
_FEW_HITS = 1_000

FEW_MATCHES = 24
"""Up to so many in a window are looked up one by one, without a bitmap of them."""

_MUCH = np.int64(1) << 62


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
    """Whether adding up by match costs less than by document; see the costs above."""
    shares = load_i64(frame + 8 * FRAME_SHARES)
    rows = load_i64(frame + 8 * FRAME_ROWS)
    count = load_i64(frame + 8 * FRAME_SHARES_COUNT)
    if matches <= FEW_MATCHES:
        return True
    by_document = np.int64(_SCAN)
    by_match = _RANKS + _MATCH * matches
    for i in range(count):
        row = rows + load_i64(shares + 32 * i) * ROW_BYTES
        form = load_i64(row)
        if form == SPARSE or form == DENSE:
            hits = window_hits(row, form, w + 1) - window_hits(row, form, w)
            if hits > 0 and is_bitmap(row, form, w):
                by_document += min(_HIT * hits, _BITMAP_WALK)
                by_match += min(_WORD_WALK + _HIT * min(hits, matches), _LOOKUP * matches)
            else:
                by_document += _HIT * hits
                by_match += _HIT * hits
        elif form == BITMAP or form == NEAR:
            by_document += _WORD_WALK + _LOOKUP * matches
            by_match += _WORD_WALK + _LOOKUP * matches
    return by_match < by_document


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
    if kind == _SQUARED and hits == 0:
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
    if kind != _SQUARED:
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
    if kind == _SQUARED and hits == 0:
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
        if kind == _SQUARED:
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
    if kind == _SQUARED and hits == 0:
        return
    for i in range(count):
        offset = np.int64(load_u16(offsets + 2 * i))
        number = _rank(slot, ranks, offset)
        if number < 0 or (gate != 0 and bit_at(gate, offset) == 0):
            continue
        points = multiplier
        if kind == _SQUARED:
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
            if kind == _SQUARED:
                byte = np.int64(load_u8(hits + place)) if hits != 0 else np.int64(0)
                points = multiplier * byte * byte
            elif kind == _STORED:
                points = load_i64(load_i64(row + 40) + 8 * place)
            _add_score(scores, number, points)
        place += 1
    store_i64(cursor, place)


@njit(cache=True, nogil=True)
def _document_points(row, form, kind, multiplier, document):
    """Return what a BITMAP or NEAR gives to `document`; 0 if it does not hold it."""
    if form == NEAR:
        distance = distance_of(row, document)
        if distance > load_i64(row + 48):
            return np.int64(0)
        return load_i64(multiplier + 8 * distance)
    if bit_at(load_i64(row + 16), document) == 0:
        return np.int64(0)
    if kind == _SQUARED:
        if load_i64(row + 32) == 0:
            return np.int64(0)
        byte = np.int64(load_u8(load_i64(row + 32) + document))
        return multiplier * byte * byte
    if kind == _SUM:
        return multiplier * np.int64(load_u64(load_i64(row + 40) + 8 * document))
    return multiplier


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
    if kind == _SQUARED and hits == 0:
        return
    for i in range(count):
        candidate = np.int64(load_u16(candidates + 2 * i))
        if gate != 0 and bit_at(gate, candidate) == 0:
            continue
        place = _place_in_list(row, form, w, first, candidate)
        if place < 0:
            continue
        points = multiplier
        if kind == _SQUARED:
            byte = np.int64(load_u8(hits + place))
            points = multiplier * byte * byte
        elif kind == _STORED:
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
            elif few or _LOOKUP * count < _WORD_WALK + _HIT * min(hits, count):
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
                    points = _document_points(row, form, kind, multiplier, first + candidate)
                    _add_score(scores, number, points)


@njit(cache=True, nogil=True)
def _add_sum(sums, wide, document, points):
    if wide:
        store_u64(sums + 8 * document, load_u64(sums + 8 * document) + np.uint64(points))
    else:
        store_u32(sums + 4 * document, load_u32(sums + 4 * document) + np.uint32(points))


@njit(cache=True, nogil=True)
def _accumulate_bitmap(row, form, kind, multiplier, gate, sums, wide, w, words, places, numbers):
    bitmap = bitmap_at(row, form, w)
    hits = load_i64(row + 32)
    if kind == _SQUARED and hits == 0:
        return
    hits += window_hits(row, form, w)
    count = window_hits(row, form, w + 1) - window_hits(row, form, w)
    if kind == _SQUARED and gate == 0 and not wide and count > _FEW_HITS:
        for i in range(words):
            word = load_u64(bitmap + 8 * i)
            if word != np.uint64(0):
                add_squares(word, hits, sums + 256 * i, multiplier)
                hits += popcount(word)
        return
    count = np.int64(0)
    rank = np.int64(0)
    for i in range(words):
        word = load_u64(bitmap + 8 * i)
        counted = word if gate == 0 else word & load_u64(gate + 8 * i)
        if counted != np.uint64(0):
            if gate != 0:
                emit_u16(extract_bits(counted, word), np.uint16(rank), places + 2 * count)
            count += emit_u16(counted, np.uint16(64 * i), numbers + 2 * count)
        rank += popcount(word)
    if kind != _SQUARED:
        for i in range(count):
            _add_sum(sums, wide, np.int64(load_u16(numbers + 2 * i)), multiplier)
    elif gate == 0 and not wide:
        for i in range(count):
            byte = np.uint32(load_u8(hits + i))
            at = sums + 4 * np.int64(load_u16(numbers + 2 * i))
            store_u32(at, load_u32(at) + np.uint32(multiplier) * byte * byte)
    else:
        for i in range(count):
            place = i if gate == 0 else np.int64(load_u16(places + 2 * i))
            byte = np.int64(load_u8(hits + place))
            offset = np.int64(load_u16(numbers + 2 * i))
            _add_sum(sums, wide, offset, multiplier * byte * byte)


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
            points = _document_points(row, form, kind, multiplier, first + offset)
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
    places = load_i64(desk + 8 * DESK_PLACES)
    numbers = load_i64(desk + 8 * DESK_NUMBERS)
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
                _accumulate_bitmap(
                    row, form, kind, multiplier, gate, sums, wide, w, words, places, numbers
                )
            else:
                _accumulate_offsets(row, form, kind, multiplier, gate, sums, wide, w)
        elif form == SHORT or form == SCORED:
            _accumulate_short(row, cursors + 8 * i, kind, multiplier, gate, sums, wide, first)
        elif form == BITMAP or form == NEAR:
            _accumulate_documents(
                row, form, kind, multiplier, gate, sums, wide, first, words, slots
            )
