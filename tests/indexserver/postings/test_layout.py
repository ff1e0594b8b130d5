"""The outer form of a segment: named sections and their checksums; more in `test_damage`."""

from __future__ import annotations

import pytest
import xxhash

from alicorn.errors import CorruptIndex
from indexserver.postings.builder import build
from indexserver.postings.layout import pack_sections, unpack_sections
from indexserver.postings.segment import Segment


def offsets_of(data: bytes) -> dict[str, int]:
    """Read the table by hand: 24 bytes of head, then name[24], offset, length, hash."""
    count = int.from_bytes(data[12:16], "little")
    table = {}
    for i in range(count):
        entry = data[24 + 48 * i : 24 + 48 * (i + 1)]
        table[entry[:24].rstrip(b"\0").decode()] = int.from_bytes(entry[24:32], "little")
    return table


@pytest.fixture(scope="module")
def segment(worlds) -> bytes:
    return build(worlds.documents(3, 25))


def test_sections_come_back_as_they_were_packed():
    """Any length, none and one that fills its padding exactly among them."""
    sections = {"none": b"", "three": b"abc", "whole": bytes(range(64)), "more": b"x" * 70}

    found = unpack_sections(memoryview(pack_sections(sections)), "x")

    assert sections == {name: bytes(content) for name, content in found.items()}


def test_the_documented_example_has_the_documented_size():
    """Sections of 3 and 70 bytes: the docstring's worked example is true."""
    data = pack_sections({"a": b"abc", "b": b"x" * 70})

    assert len(data) == 320
    assert offsets_of(data) == {"a": 128, "b": 192}


def test_a_flipped_byte_anywhere_in_a_small_file_is_refused():
    """Padding and head are covered too: there is no byte that may change unseen."""
    data = pack_sections({"a": b"abc", "b": b"x" * 70})
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 0x40

        with pytest.raises(CorruptIndex, match="small"):
            unpack_sections(memoryview(bytes(damaged)), "small")


def test_a_file_with_something_appended_is_refused(segment):
    """Two files glued together are not the first one."""
    with pytest.raises(CorruptIndex, match="needed"):
        Segment.read(segment + b"\0" * 64, "x")


def test_another_format_version_is_refused_by_number():
    """A newer program's file is not read wrongly."""
    data = pack_sections({"a": b""})
    newer = bytearray(data)
    newer[8] = 9
    head = len(data) - 8
    newer[head : head + 8] = xxhash.xxh64_intdigest(bytes(newer[:head])).to_bytes(8, "little")

    with pytest.raises(CorruptIndex, match="found format version 9, needed 0"):
        unpack_sections(memoryview(bytes(newer)), "x")


def test_a_segment_without_one_of_its_sections_is_refused(segment):
    """A table that was written whole, by a program that forgot something."""
    sections = {n: bytes(c) for n, c in unpack_sections(memoryview(segment), "x").items()}
    for name in sections:
        rest = {other: content for other, content in sections.items() if other != name}
        with pytest.raises(CorruptIndex, match=f"'{name}'"):
            Segment.read(pack_sections(rest), "x")
