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
_WORD = 1

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
def _bm25(tf, length, idf, weight, average, k1, b, one):
    """Return a word's share in the text score, rounded to an integer (`bm25.py`)."""
    share = idf * tf * (k1 + 1.0) / (tf + k1 * (1.0 - b + b * (length / average)))
    return np.int64(np.rint(share * weight * one))


@njit(cache=True, nogil=True)
def rows_into(
    locals_, places, concept, concept_one, list_rows, asked, kinds, idf, weights, average,
    bm25, columns, now, query, visual_bit, viewer, friends, rows,
):  # fmt: skip
    """Write the features that depend on the request.

    Parameters
    ----------
    locals_ : uint32 (n,);  places : int64 (n,), the row of each
    concept : int64 (rows,), concept scores;  concept_one : their unit
    list_rows : address of rows of lists, by leaf
    asked, kinds : int64 (a,): leaves, and whether each is a tag (0), a word (1) or another (2)
    idf, weights : float64 (a,), of words;  average : words a document, 0 without statistics
    bm25 : (k1, b, unit)
    columns : text_lengths, top_tags, taken_at, visual, flags, authors
    now : seconds, or the least int64;  query : address of a visual code, or 0
    viewer : uint64;  friends : uint64 (f,), ascending
    rows : float32 (rows, 9): concept_score, text_score, matched_operands, best_tag, prominence,
        age_days, hamming_visual, is_viewer, is_friend
    """
    k1, b, one = bm25
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
        matched, best, text = np.int64(0), np.int64(0), np.int64(0)
        for j in range(asked.size):
            byte = hit_at(list_rows + 64 * asked[j], local)
            if byte < 0:
                continue
            matched += 1
            if kinds[j] == _TAG:
                best = max(best, byte)
            elif kinds[j] == _WORD and average > 0.0:
                length = np.float64(load_u16(text_lengths + 2 * local))
                text += _bm25(np.float64(byte), length, idf[j], weights[j], average, k1, b, one)
        top = np.float64(load_u8(top_tags + local))
        squared = np.float64(best * best)
        store_f32(row, np.float32(np.float64(concept[place]) / concept_one))
        store_f32(row + 4, np.float32(np.float64(text) / one))
        store_f32(row + 8, np.float32(matched / asked.size if asked.size else 1.0))
        store_f32(row + 12, np.float32(squared / 65_025.0))
        store_f32(row + 16, np.float32(squared / (top * top) if top > 0.0 else 0.0))
        age = np.nan
        taken_at = load_i64(taken + 8 * local)
        if now != UNKNOWN_TIME and taken_at != UNKNOWN_TIME:
            age = (np.float64(now) - np.float64(taken_at)) / _DAY_S
        store_f32(row + 20, np.float32(age))
        bits = np.nan
        if query != 0 and (np.int64(load_u8(flags + local)) & visual_bit) != 0:
            bits = np.float64(_distance(visual + 32 * local, query))
        store_f32(row + 24, np.float32(bits))
        # Nobody (0) owns nothing and is nobody's friend, also where the author is unknown.
        author = load_u64(authors + 8 * local)
        known = author != np.uint64(0)
        store_f32(row + 28, np.float32(known and author == viewer))
        store_f32(row + 32, np.float32(known and _is_among(friends_at, friends.size, author)))


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
