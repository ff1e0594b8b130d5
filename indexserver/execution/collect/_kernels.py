"""Loops over windows: count, ids, best. Addresses as in `indexserver.execution.window._kernels`.

Each takes the frame of a plan, the desk of the thread and windows [w, end). A kernel that finds the
cancel flag set writes the window it stood before to the desk (`DESK_STOPPED`) and returns.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.bits import trailing_zeros
from alicorn.simd.emit import emit_words
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
from alicorn.simd.sums import above
from alicorn.simd.words import words_count, words_zero
from indexserver.execution.points._kernels import gathers, most_points
from indexserver.execution.points.accumulate._kernels import accumulate
from indexserver.execution.points.costs import FEW_MATCHES
from indexserver.execution.points.gather._kernels import gather
from indexserver.execution.selection._kernels import cut_down, sort_best
from indexserver.execution.window._kernels import (
    match_window,
    next_window,
)
from indexserver.execution.window.frame import (
    BITMAP_STATE,
    CANDIDATES_AT,
    DESK_BEST_LOCALS,
    DESK_BEST_SCORES,
    DESK_CURSORS,
    DESK_SCORES,
    DESK_SHARE_CURSORS,
    DESK_SLOTS,
    DESK_STATES,
    DESK_STOPPED,
    DESK_SUMS,
    DESK_VISITED,
    DESK_WORK_LOCALS,
    DESK_WORK_SCORES,
    FRAME_KEPT,
    FRAME_KEPT_COUNT,
    FRAME_LEAVES,
    FRAME_SHARES_COUNT,
    SLOT_BYTES,
)
from indexserver.execution.window.lists._kernels import (
    bit_at,
)
from indexserver.execution.window.slots._kernels import (
    to_bitmap,
    to_both,
    to_candidates,
)
from indexserver.postings.forms import WINDOW, WINDOW_BITS, WORDS

_ONE = np.uint64(1)


@njit(cache=True, nogil=True)
def _begin(frame, desk):
    """Put every cursor at the start of its list."""
    cursors = load_i64(desk + 8 * DESK_CURSORS)
    for i in range(load_i64(frame + 8 * FRAME_LEAVES)):
        store_i64(cursors + 8 * i, 0)
    cursors = load_i64(desk + 8 * DESK_SHARE_CURSORS)
    for i in range(load_i64(frame + 8 * FRAME_SHARES_COUNT)):
        store_i64(cursors + 8 * i, 0)
    store_i64(desk + 8 * DESK_STOPPED, -1)
    store_i64(desk + 8 * DESK_VISITED, 0)


@njit(cache=True, nogil=True)
def _cancelled(desk, cancel, w):
    """Whether the time is over; notes the window if it is."""
    if load_u8(cancel) == 0:
        return False
    store_i64(desk + 8 * DESK_STOPPED, w)
    return True


@njit(cache=True, nogil=True)
def _visit(desk):
    at = desk + 8 * DESK_VISITED
    store_i64(at, load_i64(at) + 1)


@njit(cache=True, nogil=True)
def count_matches(frame, desk, cancel, w, end):
    """Return how many documents of windows [w, end) match, and whether all were looked at.

    cancel : address of a byte that another thread sets when the time is over; so everywhere here
    """
    _begin(frame, desk)
    total = np.int64(0)
    w = next_window(frame, desk, w, end)
    while w < end and not _cancelled(desk, cancel, w):
        held = match_window(frame, desk, w)
        if held == BITMAP_STATE:
            held = words_count(load_i64(desk + 8 * DESK_SLOTS), WORDS)
        total += held
        _visit(desk)
        w = next_window(frame, desk, w + 1, end)
    return total, load_i64(desk + 8 * DESK_STOPPED) < 0


@njit(cache=True, nogil=True)
def _emit(desk, held, first, limit, out):
    """Write the local ids of slot 0 to `out`, until there are `limit` or more; return how many."""
    slot = load_i64(desk + 8 * DESK_SLOTS)
    if held != BITMAP_STATE:
        for i in range(held):
            offset = np.int64(load_u16(slot + CANDIDATES_AT + 2 * i))
            store_u32(out + 4 * i, np.uint32(first + offset))
        return held
    return emit_words(slot, WORDS, first, out, 4, limit)


@njit(cache=True, nogil=True)
def match_ids(frame, desk, cancel, w, end, limit, out):
    """Write the local ids that match to `out`, ascending, until there are `limit`.

    Returns how many, and whether the time sufficed.

    The last window may go past the limit: room for limit + 16,384 + slack numbers, at most for all
    documents of the windows and slack.
    """
    _begin(frame, desk)
    found = np.int64(0)
    w = next_window(frame, desk, w, end)
    while w < end and found < limit and not _cancelled(desk, cancel, w):
        held = match_window(frame, desk, w)
        found += _emit(desk, held, w * WINDOW, limit - found, out + 4 * found)
        _visit(desk)
        w = next_window(frame, desk, w + 1, end)
    return found, load_i64(desk + 8 * DESK_STOPPED) < 0


@njit(cache=True, nogil=True)
def match_masks(frame, desk, cancel, w, end, limit, out, masks, mask_words):
    """As `match_ids`, and which of the kept slots hold each match.

    masks : address of uint64 (n, mask_words): bit i is kept slot number i
    """
    _begin(frame, desk)
    kept = load_i64(frame + 8 * FRAME_KEPT)
    kept_count = load_i64(frame + 8 * FRAME_KEPT_COUNT)
    slots = load_i64(desk + 8 * DESK_SLOTS)
    states = load_i64(desk + 8 * DESK_STATES)
    found = np.int64(0)
    w = next_window(frame, desk, w, end)
    while w < end and found < limit and not _cancelled(desk, cancel, w):
        held = match_window(frame, desk, w)
        here = _emit(desk, held, w * WINDOW, limit - found, out + 4 * found)
        for i in range(here * mask_words):
            store_u64(masks + 8 * (found * mask_words + i), np.uint64(0))
        if here > 0:
            for number in range(kept_count):
                slot_number = np.int64(load_u32(kept + 4 * number))
                slot = slots + slot_number * SLOT_BYTES
                to_bitmap(slot, states + 8 * slot_number)
                bit = _ONE << np.uint64(number & 63)
                for i in range(here):
                    offset = np.int64(load_u32(out + 4 * (found + i))) - w * WINDOW
                    if bit_at(slot, offset) != 0:
                        at = masks + 8 * ((found + i) * mask_words + (number >> 6))
                        store_u64(at, load_u64(at) | bit)
        found += here
        _visit(desk)
        w = next_window(frame, desk, w + 1, end)
    return found


@njit(cache=True, nogil=True)
def score_ids(frame, desk, locals_, count, scores):
    """Write the sum of each of `count` matches to `scores`.

    locals_ : address of uint32, ascending, each a match;  scores : address of uint64
    """
    _begin(frame, desk)
    slot = load_i64(desk + 8 * DESK_SLOTS)
    states = load_i64(desk + 8 * DESK_STATES)
    found = load_i64(desk + 8 * DESK_SCORES)
    kept = load_i64(frame + 8 * FRAME_KEPT)
    kept_count = load_i64(frame + 8 * FRAME_KEPT_COUNT)
    i = np.int64(0)
    while i < count:
        w = np.int64(load_u32(locals_ + 4 * i)) >> WINDOW_BITS
        if kept_count > 0:  # gates are found by matching again
            match_window(frame, desk, w)
            for j in range(kept_count):
                number = np.int64(load_u32(kept + 4 * j))
                to_bitmap(slot + number * SLOT_BYTES, states + 8 * number)
        end = i
        while end < count:
            offset = np.int64(load_u32(locals_ + 4 * end)) - w * WINDOW
            if offset >= WINDOW:
                break
            store_u16(slot + CANDIDATES_AT + 2 * (end - i), np.uint16(offset))
            end += 1
        if end - i > FEW_MATCHES:
            store_i64(states, end - i)
            to_bitmap(slot, states)
        gather(frame, desk, w, end - i)
        for j in range(end - i):
            store_u64(scores + 8 * (i + j), load_u64(found + 8 * j))
        i = end


@njit(cache=True, nogil=True)
def _scan(desk, w, wide, size, least, limit, room, scores, locals_, work):
    """Move what may be among the best from the sums to the buffer, and clear the sums.

    Returns the size of the buffer and the least score that may still enter.
    """
    slot = load_i64(desk + 8 * DESK_SLOTS)
    sums = load_i64(desk + 8 * DESK_SUMS)
    first = w * WINDOW
    for i in range(WORDS):
        word = load_u64(slot + 8 * i)
        if word != np.uint64(0):
            if not wide and least > np.uint64(0):
                word &= above(sums + 256 * i, np.uint32(least - _ONE))
            while word != np.uint64(0):
                offset = 64 * i + trailing_zeros(word)
                word &= word - _ONE
                if wide:
                    score = load_u64(sums + 8 * offset)
                else:
                    score = np.uint64(load_u32(sums + 4 * offset))
                if score >= least:
                    store_u64(scores + 8 * size, score)
                    store_u32(locals_ + 4 * size, np.uint32(first + offset))
                    size += 1
                    if size == room:
                        least = cut_down(scores, locals_, size, limit, work) + _ONE
                        size = limit
        # While they are in the first cache.
        if wide:
            words_zero(sums + 512 * i, 64)
        else:
            words_zero(sums + 256 * i, 32)
    return size, least


@njit(cache=True, nogil=True)
def best_matches(frame, desk, cancel, w, end, limit, floor, wide, prune, room):
    """Keep the `limit` best matches by score in the desk's buffers, best first.

    Returns how many there are, how many matched, and whether the time sufficed.

    Parameters
    ----------
    floor : uint64
        Lower scores cannot be among the best; equal ones may.
    wide : bool
        Whether sums may pass 2^32.
    prune : bool
        Leave out windows that cannot change the best, once more than `limit` have matched; the
        number of matches is then a lower bound.
    room : int64
        Entries that the desk's buffers hold, more than `limit`.
    """
    _begin(frame, desk)
    slot = load_i64(desk + 8 * DESK_SLOTS)
    states = load_i64(desk + 8 * DESK_STATES)
    kept = load_i64(frame + 8 * FRAME_KEPT)
    kept_count = load_i64(frame + 8 * FRAME_KEPT_COUNT)
    found = load_i64(desk + 8 * DESK_SCORES)
    scores = load_i64(desk + 8 * DESK_BEST_SCORES)
    locals_ = load_i64(desk + 8 * DESK_BEST_LOCALS)
    work = load_i64(desk + 8 * DESK_WORK_SCORES)
    work_locals = load_i64(desk + 8 * DESK_WORK_LOCALS)
    size = np.int64(0)
    matched = np.int64(0)
    # Ties come too late once there are enough: later documents rank below earlier ones.
    least = np.uint64(floor)
    w = next_window(frame, desk, w, end)
    while w < end and not _cancelled(desk, cancel, w):
        if prune and matched > limit and size >= limit:
            if np.uint64(most_points(frame, w)) < least:
                w = next_window(frame, desk, w + 1, end)
                continue
        held = match_window(frame, desk, w)
        _visit(desk)
        count = words_count(slot, WORDS) if held == BITMAP_STATE else held
        if count > 0:
            matched += count
            for i in range(kept_count):
                number = np.int64(load_u32(kept + 4 * i))
                to_bitmap(slot + number * SLOT_BYTES, states + 8 * number)
            if gathers(frame, w, count):
                if count > FEW_MATCHES:
                    to_both(slot, states)
                else:
                    to_candidates(slot, states)
                gather(frame, desk, w, count)
                for i in range(count):
                    score = load_u64(found + 8 * i)
                    if score >= least:
                        offset = np.int64(load_u16(slot + CANDIDATES_AT + 2 * i))
                        store_u64(scores + 8 * size, score)
                        store_u32(locals_ + 4 * size, np.uint32(w * WINDOW + offset))
                        size += 1
                        if size == room:
                            least = cut_down(scores, locals_, size, limit, work) + _ONE
                            size = limit
            else:
                to_bitmap(slot, states)
                accumulate(frame, desk, w, wide)
                size, least = _scan(desk, w, wide, size, least, limit, room, scores, locals_, work)
        w = next_window(frame, desk, w + 1, end)
    if size > limit:
        cut_down(scores, locals_, size, limit, work)
        size = limit
    sort_best(scores, locals_, size, work, work_locals)
    return size, matched, load_i64(desk + 8 * DESK_STOPPED) < 0
