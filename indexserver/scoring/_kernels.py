"""Rows of features straight from lists and columns, for the candidates of one segment.

Throughout, a candidate is a local id and the row that it belongs to; `columns` is int64[k], the
addresses of the columns in the order of `indexserver.scoring.features`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.documents.model import UNKNOWN_TIME
from alicorn.simd.bits import popcount
from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u16,
    load_u64,
    prefetch,
    store_f32,
    store_u8,
)
from indexserver.postings._kernels import hit_at

_TAG = 0

_INSIDE = 0
_ENDS_PHRASE = 2

_AHEAD = 12
_DAY_S = 86_400.0


@njit(cache=True, nogil=True)
def _distance(code, query):
    total = np.int64(0)
    for i in range(4):
        total += popcount(load_u64(code + 8 * i) ^ load_u64(query + 8 * i))
    return total


@njit(cache=True, nogil=True)
def _is_among(numbers, count, wanted):
    """Whether `wanted` is one of the ascending uint64 at `numbers`."""
    low, high = np.int64(0), count
    while low < high:
        middle = (low + high) >> 1
        if load_u64(numbers + 8 * middle) < wanted:
            low = middle + 1
        else:
            high = middle
    return low < count and load_u64(numbers + 8 * low) == wanted


@njit(cache=True, nogil=True)
def _bm25(tf, length, worth, average, k1, b, one):
    """Return a word's share in the text score, rounded to an integer (`bm25.py`)."""
    share = worth * tf * (k1 + 1.0) / (tf + k1 * (1.0 - b + b * (length / average)))
    return np.int64(np.rint(share * one))


@njit(cache=True, nogil=True)
def _match_into(list_rows, leaves, kinds, worth, ends, local, length, average, bm25, out):
    """Write how the document `local` meets what is asked for.

    Parameters
    ----------
    list_rows : address of rows of lists, by leaf
    leaves, kinds, worth, ends : as in `rows_into`
    length, average : words of the document, and on average (0 without statistics)
    bm25 : (k1, b, unit)
    out : float64 (6,): text score in units of 1 / unit, phrases met, worth of the words that it
        has, weighted bytes of tags added up, squared byte and weight of the best tag
    """
    k1, b, one = bm25
    text, met, said, shown = np.int64(0), 0.0, 0.0, 0.0
    best, best_square, best_weight = -1.0, 0.0, 0.0
    phrase_text, phrase_met, phrase_said, phrase_shown = np.int64(0), 0.0, 0.0, 0.0
    way_text, way_hits, way_leaves, way_said = np.int64(0), 0, 0, 0.0
    for j in range(leaves.size):
        byte = hit_at(list_rows + 64 * leaves[j], local)
        way_leaves += 1
        if byte >= 0:
            way_hits += 1
            if kinds[j] == _TAG:
                square = np.float64(byte * byte)
                confidence = square * worth[j]
                phrase_shown += np.float64(byte) * worth[j]
                # Of equals the heavier tag, then (where weights are nothing) the surer one.
                better = confidence > best
                if confidence == best:
                    better = worth[j] > best_weight
                    better |= worth[j] == best_weight and square > best_square
                if better:
                    best, best_square, best_weight = confidence, square, worth[j]
            elif average > 0.0:
                way_text += _bm25(np.float64(byte), length, worth[j], average, k1, b, one)
                way_said += worth[j]
        if ends[j] == _INSIDE:
            continue
        phrase_text = max(phrase_text, way_text)
        phrase_met = max(phrase_met, way_hits / way_leaves)
        phrase_said = max(phrase_said, way_said)
        way_text, way_hits, way_leaves, way_said = np.int64(0), 0, 0, 0.0
        if ends[j] == _ENDS_PHRASE:
            text += phrase_text
            met += phrase_met
            said += phrase_said
            shown += phrase_shown
            phrase_text, phrase_met, phrase_said, phrase_shown = np.int64(0), 0.0, 0.0, 0.0
    out[0] = np.float64(text)
    out[1] = met
    out[2] = said
    out[3] = shown
    out[4] = best_square
    out[5] = best_weight


@njit(cache=True, nogil=True)
def rows_into(
    locals_, places, concept, concept_one, list_rows, leaves, kinds, worth, ends, totals, average,
    bm25, columns, now, query, visual_bit, viewer, friends, match, rows,
):  # fmt: skip
    """Write the features that depend on the request.

    Parameters
    ----------
    locals_ : uint32 (n,);  places : int64 (n,), the row of each
    concept : int64 (rows,), concept scores;  concept_one : their unit
    list_rows : address of rows of lists, by leaf
    leaves, kinds, ends : int64 (a,): what is asked for, phrase by phrase and way by way: leaves,
        whether each is a tag (0) or a word (1), and whether it is inside a way (0), ends one (1),
        or the phrase, too (2)
    worth : float64 (a,): weights of tags in [0, 1], worth of words
    totals : (phrases, most worth of words that a document can have)
    average : words a document, 0 without statistics
    bm25 : (k1, b, unit)
    columns : text_lengths, top_tags, taken_at, visual, flags, authors
    now : seconds, or the least int64;  query : address of a visual code, or 0
    viewer : uint64;  friends : uint64 (f,), ascending
    match : float64 (6,), scratch
    rows : float32 (rows, 12): concept_score, text_score, matched_phrases, shown_phrases,
        said_share, best_tag, best_weight, prominence, age_days, hamming_visual, is_viewer,
        is_friend
    """
    phrases, most_worth = totals
    base = rows.ctypes.data
    width = 4 * rows.shape[1]
    friends_at = friends.ctypes.data
    text_lengths, top_tags, taken = columns[0], columns[1], columns[2]
    visual, flags, authors = columns[3], columns[4], columns[5]
    for i in range(locals_.size):
        if i + _AHEAD < locals_.size:
            later = np.int64(locals_[i + _AHEAD])
            prefetch(text_lengths + 2 * later)
            prefetch(top_tags + later)
            prefetch(taken + 8 * later)
            prefetch(authors + 8 * later)
            if query != 0:
                prefetch(visual + 32 * later)
                prefetch(flags + later)
        local = np.int64(locals_[i])
        place = places[i]
        row = base + width * place
        length = np.float64(load_u16(text_lengths + 2 * local))
        _match_into(list_rows, leaves, kinds, worth, ends, local, length, average, bm25, match)
        top = np.float64(load_u8(top_tags + local))
        store_f32(row, np.float32(np.float64(concept[place]) / concept_one))
        store_f32(row + 4, np.float32(match[0] / bm25[2]))
        store_f32(row + 8, np.float32(match[1] / phrases if phrases > 0.0 else 1.0))
        store_f32(row + 12, np.float32(match[3] / (255.0 * phrases) if phrases > 0.0 else 0.0))
        store_f32(row + 16, np.float32(match[2] / most_worth if most_worth > 0.0 else 0.0))
        store_f32(row + 20, np.float32(match[4] * match[5] / 65_025.0))
        store_f32(row + 24, np.float32(match[5]))
        store_f32(row + 28, np.float32(match[4] / (top * top) if top > 0.0 else 0.0))
        age = np.nan
        taken_at = load_i64(taken + 8 * local)
        if now != UNKNOWN_TIME and taken_at != UNKNOWN_TIME:
            age = (np.float64(now) - np.float64(taken_at)) / _DAY_S
        store_f32(row + 32, np.float32(age))
        bits = np.nan
        if query != 0 and (np.int64(load_u8(flags + local)) & visual_bit) != 0:
            bits = np.float64(_distance(visual + 32 * local, query))
        store_f32(row + 36, np.float32(bits))
        # Nobody (0) owns nothing and is nobody's friend, also where the author is unknown.
        author = load_u64(authors + 8 * local)
        known = author != np.uint64(0)
        store_f32(row + 40, np.float32(known and author == viewer))
        store_f32(row + 44, np.float32(known and _is_among(friends_at, friends.size, author)))


@njit(cache=True, nogil=True)
def bins_into(locals_, places, kept, stride, targets, bins):
    """Copy the bins of static features to the candidates' places.

    Parameters
    ----------
    kept : address of uint8 (s, stride), a segment's bins, feature by feature
    targets : int64 (s,), the row of `bins` of each
    bins : uint8 (F, m)
    """
    base = bins.ctypes.data
    width = bins.shape[1]
    for j in range(targets.size):
        source = kept + stride * j
        target = base + width * targets[j]
        for i in range(locals_.size):
            store_u8(target + places[i], load_u8(source + np.int64(locals_[i])))
