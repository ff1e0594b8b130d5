"""Merging gives the very file that building from the documents gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents import PhotoDocument, Tag
from alicorn.errors import BadRequest
from indexserver.merge import merge
from indexserver.postings.builder import assemble, build
from indexserver.postings.dictionary import term_key
from indexserver.postings.segment import Segment
from indexserver.view import SegmentView


@given(data=st.data())
def test_a_merge_is_byte_for_byte_the_segment_of_the_living(worlds, data):
    """How a shard came by its documents cannot be seen in the file: no byte differs."""
    world = worlds.world(data.draw(worlds.seeds), data.draw(worlds.sizes), changes=False)

    merged = merge(worlds.view(world).segments)

    assert merged == build([document for document, _ in world.living()])


@given(data=st.data())
def test_splitting_and_merging_again_changes_no_byte(worlds, data):
    """The metamorphic twin: cut anywhere, merged in any order."""
    rows = worlds.documents(data.draw(worlds.seeds), 40)
    cut = data.draw(st.integers(0, 40))
    parts = [SegmentView(Segment.read(build(half), "x")) for half in (rows[cut:], rows[:cut])]

    assert merge(parts) == build(rows)


def test_joint_codes_survive_a_merge_with_a_segment_that_has_none():
    """The column appears when the first document has a code."""
    code = bytes(range(32))
    old, new = PhotoDocument(id=1), PhotoDocument(id=2, joint=code)
    parts = [SegmentView(Segment.read(build([d]), "x")) for d in (old, new)]

    assert merge(parts) == build([old, new])


def test_the_range_of_the_log_is_that_of_all_parts():
    """Header counts are for people who look into a file."""
    one = build([PhotoDocument(id=1)], first_sequence=3, last_sequence=9)
    two = build([PhotoDocument(id=2)], first_sequence=10, last_sequence=12)
    merged = Segment.read(merge([SegmentView(Segment.read(d, "x")) for d in (one, two)]), "x")

    assert (merged.first_sequence, merged.last_sequence) == (3, 12)


def test_a_document_live_in_two_segments_is_refused():
    """It would be found twice; the shard marks the older version dead first."""
    old = PhotoDocument(id=1, caption="old")
    parts = [SegmentView(Segment.read(build([d]), "x")) for d in (old, replace(old, caption="new"))]

    with pytest.raises(BadRequest, match="stands twice"):
        merge(parts)


@given(data=st.data())
def test_changed_edges_are_built_in_and_documents_stay_as_written(worlds, data):
    """Lists say what is true now; a document says what was written, tags that were removed too."""
    world = worlds.world(data.draw(worlds.seeds), data.draw(worlds.sizes))
    living = sorted(world.living(), key=lambda pair: (-pair[0].sort_key, pair[0].id))
    expected: dict[bytes, list[tuple[int, int]]] = {}
    for local, (_, terms) in enumerate(living):
        for (edge, value), hit in terms.items():
            expected.setdefault(term_key(edge, value), []).append((local, hit))

    merged = Segment.read(merge(worlds.view(world).segments), "merged")

    found = {}
    for number, key in enumerate(merged.terms.keys()):
        postings = merged.list_at(number)
        if postings.ids.size:
            found[key] = list(zip(postings.ids.tolist(), postings.hits.tolist(), strict=True))
        else:
            assert key.startswith(b"tag:")  # nobody has it now, and somebody was written with it
    assert expected == found
    assert [document for document, _ in living] == [
        merged.document(local) for local in range(merged.documents)
    ]


def test_a_tag_that_nobody_has_any_more_is_still_written_in_its_document(worlds, oracle):
    """The forward index names terms by number, so the term stays for it."""
    rows = [PhotoDocument(id=1, tags=worlds.settled([Tag("cat", 0.5), Tag("dog", 0.5)]))]
    part = oracle.Part(rows, removed={("tag", "cat"): {1}})

    merged = Segment.read(merge([worlds.segment_view(part)]), "merged")

    assert [tag.concept for tag in merged.document(0).tags] == ["cat", "dog"]
    assert merged.list_at(merged.terms.find(b"tag:cat")).ids.size == 0
    assert merge([SegmentView(merged)]) == merge([worlds.segment_view(part)])


@pytest.mark.parametrize("cold", [0.0, 0.3, 1.0])
def test_cold_lists_are_merged_like_the_others(worlds, cold):
    """PS-01: what was cold in a part may be in memory in the whole, and the other way round."""
    rows = worlds.documents(3, 900)
    plain = [SegmentView(Segment.read(build(half), "x")) for half in (rows[:500], rows[500:])]

    def chosen(offsets, ids, hits, documents):
        return np.arange(offsets.size - 1) < cold * (offsets.size - 1)

    parts = [SegmentView(Segment.read(merge([part], packed=chosen), "y")) for part in plain]

    assert all(bool(part.segment.cold_bytes) == (cold == 1.0) for part in parts) or cold == 0.3
    assert merge(parts) == build(rows)
    assert merge(parts, packed=chosen) == merge(plain, packed=chosen)


def test_segments_without_bodies_make_one_without(worlds):
    """And one that has bodies keeps them only if all of it has."""
    bare = []
    for rows in (worlds.documents(1, 5), worlds.documents(2, 5, 100)):
        segment = Segment.read(build(rows), "x")
        columns = {**segment.columns, "joint": np.zeros((5, 32), dtype=np.uint8)}
        offsets, ids, hits = segment.lists.decode_all()
        data = assemble(
            segment.terms.flat(),
            posting_offsets=offsets,
            postings=ids,
            hitdata=hits,
            columns=columns,
            documents=[],
        )
        bare.append(SegmentView(Segment.read(data, "y")))

    assert Segment.read(merge(bare), "z").bodies is None
    whole = SegmentView(Segment.read(build(worlds.documents(3, 5, 900)), "x"))
    assert Segment.read(merge([*bare, whole]), "z").bodies is None
