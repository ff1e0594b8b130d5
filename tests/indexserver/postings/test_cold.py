"""Cold lists stay on the disk: what was read of them does not stay in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alicorn.documents.model import CODE_BYTES
from indexserver.postings.builder import assemble
from indexserver.postings.columns import CODES, COLUMNS
from indexserver.postings.forms import COUNT, FORM, PACKED
from indexserver.postings.segment import Segment
from indexserver.postings.thawed import ThawedLists

DOCUMENTS, LISTS, HITS = 40_000, 24, 15_000


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    """Write a segment whose lists are all cold, about half a megabyte."""
    rng = np.random.default_rng(4)
    columns = {name: np.zeros(DOCUMENTS, dtype=kind) for name, kind in COLUMNS.items()}
    columns |= {name: np.zeros((DOCUMENTS, CODE_BYTES), dtype=np.uint8) for name in CODES}
    columns["ids"] = np.arange(DOCUMENTS, dtype=np.uint64)
    ids = [np.sort(rng.choice(DOCUMENTS, HITS, replace=False)) for _ in range(LISTS)]
    data = assemble(
        [b"text:%02d" % number for number in range(LISTS)],
        posting_offsets=np.arange(LISTS + 1, dtype=np.uint64) * HITS,
        postings=np.concatenate(ids).astype(np.uint32),
        hitdata=rng.integers(0, 256, LISTS * HITS).astype(np.uint8),
        columns=columns,
        documents=[],
        packed=np.ones(LISTS, dtype=np.bool_),
    )
    written = tmp_path_factory.mktemp("cold") / "cold-segment.alc"
    written.write_bytes(data)
    return written


def resident(path: Path) -> int:
    """Return the bytes of the mapped file that are in this process's memory."""
    found, total = False, 0
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if line.startswith("Rss:") and found:
            total += 1024 * int(line.split()[1])
        elif "-" in line.split(" ", 1)[0]:
            found = line.endswith(str(path))
    return total


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="needs Linux's smaps")
def test_pages_of_cold_lists_are_given_back(path):
    """PS-01: after the file was verified, and after every list that was thawed."""
    segment = Segment.open(path, thawed=ThawedLists(0))
    warm = path.stat().st_size - segment.cold_bytes
    assert segment.cold_bytes > 400_000
    assert resident(path) < warm + 40_000
    for number in range(LISTS):
        row = segment.lists.row(number)
        assert row[FORM] == PACKED
        thawed, _owner = segment.lists.thaw(row)
        assert thawed[FORM] != PACKED
        assert thawed[COUNT] == HITS

    assert resident(path) < warm + 40_000
    assert segment.lists.bytes_read == segment.cold_bytes - 64


def test_thawed_lists_of_several_segments_share_one_budget(path):
    """Two segments mapped one after the other may even lie at the same address."""
    thawed = ThawedLists(6 * HITS)
    first = Segment.open(path, thawed=thawed)
    first.lists.thaw(first.lists.row(0))
    held = thawed.held_bytes
    second = Segment.open(path, thawed=thawed)
    row, _owner = second.lists.thaw(second.lists.row(1))

    assert 0 < held <= 6 * HITS
    assert 0 < thawed.held_bytes <= 6 * HITS
    assert first.lists.bytes_read > 0
    assert second.lists.bytes_read > 0
    assert second.lists.decode_row(row).ids.tolist() == second.list_at(1).ids.tolist()
