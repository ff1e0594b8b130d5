"""Rows of bytes come back, whatever their lengths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.errors import CorruptIndex
from indexserver.postings.forward.byterows import ByteRows, flat_bytes


def opened(rows: list[bytes]) -> ByteRows:
    sections = ByteRows.encode("x", flat_bytes(rows))
    return ByteRows.read("x", {n: memoryview(c) for n, c in sections.items()}, len(rows), "file")


@given(
    rows=st.integers(0, 200).flatmap(
        lambda n: st.lists(st.binary(max_size=3), min_size=n, max_size=n)
    )
)
def test_rows_come_back_as_they_went_in(rows):
    """One by one and all at once; groups of 64 begin anew."""
    found = opened(rows)

    assert rows == [bytes(found[i]) for i in range(len(rows))]
    blob, offsets = found.flat()
    assert blob.tobytes() == b"".join(rows)
    assert offsets.tolist() == flat_bytes(rows)[1].tolist()


@pytest.mark.parametrize("size", [1_000, 1_040, 1_041, 5_000])
def test_long_rows_take_wider_starts(size):
    """Two bytes a row are enough for most groups, and never wrap where they are not."""
    rows = [bytes([i % 256]) * size for i in range(130)]
    sections = ByteRows.encode("x", flat_bytes(rows))

    assert len(sections["x_starts"]) == 130 * (2 if 63 * size < 65_536 else 4)
    assert rows == [bytes(opened(rows)[i]) for i in range(130)]


@pytest.mark.parametrize("name", ["x", "x_starts", "x_bases"])
def test_a_section_that_is_missing_or_cut_is_named(name):
    """No row is read where it is not."""
    sections = {n: memoryview(c) for n, c in ByteRows.encode("x", flat_bytes([b"abc"])).items()}
    for wrong in (
        {**sections, name: sections[name][:-1]},
        {k: sections[k] for k in sections if k != name},
    ):
        with pytest.raises(CorruptIndex, match=f"file: section '{name}'"):
            ByteRows.read("x", wrong, 1, "file")
