"""Shares added to a row of sums over the documents of one window.

Addresses as in `indexserver.execution.window`; `sums` are uint64 if `wide`, else uint32.
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
    store_u32,
    store_u64,
)
from alicorn.simd.sums import add_squares
from indexserver.execution.points._kernels import document_points
from indexserver.execution.points.costs import (
    FEW_HITS,
)
from indexserver.execution.program import (
    SQUARED_BYTE,
    STORED,
)
from indexserver.execution.window.frame import (
    DESK_NUMBERS,
    DESK_PLACES,
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
def _add_sum(sums, wide, document, points):
    if wide:
        store_u64(sums + 8 * document, load_u64(sums + 8 * document) + np.uint64(points))
    else:
        store_u32(sums + 4 * document, load_u32(sums + 4 * document) + np.uint32(points))


@njit(cache=True, nogil=True)
def _accumulate_bitmap(row, form, kind, multiplier, gate, sums, wide, w, words, places, numbers):
    bitmap = bitmap_at(row, form, w)
    hits = load_i64(row + 32)
    if kind == SQUARED_BYTE and hits == 0:
        return
    hits += window_hits(row, form, w)
    count = window_hits(row, form, w + 1) - window_hits(row, form, w)
    if kind == SQUARED_BYTE and gate == 0 and not wide and count > FEW_HITS:
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
    if kind != SQUARED_BYTE:
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
    if kind == SQUARED_BYTE and hits == 0:
        return
    for i in range(count):
        offset = np.int64(load_u16(offsets + 2 * i))
        if gate != 0 and bit_at(gate, offset) == 0:
            continue
        points = multiplier
        if kind == SQUARED_BYTE:
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
            if kind == SQUARED_BYTE:
                byte = np.int64(load_u8(hits + place)) if hits != 0 else np.int64(0)
                points = multiplier * byte * byte
            elif kind == STORED:
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
            points = document_points(row, form, kind, multiplier, first + offset)
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
