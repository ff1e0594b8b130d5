"""Loops over sorted local ids (uint32, strictly increasing) and dense rows."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = [
    "accumulate_lists",
    "accumulate_matches",
    "common_positions",
    "missing_positions",
    "probe",
]


@njit(cache=True, nogil=True)
def _first_not_less(ids, low, value):
    """Position of the first of ids[low:] that is not less than `value`, by galloping."""
    step = 1
    high = low
    while high < ids.size and ids[high] < value:
        low = high + 1
        high += step
        step *= 2
    if high > ids.size:
        high = ids.size
    while low < high:
        middle = (low + high) // 2
        if ids[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def common_positions(few, many, in_few, in_many):
    """Write the positions of the ids common to both; return how many.

    few, many       : uint32, strictly increasing; `few` should be the shorter
    in_few, in_many : int64, at least (few.size,)
    """
    n = 0
    j = 0
    for i in range(few.size):
        value = few[i]
        if j < many.size and many[j] < value:
            j = _first_not_less(many, j, value)
        if j == many.size:
            break
        if many[j] == value:
            in_few[n] = i
            in_many[n] = j
            n += 1
            j += 1
    return n


@njit(cache=True, nogil=True)
def missing_positions(ids, others, out):
    """Write the positions of the `ids` that are not in `others`; return how many.

    out : int64, at least (ids.size,)
    """
    n = 0
    j = 0
    for i in range(ids.size):
        value = ids[i]
        if j < others.size and others[j] < value:
            j = _first_not_less(others, j, value)
        if j == others.size or others[j] != value:
            out[n] = i
            n += 1
    return n


@njit(cache=True, nogil=True)
def probe(ids, wanted, out):
    """Write the position in `ids` of each of `wanted`, or -1.

    wanted : uint32, non-decreasing
    out    : int64 (wanted.size,)
    """
    j = 0
    for i in range(wanted.size):
        j = _first_not_less(ids, j, wanted[i])
        out[i] = j if j < ids.size and ids[j] == wanted[i] else -1


@njit(cache=True, nogil=True)
def accumulate_matches(ids, scores, member, total):
    """Mark `ids` as members and add their `scores`, which may be empty for all 0.

    member : bool (documents,);  total : int64 (documents,)
    """
    if scores.size == 0:
        for i in range(ids.size):
            member[ids[i]] = True
    else:
        for i in range(ids.size):
            member[ids[i]] = True
            total[ids[i]] += scores[i]


@njit(cache=True, nogil=True)
def accumulate_lists(terms, offsets, postings, hitdata, squared, member, best, total):
    """Mark the members of many lists; keep the best byte and add up what the hits count.

    terms          : int64, list numbers
    offsets        : uint64, lists + 1;  postings uint32 and hitdata uint8 lie between them
    squared        : a hit counts its byte squared if true, else 1
    member, best, total : bool, uint8, int64, (documents,)
    """
    for t in range(terms.size):
        start = np.int64(offsets[terms[t]])
        end = np.int64(offsets[terms[t] + 1])
        for i in range(start, end):
            document = postings[i]
            byte = hitdata[i]
            member[document] = True
            if byte > best[document]:
                best[document] = byte
            if squared:
                total[document] += np.int64(byte) * np.int64(byte)
            else:
                total[document] += 1
