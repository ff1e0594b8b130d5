"""The forward index is the lists of tags, turned around."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexserver.postings.forward.tags import ForwardTags, tags_of_lists

# Gaps around what fits in one, two and three bytes.
TERMS = st.sampled_from([0, 1, 2, 126, 127, 128, 129, 254, 16_382, 16_511, 16_512, 40_000])
DOCUMENTS = st.lists(st.dictionaries(TERMS, st.integers(0, 255), max_size=6), max_size=150)


def lists_of(documents):
    """Return the flat lists of 40,001 tags."""
    hits = sorted((term, d, b) for d, tags in enumerate(documents) for term, b in tags.items())
    offsets = np.searchsorted([term for term, _, _ in hits], np.arange(40_002)).astype(np.int64)
    return (
        offsets,
        np.array([d for _, d, _ in hits], dtype=np.uint32),
        np.array([b for _, _, b in hits], dtype=np.uint8),
    )


@given(documents=DOCUMENTS)
def test_the_tags_of_a_document_come_back(documents):
    """DB-07: what a candidate is re-ranked by, with no document read for it."""
    tags = tags_of_lists(*lists_of(documents), len(documents))
    sections = ForwardTags.encode(tags)
    found = ForwardTags.read(
        {n: memoryview(c) for n, c in sections.items()}, len(documents), "file"
    )

    for local, expected in enumerate(documents):
        terms, levels = found.of(local)
        assert sorted(expected.items()) == list(zip(terms.tolist(), levels.tolist(), strict=True))
    for expected, every in zip(tags, found.all(), strict=True):
        assert expected.tolist() == every.tolist()


def test_the_documented_example_has_the_documented_bytes():
    """The docstring's worked example is true."""
    tags = tags_of_lists(*lists_of([{4: 200, 5: 9, 300: 26}, {}]), 2)

    assert ForwardTags.encode(tags)["forward"] == bytes.fromhex("03 04 00 a6 02 c8 09 1a")


def test_fifty_tags_take_two_bytes_each():
    """DB-08, DB-09: the forward half of Dropbox's 500 bytes a photo is 300 there."""
    rng = np.random.default_rng(1)
    documents = [
        dict.fromkeys(rng.choice(2_000, 50, replace=False).tolist(), 9) for _ in range(100)
    ]
    sections = ForwardTags.encode(tags_of_lists(*lists_of(documents), 100))

    assert sum(map(len, sections.values())) <= 100 * 110
