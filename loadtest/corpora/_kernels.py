"""Loops that make corpora: drawing documents, turning them into lists, cutting lists apart.

Lists are flat: list t is postings[offsets[t]:offsets[t + 1]], ascending; offsets are uint64
(lists + 1,). Forward form is the same with documents for lists and list numbers for ids.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = [
    "collection",
    "draw_documents",
    "draw_lists",
    "forward",
    "invert",
    "lists_of_part",
    "prefixed",
    "take_lists",
    "texts",
]


@njit(cache=True, nogil=True)
def draw_documents(random, documents, length, cumulative, topics):
    """Draw `documents` of about `length` words each; return (offsets, words int32, times uint8).

    random     : numpy.random.Generator
    cumulative : float64 (words,), ends at 1: chance of a word or one before it
    topics     : int32 (topics, words): which word a topic says instead of each

    A fifth of a document's words go through its first topic, a tenth through its second.
    """
    vocabulary = cumulative.size
    offsets = np.zeros(documents + 1, np.uint64)
    words = np.empty(documents * length * 2, np.int32)
    times = np.empty(documents * length * 2, np.uint8)
    last_seen = np.full(vocabulary, -1, np.int64)
    n = 0
    for document in range(documents):
        drawn = int(random.lognormal(np.log(length), 0.35))
        drawn = min(max(drawn, 4), 2 * length)
        first = random.integers(0, topics.shape[0])
        second = random.integers(0, topics.shape[0])
        start = n
        for _ in range(drawn):
            word = min(np.searchsorted(cumulative, random.random()), vocabulary - 1)
            chance = random.random()
            if chance < 0.2:
                word = topics[first, word]
            elif chance < 0.3:
                word = topics[second, word]
            if last_seen[word] >= start:
                if times[last_seen[word]] < 250:
                    times[last_seen[word]] += 1
            else:
                last_seen[word] = n
                words[n] = word
                times[n] = 1
                n += 1
        offsets[document + 1] = n
    return offsets, words[:n].copy(), times[:n].copy()


@njit(cache=True, nogil=True)
def invert(offsets, words, times, lists):
    """Return the lists of documents in forward form, as (offsets, postings, times)."""
    out_offsets = np.zeros(lists + 1, np.uint64)
    for word in words:
        out_offsets[word + 1] += np.uint64(1)
    for i in range(lists):
        out_offsets[i + 1] += out_offsets[i]
    at = out_offsets[:-1].astype(np.int64)
    postings = np.empty(words.size, np.uint32)
    out_times = np.empty(words.size, np.uint8)
    for document in range(offsets.size - 1):
        for i in range(int(offsets[document]), int(offsets[document + 1])):
            place = at[words[i]]
            postings[place] = document
            out_times[place] = times[i]
            at[words[i]] = place + 1
    return out_offsets, postings, out_times


@njit(cache=True, nogil=True)
def forward(offsets, postings, times, documents):
    """Return lists in forward form, as (offsets, list numbers int32, times); lists ascend."""
    out_offsets = np.zeros(documents + 1, np.uint64)
    for document in postings:
        out_offsets[document + 1] += np.uint64(1)
    for i in range(documents):
        out_offsets[i + 1] += out_offsets[i]
    at = out_offsets[:-1].astype(np.int64)
    numbers = np.empty(postings.size, np.int32)
    out_times = np.empty(postings.size, np.uint8)
    for number in range(offsets.size - 1):
        for i in range(int(offsets[number]), int(offsets[number + 1])):
            place = at[postings[i]]
            numbers[place] = number
            out_times[place] = times[i]
            at[postings[i]] = place + 1
    return out_offsets, numbers, out_times


@njit(cache=True, nogil=True)
def take_lists(offsets, values, order):
    """Return `values` of the lists in `order` (int64), one list after the other."""
    size = 0
    for number in order:
        size += int(offsets[number + 1]) - int(offsets[number])
    out = np.empty(size, values.dtype)
    n = 0
    for number in order:
        for i in range(int(offsets[number]), int(offsets[number + 1])):
            out[n] = values[i]
            n += 1
    return out


@njit(cache=True, nogil=True)
def lists_of_part(offsets, postings, first_bytes, second_bytes, part_of, local_of, part):
    """Return what `part` has of every list: (counts int64, postings, first, second).

    part_of  : uint8 (documents,): which part each document goes to
    local_of : uint32 (documents,): its number there; order is kept within a part
    first_bytes, second_bytes : uint8 beside `postings`
    """
    counts = np.zeros(offsets.size - 1, np.int64)
    size = 0
    for document in postings:
        size += part_of[document] == part
    out = np.empty(size, np.uint32)
    first = np.empty(size, np.uint8)
    second = np.empty(size, np.uint8)
    n = 0
    for number in range(offsets.size - 1):
        begun = n
        for i in range(int(offsets[number]), int(offsets[number + 1])):
            document = postings[i]
            if part_of[document] == part:
                out[n] = local_of[document]
                first[n] = first_bytes[i]
                second[n] = second_bytes[i]
                n += 1
        counts[number] = n - begun
    return counts, out, first, second


@njit(cache=True, nogil=True)
def draw_lists(random, counts, documents):
    """Draw lists of about `counts` (int64) distinct ids below `documents`: (offsets, postings).

    A list loses what was drawn twice. `random` is a numpy.random.Generator.
    """
    offsets = np.zeros(counts.size + 1, np.uint64)
    postings = np.empty(counts.sum(), np.uint32)
    n = 0
    for number in range(counts.size):
        begun = n
        for _ in range(counts[number]):
            drawn = np.uint32(random.integers(0, documents))
            # Insertion: half of all lists have three ids or fewer.
            at = n
            while at > begun and postings[at - 1] > drawn:
                at -= 1
            if at > begun and postings[at - 1] == drawn:
                continue
            for i in range(n, at, -1):
                postings[i] = postings[i - 1]
            postings[at] = drawn
            n += 1
        offsets[number + 1] = n
    return offsets, postings[:n].copy()


@njit(cache=True, nogil=True)
def prefixed(blob, offsets, prefix):
    """Return (blob, offsets) of the words in `blob` with `prefix` (uint8) before each."""
    words = offsets.size - 1
    out = np.empty(blob.size + words * prefix.size, np.uint8)
    out_offsets = np.empty(words + 1, np.uint64)
    n = 0
    for word in range(words):
        out_offsets[word] = n
        for byte in prefix:
            out[n] = byte
            n += 1
        for i in range(int(offsets[word]), int(offsets[word + 1])):
            out[n] = blob[i]
            n += 1
    out_offsets[words] = n
    return out, out_offsets


@njit(cache=True, nogil=True)
def texts(offsets, numbers, times, blob, word_offsets):
    """Return documents in forward form as text: (blob, offsets).

    Each word as often as `times` says, with a space after each.
    """
    size = 0
    for i in range(numbers.size):
        word = numbers[i]
        size += times[i] * (int(word_offsets[word + 1]) - int(word_offsets[word]) + 1)
    out = np.empty(size, np.uint8)
    out_offsets = np.zeros(offsets.size, np.uint64)
    n = 0
    for document in range(offsets.size - 1):
        for i in range(int(offsets[document]), int(offsets[document + 1])):
            word = numbers[i]
            for _ in range(times[i]):
                for j in range(int(word_offsets[word]), int(word_offsets[word + 1])):
                    out[n] = blob[j]
                    n += 1
                out[n] = 32
                n += 1
        out_offsets[document + 1] = n
    return out, out_offsets


@njit(cache=True, nogil=True)
def collection(offsets, values):
    """Return lists as one uint32 array, the length of each before its values."""
    lists = offsets.size - 1
    out = np.empty(lists + values.size, np.uint32)
    n = 0
    for number in range(lists):
        start, end = int(offsets[number]), int(offsets[number + 1])
        out[n] = end - start
        n += 1
        for i in range(start, end):
            out[n] = values[i]
            n += 1
    return out
