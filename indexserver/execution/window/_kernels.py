"""A program over one window: the documents that match, as candidates or as a bitmap.

Functions take addresses: `row` of a list (`indexserver.postings.forms`), `slot` and `state` of a
slot (`frame.py`), `cursor` of a SHORT list's place. `w` is the window, `first` its first document,
`words` how many words of it hold documents.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.documents.model import UNKNOWN_TIME
from alicorn.simd.bits import popcount, trailing_zeros
from alicorn.simd.emit import emit_words
from alicorn.simd.filter import filter_u16
from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u16,
    load_u32,
    load_u64,
    store_i64,
    store_u8,
    store_u16,
    store_u64,
)
from alicorn.simd.words import (
    words_and,
    words_and_not,
    words_any,
    words_copy,
    words_or,
    words_zero,
)
from indexserver.execution.window.frame import (
    BITMAP_STATE,
    CANDIDATES_AT,
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
from indexserver.postings.forms import (
    ALL,
    BITMAP,
    DENSE,
    EMPTY,
    NEAR,
    RANGE,
    SCORED,
    SHORT,
    SPARSE,
    WINDOW,
    WINDOW_BITS,
    WORDS,
)

_LOAD, _LOAD_BITMAP, _AND, _ANDNOT, _OR = range(5)
_AND_SLOT, _ANDNOT_SLOT, _OR_SLOT, _IF_EMPTY, _CLEAR, _CLEAR_BITMAP = range(5, 11)

_ONE = np.uint64(1)
_63 = np.uint64(63)
_6 = np.uint64(6)


@njit(cache=True, nogil=True)
def bit_at(bitmap, number):
    """Return 1 if bit `number` of the words at `bitmap` is set, else 0."""
    word = load_u64(bitmap + 8 * (number >> 6))
    return np.int64((word >> (np.uint64(number) & _63)) & _ONE)


@njit(cache=True, nogil=True)
def set_bit(bitmap, number):
    """Set bit `number` of the words at `bitmap`."""
    at = bitmap + 8 * (number >> 6)
    store_u64(at, load_u64(at) | (_ONE << (np.uint64(number) & _63)))


@njit(cache=True, nogil=True)
def clear_bit(bitmap, number):
    """Clear bit `number` of the words at `bitmap`."""
    at = bitmap + 8 * (number >> 6)
    store_u64(at, load_u64(at) & ~(_ONE << (np.uint64(number) & _63)))


@njit(cache=True, nogil=True)
def short_id(row, place):
    """Return id number `place` of the SHORT or SCORED list at `row`."""
    width = load_i64(row + 48)
    value = np.int64(load_u32(load_i64(row + 16) + place * width))
    return value & ((np.int64(1) << (8 * width)) - 1)


@njit(cache=True, nogil=True)
def seek(row, cursor, first):
    """Move `cursor` to the SHORT list's first id that is not less than `first`; return its place.

    Cursors only move on. Gallops, so a skipped window costs nothing to speak of.
    """
    count = load_i64(row + 8)
    low = load_i64(cursor)
    if low >= count or short_id(row, low) >= first:
        return low
    step = np.int64(1)
    high = low + 1
    while high < count and short_id(row, high) < first:
        low = high
        step *= 2
        high += step
    if high > count:
        high = count
    low += 1
    while low < high:
        middle = (low + high) >> 1
        if short_id(row, middle) < first:
            low = middle + 1
        else:
            high = middle
    store_i64(cursor, low)
    return low


@njit(cache=True, nogil=True)
def short_end(row, place, end):
    """Return the place behind the SHORT list's last id that is less than `end`, from `place` on."""
    count = load_i64(row + 8)
    while place < count and short_id(row, place) < end:
        place += 1
    return place


@njit(cache=True, nogil=True)
def is_bitmap(row, form, w):
    """Whether the DENSE or BITMAP list at `row` has a bitmap for window `w`."""
    if form == BITMAP:
        return True
    return form == DENSE and (load_u32(load_i64(row + 24) + 8 * w + 4) & np.uint32(1)) != 0


@njit(cache=True, nogil=True)
def bitmap_at(row, form, w):
    """Return the address of that bitmap."""
    if form == BITMAP:
        return load_i64(row + 16) + w * (WORDS * 8)
    where = np.int64(load_u32(load_i64(row + 24) + 8 * w + 4))
    return load_i64(row + 16) + 8 * (where >> 1)


@njit(cache=True, nogil=True)
def window_hits(row, form, w):
    """Return the place of the first hit in window `w` of a SPARSE or DENSE list."""
    table = load_i64(row + 24)
    if form == SPARSE:
        return np.int64(load_u16(table + 2 * w))
    return np.int64(load_u32(table + 8 * w))


@njit(cache=True, nogil=True)
def offsets_at(row, form, w):
    """Return the address of the u16 offsets of window `w` of a SPARSE or DENSE list."""
    if form == SPARSE:
        return load_i64(row + 16) + 2 * window_hits(row, form, w)
    return bitmap_at(row, form, w)


@njit(cache=True, nogil=True)
def in_range(row, document):
    """Whether the column of the RANGE at `row` holds a value in [low, high) for `document`."""
    column = load_i64(row + 16)
    kind = load_i64(row + 48)
    if kind == 0:
        value = load_i64(column + 8 * document)
        if value == UNKNOWN_TIME:
            return False
    elif kind == 1:
        value = np.int64(load_u32(column + 4 * document))
    else:
        value = np.int64(load_u16(column + 2 * document))
    bounds = load_i64(row + 24)
    return load_i64(bounds) <= value < load_i64(bounds + 8)


@njit(cache=True, nogil=True)
def distance_of(row, document):
    """Return the Hamming distance of `document` for the NEAR at `row`, 257 if it has no code."""
    if (np.int64(load_u8(load_i64(row + 40) + document)) & load_i64(row + 32)) == 0:
        return np.int64(257)
    code = load_i64(row + 16) + 32 * document
    query = load_i64(row + 24)
    total = np.int64(0)
    for i in range(4):
        total += popcount(load_u64(code + 8 * i) ^ load_u64(query + 8 * i))
    return total


@njit(cache=True, nogil=True)
def computed(row, form, document):
    """Whether `document` is in the RANGE, NEAR or ALL at `row`."""
    if form == RANGE:
        return in_range(row, document)
    if form == NEAR:
        return distance_of(row, document) <= load_i64(row + 48)
    return True


@njit(cache=True, nogil=True)
def fill(slot, documents, first, words):
    """Make the slot's bitmap hold every document of the window."""
    words_zero(slot, WORDS)
    for i in range(words):
        store_u64(slot + 8 * i, ~np.uint64(0))
    rest = documents - first
    if rest < words * 64:
        store_u64(slot + 8 * (words - 1), (_ONE << np.uint64(rest & 63)) - _ONE)


@njit(cache=True, nogil=True)
def to_bitmap(slot, state):
    """Give the slot the form of a bitmap; its candidates stay where they are."""
    count = load_i64(state)
    if count == BITMAP_STATE:
        return
    words_zero(slot, WORDS)
    for i in range(count):
        set_bit(slot, np.int64(load_u16(slot + CANDIDATES_AT + 2 * i)))
    store_i64(state, BITMAP_STATE)


@njit(cache=True, nogil=True)
def to_both(slot, state):
    """Fill in the form that the slot has not; return how many documents it holds."""
    count = load_i64(state)
    if count != BITMAP_STATE:
        to_bitmap(slot, state)
        return count
    count = to_candidates(slot, state)
    store_i64(state, BITMAP_STATE)
    return count


@njit(cache=True, nogil=True)
def to_candidates(slot, state):
    """Give the slot the form of candidates; return how many there are. Its bitmap stays, too."""
    count = load_i64(state)
    if count != BITMAP_STATE:
        return count
    count = emit_words(slot, WORDS, 0, slot + CANDIDATES_AT, 2, WINDOW)
    store_i64(state, count)
    return count


@njit(cache=True, nogil=True)
def _keep_computed(row, form, slot, state, first, wanted):
    """Keep the slot's documents whose membership in a computed leaf is `wanted`."""
    if form == ALL:
        if not wanted:
            store_i64(state, 0)
        return
    count = load_i64(state)
    out = slot + CANDIDATES_AT
    if count != BITMAP_STATE:
        kept = np.int64(0)
        for i in range(count):
            candidate = load_u16(out + 2 * i)
            store_u16(out + 2 * kept, candidate)
            kept += computed(row, form, first + np.int64(candidate)) == wanted
        store_i64(state, kept)
        return
    for i in range(WORDS):
        word = load_u64(slot + 8 * i)
        left = word
        while left != np.uint64(0):
            if computed(row, form, first + 64 * i + trailing_zeros(left)) != wanted:
                word &= ~(left & (~left + _ONE))
            left &= left - _ONE
        store_u64(slot + 8 * i, word)


@njit(cache=True, nogil=True)
def load(row, cursor, slot, state, w, first, words, documents):
    """Give the slot the list's documents in the window, in the list's own form."""
    form = load_i64(row)
    out = slot + CANDIDATES_AT
    if form == SPARSE or form == DENSE:
        place = window_hits(row, form, w)
        count = window_hits(row, form, w + 1) - place
        if count > 0 and is_bitmap(row, form, w):
            words_copy(slot, bitmap_at(row, form, w), words)
            words_zero(slot + 8 * words, WORDS - words)
            store_i64(state, BITMAP_STATE)
            return
        if count > 0:
            words_copy(out, offsets_at(row, form, w), (2 * count + 7) >> 3)
        store_i64(state, count)
    elif form == SHORT or form == SCORED:
        place = seek(row, cursor, first)
        end = short_end(row, place, first + WINDOW)
        for i in range(end - place):
            store_u16(out + 2 * i, np.uint16(short_id(row, place + i) - first))
        store_i64(state, end - place)
    elif form == BITMAP:
        words_copy(slot, bitmap_at(row, form, w), words)
        words_zero(slot + 8 * words, WORDS - words)
        store_i64(state, BITMAP_STATE)
    elif form == EMPTY:
        store_i64(state, 0)
    else:
        fill(slot, documents, first, words)
        store_i64(state, BITMAP_STATE)
        _keep_computed(row, form, slot, state, first, True)


@njit(cache=True, nogil=True)
def _filter_by_bitmap(slot, state, bitmap, wanted):
    """Keep the candidates whose bit in `bitmap` is `wanted` (0 or 1)."""
    out = slot + CANDIDATES_AT
    store_i64(state, filter_u16(out, load_i64(state), bitmap, out, wanted))


@njit(cache=True, nogil=True)
def _filter_by_offsets(slot, state, offsets, count, marks, wanted):
    """Keep the candidates whose presence among the u16 `offsets` is `wanted` (0 or 1)."""
    out = slot + CANDIDATES_AT
    candidates = load_i64(state)
    for i in range(count):
        store_u8(marks + np.int64(load_u16(offsets + 2 * i)), np.uint8(1))
    kept = np.int64(0)
    for i in range(candidates):
        candidate = load_u16(out + 2 * i)
        store_u16(out + 2 * kept, candidate)
        kept += np.int64(load_u8(marks + np.int64(candidate))) == wanted
    for i in range(count):
        store_u8(marks + np.int64(load_u16(offsets + 2 * i)), np.uint8(0))
    store_i64(state, kept)


@njit(cache=True, nogil=True)
def _filter_by_short(row, cursor, slot, state, first, wanted):
    """Keep the candidates whose presence in the SHORT list is `wanted` (0 or 1)."""
    out = slot + CANDIDATES_AT
    candidates = load_i64(state)
    length = load_i64(row + 8)
    place = seek(row, cursor, first)
    kept = np.int64(0)
    for i in range(candidates):
        candidate = load_u16(out + 2 * i)
        document = first + np.int64(candidate)
        while place < length and short_id(row, place) < document:
            place += 1
        inside = place < length and short_id(row, place) == document
        store_u16(out + 2 * kept, candidate)
        kept += np.int64(inside) == wanted
    store_i64(state, kept)


@njit(cache=True, nogil=True)
def and_leaf(row, cursor, slot, state, marks, w, first, words):
    """Keep the slot's documents that the list holds, too."""
    form = load_i64(row)
    if form >= RANGE and form != SCORED:
        _keep_computed(row, form, slot, state, first, True)
        return
    if form == EMPTY:
        store_i64(state, 0)
        return
    held = load_i64(state)
    if form == SHORT or form == SCORED:
        if held != BITMAP_STATE:
            _filter_by_short(row, cursor, slot, state, first, 1)
            return
        place = seek(row, cursor, first)
        end = short_end(row, place, first + WINDOW)
        out = slot + CANDIDATES_AT
        kept = np.int64(0)
        for i in range(place, end):
            offset = short_id(row, i) - first
            store_u16(out + 2 * kept, np.uint16(offset))
            kept += bit_at(slot, offset)
        store_i64(state, kept)
        return
    if is_bitmap(row, form, w):
        if held == BITMAP_STATE:
            words_and(slot, bitmap_at(row, form, w), words)
        else:
            _filter_by_bitmap(slot, state, bitmap_at(row, form, w), 1)
        return
    count = window_hits(row, form, w + 1) - window_hits(row, form, w)
    if count == 0:
        store_i64(state, 0)
        return
    offsets = offsets_at(row, form, w)
    if held != BITMAP_STATE:
        _filter_by_offsets(slot, state, offsets, count, marks, 1)
        return
    store_i64(state, filter_u16(offsets, count, slot, slot + CANDIDATES_AT, 1))


@njit(cache=True, nogil=True)
def and_not_leaf(row, cursor, slot, state, marks, w, first, words):
    """Take the list's documents out of the slot."""
    form = load_i64(row)
    if form >= RANGE and form != SCORED:
        _keep_computed(row, form, slot, state, first, False)
        return
    if form == EMPTY:
        return
    held = load_i64(state)
    if form == SHORT or form == SCORED:
        if held != BITMAP_STATE:
            _filter_by_short(row, cursor, slot, state, first, 0)
            return
        place = seek(row, cursor, first)
        end = short_end(row, place, first + WINDOW)
        for i in range(place, end):
            clear_bit(slot, short_id(row, i) - first)
        return
    if is_bitmap(row, form, w):
        if held == BITMAP_STATE:
            words_and_not(slot, bitmap_at(row, form, w), words)
        else:
            _filter_by_bitmap(slot, state, bitmap_at(row, form, w), 0)
        return
    count = window_hits(row, form, w + 1) - window_hits(row, form, w)
    if count == 0:
        return
    offsets = offsets_at(row, form, w)
    if held != BITMAP_STATE:
        _filter_by_offsets(slot, state, offsets, count, marks, 0)
        return
    for i in range(count):
        clear_bit(slot, np.int64(load_u16(offsets + 2 * i)))


@njit(cache=True, nogil=True)
def or_leaf(row, cursor, slot, w, first, words, documents, spare, spare_state):
    """Add the list's documents to the slot, which is a bitmap.

    The cursor stays at the window's first id: soft operators may read a list again in the window.
    """
    form = load_i64(row)
    if form == SPARSE or form == DENSE:
        count = window_hits(row, form, w + 1) - window_hits(row, form, w)
        if count == 0:
            return
        if is_bitmap(row, form, w):
            words_or(slot, bitmap_at(row, form, w), words)
            return
        offsets = offsets_at(row, form, w)
        for i in range(count):
            set_bit(slot, np.int64(load_u16(offsets + 2 * i)))
    elif form == SHORT or form == SCORED:
        place = seek(row, cursor, first)
        length = load_i64(row + 8)
        while place < length:
            offset = short_id(row, place) - first
            if offset >= WINDOW:
                break
            set_bit(slot, offset)
            place += 1
    elif form == BITMAP:
        words_or(slot, bitmap_at(row, form, w), words)
    elif form != EMPTY:
        fill(spare, documents, first, words)
        store_i64(spare_state, BITMAP_STATE)
        _keep_computed(row, form, spare, spare_state, first, True)
        words_or(slot, spare, WORDS)


@njit(cache=True, nogil=True)
def and_slot(slot, state, other, other_state, marks):
    """Keep the slot's documents that the other slot holds, too."""
    held, given = load_i64(state), load_i64(other_state)
    if held != BITMAP_STATE:
        if given == BITMAP_STATE:
            _filter_by_bitmap(slot, state, other, 1)
        else:
            _filter_by_offsets(slot, state, other + CANDIDATES_AT, given, marks, 1)
    elif given == BITMAP_STATE:
        words_and(slot, other, WORDS)
    else:
        offsets = other + CANDIDATES_AT
        store_i64(state, filter_u16(offsets, given, slot, slot + CANDIDATES_AT, 1))


@njit(cache=True, nogil=True)
def and_not_slot(slot, state, other, other_state, marks):
    """Take the other slot's documents out of the slot."""
    held, given = load_i64(state), load_i64(other_state)
    if held != BITMAP_STATE:
        if given == BITMAP_STATE:
            _filter_by_bitmap(slot, state, other, 0)
        else:
            _filter_by_offsets(slot, state, other + CANDIDATES_AT, given, marks, 0)
    elif given == BITMAP_STATE:
        words_and_not(slot, other, WORDS)
    else:
        for i in range(given):
            clear_bit(slot, np.int64(load_u16(other + CANDIDATES_AT + 2 * i)))


@njit(cache=True, nogil=True)
def or_slot(slot, other, other_state):
    """Add the other slot's documents to the slot, which is a bitmap."""
    given = load_i64(other_state)
    if given == BITMAP_STATE:
        words_or(slot, other, WORDS)
    else:
        for i in range(given):
            set_bit(slot, np.int64(load_u16(other + CANDIDATES_AT + 2 * i)))


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
        if code == _LOAD:
            load(row, cursor, slot, state, w, first, words, documents)
        elif code == _AND:
            and_leaf(row, cursor, slot, state, marks, w, first, words)
        elif code == _IF_EMPTY:
            held = load_i64(state)
            if held == 0 or (held == BITMAP_STATE and not words_any(slot, WORDS)):
                store_i64(state, 0)
                at = ops + 16 * np.int64(load_u32(at + 12))
                continue
        elif code == _ANDNOT:
            and_not_leaf(row, cursor, slot, state, marks, w, first, words)
        elif code == _OR:
            or_leaf(row, cursor, slot, w, first, words, documents, spare, spare_state)
        elif code == _LOAD_BITMAP:
            load(row, cursor, slot, state, w, first, words, documents)
            to_bitmap(slot, state)
        elif code == _AND_SLOT:
            and_slot(slot, state, other, other_state, marks)
        elif code == _ANDNOT_SLOT:
            and_not_slot(slot, state, other, other_state, marks)
        elif code == _OR_SLOT:
            or_slot(slot, other, other_state)
        elif code == _CLEAR:
            store_i64(state, 0)
        elif code == _CLEAR_BITMAP:
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
