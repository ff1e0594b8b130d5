"""Corpus D: as many short lists as friends and pages have."""

from __future__ import annotations

import numpy as np

from loadtest.corpora.corpus import list_sizes
from loadtest.corpora.short_lists import short_lists


def test_half_of_the_lists_have_three_hits_or_fewer() -> None:
    """Median 3 and 99th percentile 59, as the paper has them."""
    lists = short_lists(20_000, 100_000)
    sizes = list_sizes(lists.posting_offsets)

    assert np.median(sizes) == 3
    assert 50 < np.percentile(sizes, 99) < 70
    assert sizes.min() >= 1


def test_lists_ascend_and_have_nobody_twice() -> None:
    """Drawn twice counts once."""
    lists = short_lists(2_000, 50)
    starts = lists.posting_offsets.astype(np.int64)
    for number in range(lists.lists):
        ids = lists.postings[starts[number] : starts[number + 1]].astype(np.int64)
        assert np.all(np.diff(ids) > 0)
    assert lists.postings.max() < 50


def test_terms_are_numbers_and_ascend_as_bytes() -> None:
    """The builder takes them flat, without a Python object each."""
    lists = short_lists(500, 100)
    blob, offsets = lists.keys()
    bounds = offsets.astype(np.int64)
    keys = [blob[bounds[i] : bounds[i + 1]].tobytes() for i in range(lists.lists)]

    assert keys == [f"friend:{number}".encode() for number in lists.numbers]
    assert keys == sorted(set(keys))


def test_the_shortest_can_be_had_alone() -> None:
    """Their bytes are asked for, and only theirs."""
    lists = short_lists(1_000, 1_000)
    sizes = list_sizes(lists.posting_offsets)
    few = lists.shorter(3)
    at = int(np.flatnonzero(sizes <= 3)[10])

    assert few.lists == np.count_nonzero(sizes <= 3)
    assert few.numbers[10] == lists.numbers[at]
    one = slice(int(few.posting_offsets[10]), int(few.posting_offsets[11]))
    other = slice(int(lists.posting_offsets[at]), int(lists.posting_offsets[at + 1]))
    assert np.array_equal(few.postings[one], lists.postings[other])
