"""Steps on slots: load a list, keep or drop or add what another set holds.

A slot has candidates where there are few and a bitmap where there are many; each step leaves the
form that is cheap. Addresses: `row` of a list, `cursor` of a SHORT list's place, `slot` and `state`
of a slot (`frame.py`). `w` is the window, `first` its first document, `words` how many words of it
hold documents.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.bits import trailing_zeros
from alicorn.simd.emit import emit_words
from alicorn.simd.filter import filter_u16
from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u16,
    load_u64,
    store_i64,
    store_u8,
    store_u16,
    store_u64,
)
from alicorn.simd.words import (
    words_and,
    words_and_not,
    words_copy,
    words_or,
    words_zero,
)
from indexserver.execution.window.frame import (
    BITMAP_STATE,
    CANDIDATES_AT,
)
from indexserver.execution.window.lists._kernels import (
    bit_at,
    bitmap_at,
    clear_bit,
    computed,
    is_bitmap,
    offsets_at,
    seek,
    set_bit,
    short_end,
    short_id,
    window_hits,
)
from indexserver.postings.forms import (
    ALL,
    BITMAP,
    DENSE,
    EMPTY,
    RANGE,
    SCORED,
    SHORT,
    SPARSE,
    WINDOW,
    WORDS,
)

_ONE = np.uint64(1)
_63 = np.uint64(63)
_6 = np.uint64(6)


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
