"""`alicorn bench flash` at toy size: a quarter of the index in memory, the same answers (PS-01)."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

from loadtest import flash
from loadtest.page_cache import bytes_from_disk, make_cold
from loadtest.workbench import Workbench


def test_a_quarter_in_memory_gives_the_same_answers(bench: Workbench) -> None:
    """Every query of every class is compared, warm and cold, and bytes are counted."""
    rows = {row.id: row for row in flash.run(bench).rows}

    assert list(rows) == [
        "flash/A/memory",
        *(f"flash/A/p{p}-{state}" for state in ("warm", "cold", "dropped") for p in (50, 99)),
        *(f"flash/A/bytes-{name}" for name in ("decoded", "read-cold", "read-dropped")),
    ]
    assert rows["flash/A/memory"].met is True
    assert rows["flash/A/p99-cold"].theirs is not None


def test_a_mapped_file_can_be_made_cold(tmp_path: Path) -> None:
    """Its bytes are still there, and come from the disk where there is one."""
    path = tmp_path / "file"
    content = os.urandom(1 << 20)
    path.write_bytes(content)
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    assert mapped[:] == content
    before = bytes_from_disk()
    make_cold(path)

    assert mapped[:] == content
    assert bytes_from_disk() >= before


def test_a_part_of_a_file_can_be_made_cold(tmp_path: Path) -> None:
    """Whole pages within it; the others stay, and a part of less than a page is nothing."""
    path = tmp_path / "file"
    content = os.urandom(64 * mmap.PAGESIZE)
    path.write_bytes(content)
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    for part in (slice(5_000, 100_000), slice(10, 20), slice(0, len(content))):
        make_cold(path, part)
        assert mapped[:] == content
