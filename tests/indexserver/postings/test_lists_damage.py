"""Bytes that are no lists are refused, or are lists: no kernel leaves its section."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.errors import CorruptIndex
from indexserver.postings.encode import SECTIONS, encode_lists
from indexserver.postings.forms import FORM, PACKED
from indexserver.postings.lists import PostingLists

DOCUMENTS = 70_000
SIZES = [0, 1, 3, 14, 15, 62, 63, 64, 90, 186, 300, 2_000, 40_000, 66_000]


def _sections() -> dict[str, bytes]:
    rng = np.random.default_rng(4)
    ids = [np.sort(rng.permutation(DOCUMENTS)[:size]) for size in [*SIZES, *SIZES]]
    offsets = np.zeros(len(ids) + 1, dtype=np.uint64)
    np.cumsum([each.size for each in ids], out=offsets[1:])
    flat = np.concatenate(ids).astype(np.uint32)
    hits = rng.integers(0, 20, flat.size).astype(np.uint8)
    packed = np.arange(len(ids)) >= len(SIZES)
    return encode_lists(offsets, flat, hits, DOCUMENTS, packed=packed)


COUNT = 2 * len(SIZES)


def _read_everything(sections: dict[str, bytes]) -> None:
    lists = PostingLists.read(sections, DOCUMENTS, count=COUNT, name="one.segment")
    for row in lists.rows(np.arange(COUNT)):
        if row[FORM] == PACKED:
            lists.thaw(row)
    offsets, ids, hits = lists.decode_all()
    assert offsets[-1] == ids.size == hits.size
    assert not ids.size or ids.max() < DOCUMENTS
    lists.bytes_by_part()


def _message_of(sections: dict[str, bytes]) -> str | None:
    try:
        _read_everything(sections)
    except CorruptIndex as error:
        return str(error)
    return None


@pytest.mark.parametrize("section", SECTIONS)
def test_a_changed_byte_is_refused_or_harmless(section):
    """A checksum may be right and the file still wrong: a bad writer, or one who means harm."""
    sections = _sections()
    original = sections[section]
    rng = np.random.default_rng(len(original))
    places = np.unique(
        np.concatenate([np.arange(min(200, len(original))), rng.integers(0, len(original), 150)])
    )
    for place in places.tolist():
        for change in (0x01, 0x80, 0xFF):
            changed = bytearray(original)
            changed[place] ^= change
            said = _message_of(sections | {section: bytes(changed)})
            assert said is None or "one.segment: section 'list_" in said


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_cut_off_is_refused_by_name(section):
    """Whole lists are missing then, and the bytes behind belong to something else."""
    sections = _sections()
    original = sections[section]
    for size in {0, 1, 7, len(original) // 2, max(len(original) - 65, 2), len(original) - 1}:
        with pytest.raises(CorruptIndex, match=f"one.segment: section '{section}'"):
            _read_everything(sections | {section: original[:size]})


@pytest.mark.parametrize("section", SECTIONS)
def test_a_missing_section_is_named(section):
    """The message says what to rebuild."""
    sections = _sections()
    del sections[section]

    with pytest.raises(CorruptIndex, match=f"section '{section}' is missing"):
        _read_everything(sections)


def test_sections_of_another_segment_are_refused():
    """Ids of a larger segment would be rows behind the end of this one's columns."""
    sections = _sections()

    for documents in (DOCUMENTS - 1, 100, 1, 0):
        with pytest.raises(CorruptIndex):
            PostingLists.read(sections, documents, count=COUNT)
    for count in (COUNT - 1, COUNT - 16, 0):
        with pytest.raises(CorruptIndex):
            PostingLists.read(sections, DOCUMENTS, count=count)
