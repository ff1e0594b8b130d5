"""Merging gives the very file that building from the documents gives."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents import PhotoDocument
from alicorn.errors import BadRequest
from indexserver.merge import merge
from indexserver.postings.builder import build
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
