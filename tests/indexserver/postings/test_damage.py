"""A segment file with a byte that is not the one that was written is refused, and nothing served.

Every section of the golden file, which has one of each: bytes flipped in it, in its padding and in
the table, and the file cut before, at and behind every border.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from alicorn.errors import CorruptIndex
from indexserver.postings.layout import pack_sections, unpack_sections
from indexserver.postings.segment import Segment

GOLDEN = Path(__file__).parents[2] / "golden" / "segment" / "v0.alc"
DATA = GOLDEN.read_bytes()
HEAD, ENTRY = 24, 48


def table() -> dict[str, tuple[int, int]]:
    """Return first and last byte, exclusive, of each section; read by hand."""
    found = {}
    for i in range(int.from_bytes(DATA[12:16], "little")):
        entry = DATA[HEAD + ENTRY * i : HEAD + ENTRY * (i + 1)]
        start, size = (int.from_bytes(entry[at : at + 8], "little") for at in (24, 32))
        found[entry[:24].rstrip(b"\0").decode()] = (start, start + size)
    return found


SECTIONS = table()
FIRST = min(start for start, _ in SECTIONS.values())


def owner(position: int) -> str:
    """Return what the byte at ``position`` belongs to, padding counted with its section."""
    if position < FIRST:
        return "head"
    return next(
        name for name, (start, end) in SECTIONS.items() if start <= position < end + -end % 64
    )


@pytest.mark.parametrize("name", SECTIONS)
def test_a_byte_flipped_in_a_section_is_refused_by_its_name(name, tmp_path):
    """First, middle and last byte, and the padding, which kernels may read too."""
    start, end = SECTIONS[name]
    path = tmp_path / "segment-000001.alc"
    positions = {start, (start + end) // 2, end - 1, *range(end, end + -end % 64)}
    for position in positions:
        damaged = bytearray(DATA)
        damaged[position] ^= 0x10
        path.write_bytes(damaged)

        with pytest.raises(CorruptIndex, match=rf"segment-000001\.alc: section '{name}'"):
            Segment.open(path)


def test_a_byte_flipped_in_head_and_table_is_refused():
    """Whatever it says: magic, version, counts, places, checksums, zeros."""
    for position in range(FIRST):
        damaged = bytearray(DATA)
        damaged[position] ^= 0x10

        with pytest.raises(CorruptIndex, match="x: section 'head'"):
            Segment.read(bytes(damaged), "x")


def test_a_file_cut_at_every_border_is_refused_by_name(tmp_path):
    """A copy that broke off: before, at and behind each place where something begins or ends."""
    borders = {HEAD, FIRST, *(border for section in SECTIONS.values() for border in section)}
    path = tmp_path / "segment-000001.alc"
    lengths = {border + step for border in borders for step in (-1, 0, 1)} - {len(DATA)}
    for length in sorted(length for length in lengths if length < len(DATA)):
        path.write_bytes(DATA[:length])

        with pytest.raises(CorruptIndex, match=f"section '{owner(length)}' is cut off"):
            Segment.open(path)


@pytest.mark.parametrize("step", [-1, 1])
def test_a_file_of_another_length_is_refused(step):
    """One byte more than was written is not what was written either."""
    data = DATA[:-1] if step < 0 else DATA + b"\0"

    with pytest.raises(CorruptIndex, match="x: "):
        Segment.read(data, "x")


@pytest.mark.parametrize("name", [name for name in SECTIONS if name != "header"])
@pytest.mark.parametrize("change", [-8, -1, 1, 8])
def test_a_section_that_does_not_fit_the_others_is_refused_by_name(name, change):
    """A whole table with right checksums, by a program that was wrong."""
    sections = {n: bytes(c) for n, c in unpack_sections(memoryview(DATA), "x").items()}
    content = sections[name]
    wrong = content[:change] if change < 0 else content + bytes(change)

    with pytest.raises(CorruptIndex, match=f"x: section '{name}'"):
        Segment.read(pack_sections({**sections, name: wrong}), "x")


@pytest.mark.parametrize(
    "header", [b"{", b"[]", b"{}", b'{"documents": "many"}', b'{"documents": -1, "terms": 0}']
)
def test_a_header_that_says_nothing_is_refused(header):
    """Counts come from it before anything else is read."""
    sections = {n: bytes(c) for n, c in unpack_sections(memoryview(DATA), "x").items()}

    with pytest.raises(CorruptIndex, match="x: section 'header'"):
        Segment.read(pack_sections({**sections, "header": header}), "x")
