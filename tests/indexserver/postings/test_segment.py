"""What goes into a segment comes out: lists, columns, documents, ids."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents import PhotoDocument
from alicorn.documents.model import UNKNOWN_TIME
from alicorn.documents.terms import terms_of
from alicorn.errors import BadRequest
from indexserver.postings.builder import build
from indexserver.postings.columns import COLUMNS
from indexserver.postings.dictionary import term_key
from indexserver.postings.segment import PARTS, Segment


@given(data=st.data())
def test_lists_documents_and_ids_come_back(worlds, data):
    """The inverted index is the documents' terms turned around, in DocId order."""
    rows = worlds.documents(data.draw(worlds.seeds), data.draw(st.sampled_from([0, 1, 5, 33])))
    segment = Segment.read(build(rows), "x")
    ordered = sorted(rows, key=lambda d: (-d.sort_key, d.id))
    expected: dict[bytes, list[tuple[int, int]]] = {}
    for local, document in enumerate(ordered):
        for term in terms_of(document):
            expected.setdefault(term_key(term.edge, term.value), []).append((local, term.hitdata))

    found = {
        key: list(zip(*(a.tolist() for a in segment.list_at(i)), strict=True))
        for i, key in enumerate(segment.terms.keys())
    }

    assert expected == found
    assert ordered == [segment.document(local) for local in range(segment.documents)]
    wanted = np.array([d.id for d in ordered] + [10**9], dtype=np.uint64)
    assert [*range(len(ordered)), -1] == segment.locals_of(wanted).tolist()


def test_columns_hold_what_the_documents_say(worlds):
    """PS-10, PS-14: codes of 32 bytes, no float vectors; no document is read for them."""
    segment = Segment.read(build(worlds.documents(4, 40)), "x")
    for local in range(segment.documents):
        document = segment.document(local)
        row = {name: segment.columns[name][local] for name in COLUMNS}

        assert row["ids"] == document.id
        assert row["sort_keys"] == document.sort_key
        assert row["authors"] == document.author
        assert row["audiences"] == int(document.audience.kind)
        assert row["taken_at"] == (UNKNOWN_TIME if document.taken_at is None else document.taken_at)
        assert row["popularity"] == document.popularity
        assert row["quality"] == np.float32(document.quality)
        assert row["flags"] == bool(document.visual) + 4 * bool(document.fingerprint)
        assert segment.columns["visual"][local].tobytes() == (document.visual or bytes(32))
    floats = {n for n, c in segment.columns.items() if np.issubdtype(c.dtype, np.floating)}
    assert floats == {"quality"}
    assert "joint" not in segment.columns


def test_joint_codes_are_kept_once_a_document_has_one():
    """Before the two towers are trained no room is spent on them."""
    code = bytes(range(32))
    segment = Segment.read(build([PhotoDocument(id=1, joint=code), PhotoDocument(id=2)]), "x")

    assert segment.columns["joint"].tobytes() == code + bytes(32)


def test_the_same_documents_give_the_same_bytes(worlds):
    """Two replicas that read the log in other batches hold the same file."""
    rows = worlds.documents(9, 30)
    shuffled = random.Random(1).sample(rows, len(rows))

    assert build(rows) == build(shuffled)


def test_a_document_that_stands_twice_is_refused():
    """Which of the two versions counts would be a guess."""
    with pytest.raises(BadRequest, match="document 7 stands twice"):
        build([PhotoDocument(id=7, sort_key=1), PhotoDocument(id=7, sort_key=2)])


def test_large_pictures_and_texts_are_kept_as_the_largest_number():
    """u16 columns are cut off, never wrapped."""
    segment = Segment.read(build([PhotoDocument(id=1, width=70_000, height=3)]), "x")

    assert segment.columns["widths"].tolist() == [65_535]


def test_parts_cover_every_section_but_the_header(worlds):
    """The status accounts for all bytes of the index."""
    data = build(worlds.documents(1, 20))
    segment = Segment.read(data, "x")

    assert set(segment.bytes_by_part) == set(PARTS)
    assert 0 < sum(segment.bytes_by_part.values()) < len(data)
    assert all(size > 0 for size in segment.bytes_by_part.values())
