"""An older log that was put back, beside what was made from the newer one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from alicorn.command.indexing import bring_up_to_date
from alicorn.command.library import LibrarySettings, create_library
from alicorn.command.tiers import LocalTiers
from alicorn.errors import CorruptData
from alicorn.log import SqliteLog


def test_nothing_is_written_to_a_log_that_is_behind_its_shards(tmp_path: Path) -> None:
    """PS-37: ids would be given out again that mean other photos in the shards.

    Once the log has grown past the shards nobody could tell any more.
    """
    photos = tmp_path / "photos"
    photos.mkdir()
    Image.new("RGB", (64, 48), "navy").save(photos / "a.png")
    settings = LibrarySettings(name="one", photos=str(photos), shards=1)
    library = create_library(tmp_path / "library", settings)
    SqliteLog(library.log_path).close()
    shutil.copy(library.log_path, tmp_path / "older.sqlite")
    with LocalTiers(library, writable=True) as tiers:
        bring_up_to_date(library, tiers.log, workers=1, tell=lambda _: None)
        tiers.catch_up()
        sequence = tiers.log.latest()
    shutil.copy(tmp_path / "older.sqlite", library.log_path)
    log = SqliteLog(library.log_path)

    try:
        with pytest.raises(CorruptData, match=f"shard 0 holds the log up to {sequence}"):
            bring_up_to_date(library, log, workers=1, tell=lambda _: None)
        assert log.latest() == 0
    finally:
        log.close()
