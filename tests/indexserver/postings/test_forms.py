"""The worked examples of the forms are what is written, byte for byte."""

from __future__ import annotations

import numpy as np

from indexserver.postings.encode import encode_lists
from indexserver.postings.forms import (
    DENSE,
    FORM,
    SHORT,
    SPARSE,
    id_bytes,
    windows_of,
)
from indexserver.postings.lists import PostingLists

DOCUMENTS = 100_000


def _encoded(ids: list[int], hits: list[int], *, packed: bool = False):
    sections = encode_lists(
        np.array([0, len(ids)], dtype=np.uint64),
        np.array(ids, dtype=np.uint32),
        np.array(hits, dtype=np.uint8),
        DOCUMENTS,
        packed=np.array([packed]),
    )
    return sections, PostingLists.read(sections, DOCUMENTS, count=1)


def test_sizes_of_ids_and_windows_change_where_they_must():
    """One document more than two bytes can number needs a third byte, not a wrong id."""
    assert [id_bytes(n) for n in (1, 65_536, 65_537, 1 << 24, (1 << 24) + 1)] == [2, 2, 3, 3, 4]
    assert [windows_of(n) for n in (0, 1, 16_384, 16_385, 100_000)] == [0, 1, 1, 2, 7]


def test_the_short_example_is_true():
    """The list stands in its entry: thirteen bytes behind the group's sizes."""
    sections, lists = _encoded([5, 300, 16_390], [10, 0, 255])

    entry = "0d 05 00 00 2c 01 00 06 40 00 0a 00 ff"
    assert sections["list_entries"] == (bytes([13] + 15 * [0]) + bytes.fromhex(entry) + bytes(64))
    assert sections["list_bases"] == bytes(8)
    assert lists.row(0)[FORM] == SHORT


def test_the_sparse_example_is_true():
    """Ranks, offsets and the largest byte of each window, in this order."""
    sections, lists = _encoded([*range(0, 40, 2), 16_390], [9] * 20 + [200])

    table = np.array([0, 20, 21, 21, 21, 21, 21, 21], dtype="<u2").tobytes()
    offsets = np.array([*range(0, 40, 2), 6], dtype="<u2").tobytes()
    maxima = bytes([9, 200, 0, 0, 0, 0, 0])
    written = table + offsets + maxima
    assert sections["list_windows"][:-64].rstrip(b"\0") == written.rstrip(b"\0")
    assert sections["list_hits"] == bytes([9] * 20 + [200]) + bytes(64)
    assert lists.row(0)[FORM] == SPARSE


def test_the_dense_example_is_true():
    """A bitmap, its rank directory, and a window of one hit behind it."""
    sections, lists = _encoded([*range(0, 600, 2), 16_390], [0] * 301)

    pairs = [0, 1, 300, 264 << 1] + [301, 265 << 1] * 6
    table = np.array(pairs, dtype="<u4").tobytes()
    words = np.zeros(256, dtype="<u8")
    words[:9] = 0x5555555555555555
    words[9] = 0x555555
    directory = np.array([0, 256] + [300] * 30, dtype="<u2").tobytes()
    rest = np.array([6, 0, 0, 0], dtype="<u2").tobytes()
    assert sections["list_windows"] == table + words.tobytes() + directory + rest + bytes(64)
    assert sections["list_hits"] == b""
    assert lists.row(0)[FORM] == DENSE


def test_the_packed_example_is_true():
    """Gaps and bytes of a block, each in as many bits as its widest; repeated until it is cold."""
    ids = [5, 6, 10, *range(11, 211)]
    hits = [9, 9, 10, *[9] * 200]
    sections, lists = _encoded(ids, hits, packed=True)
    packed = sections["list_packed"]

    assert packed[:5] == bytes.fromhex("03 01 09 c5 00")
    assert packed[3 + 48] == 0x04
    assert lists.decode(0).ids.tolist() == ids
    assert lists.decode(0).hits.tolist() == hits
