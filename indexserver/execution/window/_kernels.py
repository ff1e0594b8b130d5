"""A program over one window: the documents that match, as candidates or as a bitmap.

`lists` reads lists, `slots` combines them; here the steps of a program are run one by one.
Functions take the addresses of a frame and a desk (`frame.py`).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.memory import (
    load_i64,
    load_u32,
    store_i64,
)
from alicorn.simd.words import (
    words_and,
    words_any,
    words_zero,
)
from indexserver.execution.program import (
    AND,
    AND_SLOT,
    ANDNOT,
    ANDNOT_SLOT,
    CLEAR,
    CLEAR_BITMAP,
    IF_EMPTY,
    LOAD,
    LOAD_BITMAP,
    OR,
    OR_SLOT,
)
from indexserver.execution.window.frame import (
    BITMAP_STATE,
    DESK_CURSORS,
    DESK_MARKS,
    DESK_SLOTS,
    DESK_STATES,
    FRAME_DOCUMENTS,
    FRAME_DRIVER,
    FRAME_KEPT,
    FRAME_KEPT_COUNT,
    FRAME_LIVE,
    FRAME_OPS,
    FRAME_OPS_COUNT,
    FRAME_ROWS,
    FRAME_SLOTS,
    ROW_BYTES,
    SLOT_BYTES,
)
from indexserver.execution.window.lists._kernels import (
    seek,
    short_id,
    window_hits,
)
from indexserver.execution.window.slots._kernels import (
    _filter_by_bitmap,
    and_leaf,
    and_not_leaf,
    and_not_slot,
    and_slot,
    load,
    or_leaf,
    or_slot,
    to_bitmap,
)
from indexserver.postings.forms import (
    DENSE,
    SCORED,
    SHORT,
    SPARSE,
    WINDOW,
    WINDOW_BITS,
    WORDS,
)


@njit(cache=True, nogil=True)
def next_window(frame, desk, w, end):
    """Return the first window from `w` on, below `end`, in which the driver has hits."""
    driver = load_i64(frame + 8 * FRAME_DRIVER)
    if driver < 0:
        return w
    row = load_i64(frame + 8 * FRAME_ROWS) + driver * ROW_BYTES
    form = load_i64(row)
    if form == SHORT or form == SCORED:
        cursor = load_i64(desk + 8 * DESK_CURSORS) + 8 * driver
        place = seek(row, cursor, w * WINDOW)
        if place >= load_i64(row + 8):
            return end
        return min(end, short_id(row, place) >> WINDOW_BITS)
    if form == SPARSE or form == DENSE:
        while w < end and window_hits(row, form, w) == window_hits(row, form, w + 1):
            w += 1
    return w


@njit(cache=True, nogil=True)
def match_window(frame, desk, w):
    """Run the program over window `w`, drop what is dead, and return the state of slot 0."""
    ops = load_i64(frame + 8 * FRAME_OPS)
    end = ops + 16 * load_i64(frame + 8 * FRAME_OPS_COUNT)
    rows = load_i64(frame + 8 * FRAME_ROWS)
    documents = load_i64(frame + 8 * FRAME_DOCUMENTS)
    slots = load_i64(desk + 8 * DESK_SLOTS)
    states = load_i64(desk + 8 * DESK_STATES)
    cursors = load_i64(desk + 8 * DESK_CURSORS)
    marks = load_i64(desk + 8 * DESK_MARKS)
    first = w * WINDOW
    words = min(WORDS, (documents - first + 63) >> 6)
    # The slot behind the last one: computed leaves of an `or` are worked out there.
    spare = slots + load_i64(frame + 8 * FRAME_SLOTS) * SLOT_BYTES
    spare_state = states + 8 * load_i64(frame + 8 * FRAME_SLOTS)

    kept = load_i64(frame + 8 * FRAME_KEPT)
    for i in range(load_i64(frame + 8 * FRAME_KEPT_COUNT)):
        store_i64(states + 8 * np.int64(load_u32(kept + 4 * i)), 0)

    at = ops
    while at < end:
        code = load_u32(at)
        number = np.int64(load_u32(at + 4))
        argument = np.int64(load_u32(at + 8))
        slot = slots + number * SLOT_BYTES
        state = states + 8 * number
        row = rows + argument * ROW_BYTES
        cursor = cursors + 8 * argument
        other = slots + argument * SLOT_BYTES
        other_state = states + 8 * argument
        if code == LOAD:
            load(row, cursor, slot, state, w, first, words, documents)
        elif code == AND:
            and_leaf(row, cursor, slot, state, marks, w, first, words)
        elif code == IF_EMPTY:
            held = load_i64(state)
            if held == 0 or (held == BITMAP_STATE and not words_any(slot, WORDS)):
                store_i64(state, 0)
                at = ops + 16 * np.int64(load_u32(at + 12))
                continue
        elif code == ANDNOT:
            and_not_leaf(row, cursor, slot, state, marks, w, first, words)
        elif code == OR:
            or_leaf(row, cursor, slot, w, first, words, documents, spare, spare_state)
        elif code == LOAD_BITMAP:
            load(row, cursor, slot, state, w, first, words, documents)
            to_bitmap(slot, state)
        elif code == AND_SLOT:
            and_slot(slot, state, other, other_state, marks)
        elif code == ANDNOT_SLOT:
            and_not_slot(slot, state, other, other_state, marks)
        elif code == OR_SLOT:
            or_slot(slot, other, other_state)
        elif code == CLEAR:
            store_i64(state, 0)
        elif code == CLEAR_BITMAP:
            words_zero(slot, WORDS)
            store_i64(state, BITMAP_STATE)
        at += 16

    live = load_i64(frame + 8 * FRAME_LIVE)
    if live != 0:
        if load_i64(states) == BITMAP_STATE:
            words_and(slots, live + w * (WORDS * 8), words)
        else:
            _filter_by_bitmap(slots, states, live + w * (WORDS * 8), 1)
    return load_i64(states)
