"""Lists that were written once are read for ever, and written again byte for byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexserver.postings.encode import SECTIONS, encode_lists
from indexserver.postings.forms import DENSE, EMPTY, FORM, PACKED, SHORT, SPARSE
from indexserver.postings.lists import PostingLists

GOLDEN = Path(__file__).parents[2] / "golden" / "postings"
VERSIONS = sorted(path.parent.name for path in GOLDEN.glob("*/list_bases.bin"))
"""A folder a format version. To make another: write ``_sections()`` there, section by section."""

DOCUMENTS = 100_000
EVERY = [
    # ids, HitData, cold; arithmetic alone, so that no library may change them
    ([], False, False),
    ([99_999], False, False),
    ([5, 300, 16_390], True, False),
    (range(0, 90_000, 1_100), True, False),
    (range(7, 99_999, 4_000), False, False),
    (range(7, 99_999, 4_001), True, False),
    ([*range(0, 600, 2), 16_390], True, False),
    ([*range(98_400, 98_700), 99_999], False, False),
    ([k * k for k in range(300)], True, True),
    (range(0, 99_999, 700), False, True),
    ([5, 300, 16_390], True, True),
]


def _lists() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    offsets = np.zeros(len(EVERY) + 1, dtype=np.uint64)
    np.cumsum([len(ids) for ids, _, _ in EVERY], out=offsets[1:])
    ids = np.concatenate([np.array(ids, dtype=np.uint32) for ids, _, _ in EVERY])
    hits = np.concatenate(
        [np.arange(len(ids)) * 37 % 251 * with_hits for ids, with_hits, _ in EVERY]
    ).astype(np.uint8)
    return offsets, ids, hits, np.array([cold for _, _, cold in EVERY])


def _sections() -> dict[str, bytes]:
    offsets, ids, hits, packed = _lists()
    return encode_lists(offsets, ids, hits, DOCUMENTS, packed=packed)


def _golden(version: str) -> dict[str, bytes]:
    return {name: (GOLDEN / version / f"{name}.bin").read_bytes() for name in SECTIONS}


@pytest.mark.parametrize("version", VERSIONS)
def test_lists_of_every_version_are_read(version):
    """An index outlives the program that wrote it."""
    offsets, ids, hits, _ = _lists()

    lists = PostingLists.read(_golden(version), DOCUMENTS, count=len(EVERY))
    found = lists.decode_all()

    assert offsets.tolist() == found[0].tolist()
    assert ids.tolist() == found[1].tolist()
    assert hits.tolist() == found[2].tolist()


def test_the_latest_version_is_written_byte_for_byte():
    """A change of a byte is a change of the format, and needs a version of its own."""
    assert _golden(VERSIONS[-1]) == _sections()


def test_the_golden_lists_have_every_form():
    """What is not in the golden files could change unseen."""
    lists = PostingLists.read(_sections(), DOCUMENTS, count=len(EVERY))

    forms = [int(row[FORM]) for row in lists.rows(np.arange(len(EVERY)))]

    assert forms == [
        *(EMPTY, SHORT, SHORT, SPARSE, SPARSE, SPARSE, DENSE, DENSE, PACKED, PACKED, SHORT)
    ]
