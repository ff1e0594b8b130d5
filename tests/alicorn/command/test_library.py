"""What lies in a library is for its owner."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from alicorn.command.library import LibrarySettings, create_library


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_other_accounts_of_the_machine_may_not_look_into_a_library(
    tmp_path: Path, umask: int
) -> None:
    """Its thumbnails show photos that the page would show to nobody else."""
    before = os.umask(umask)
    try:
        library = create_library(
            tmp_path / "deep" / "library", LibrarySettings(name="mine", photos="/none", shards=1)
        )
    finally:
        os.umask(before)

    assert stat.S_IMODE(library.path.stat().st_mode) == 0o700


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    """A mounted volume belongs to whoever mounted it."""
    there = tmp_path / "library"
    there.mkdir(mode=0o750)
    there.chmod(0o750)
    create_library(there, LibrarySettings(name="mine", photos="/none", shards=1))

    assert stat.S_IMODE(there.stat().st_mode) == 0o750
