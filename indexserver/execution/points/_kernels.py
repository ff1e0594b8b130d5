"""What a window's documents can score at most, which way of adding up is cheaper, single documents.

Addresses as in `indexserver.execution.window`. A share is int64[4]: leaf, kind
(`indexserver.execution.program`),
multiplier, gate slot or -1.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from alicorn.simd.memory import (
    load_i64,
    load_u8,
    load_u64,
)
from indexserver.execution.points.costs import (
    BITMAP_WALK,
    FEW_MATCHES,
    HIT,
    LOOKUP,
    MATCH,
    RANKS,
    SCAN,
    WORD_WALK,
)
from indexserver.execution.program import (
    BY_DISTANCE,
    CONSTANT,
    SQUARED_BYTE,
    SUM,
)
from indexserver.execution.window.frame import (
    FRAME_ROWS,
    FRAME_SHARES,
    FRAME_SHARES_COUNT,
    ROW_BYTES,
)
from indexserver.execution.window.lists._kernels import (
    bit_at,
    distance_of,
    is_bitmap,
    window_hits,
)
from indexserver.postings.forms import (
    BITMAP,
    DENSE,
    EMPTY,
    NEAR,
    SPARSE,
)

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
        if kind == CONSTANT:
            total += load_i64(share + 16)
        elif kind == SQUARED_BYTE:
            most = np.int64(255)
            if form == SPARSE or form == DENSE:
                most = np.int64(load_u8(load_i64(row + 40) + w))
            total += load_i64(share + 16) * most * most
        elif kind == BY_DISTANCE:
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
    by_document = np.int64(SCAN)
    by_match = RANKS + MATCH * matches
    for i in range(count):
        row = rows + load_i64(shares + 32 * i) * ROW_BYTES
        form = load_i64(row)
        if form == SPARSE or form == DENSE:
            hits = window_hits(row, form, w + 1) - window_hits(row, form, w)
            if hits > 0 and is_bitmap(row, form, w):
                by_document += min(HIT * hits, BITMAP_WALK)
                by_match += min(WORD_WALK + HIT * min(hits, matches), LOOKUP * matches)
            else:
                by_document += HIT * hits
                by_match += HIT * hits
        elif form == BITMAP or form == NEAR:
            by_document += WORD_WALK + LOOKUP * matches
            by_match += WORD_WALK + LOOKUP * matches
    return by_match < by_document


@njit(cache=True, nogil=True)
def document_points(row, form, kind, multiplier, document):
    """Return what a BITMAP or NEAR gives to `document`; 0 if it does not hold it."""
    if form == NEAR:
        distance = distance_of(row, document)
        if distance > load_i64(row + 48):
            return np.int64(0)
        return load_i64(multiplier + 8 * distance)
    if bit_at(load_i64(row + 16), document) == 0:
        return np.int64(0)
    if kind == SQUARED_BYTE:
        if load_i64(row + 32) == 0:
            return np.int64(0)
        byte = np.int64(load_u8(load_i64(row + 32) + document))
        return multiplier * byte * byte
    if kind == SUM:
        return multiplier * np.int64(load_u64(load_i64(row + 40) + 8 * document))
    return multiplier
