"""`alicorn world`: made by several processes, searched, served, and not indexed."""

from __future__ import annotations

import io
import json
import urllib.request
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from PIL import Image

from alicorn.log import PutDocument, SqliteLog
from loadtest.world.generator import BLOCK, World

if TYPE_CHECKING:
    from conftest import Home

Until = Callable[..., Any]

_PEOPLE, _PHOTOS = 60, BLOCK + 100


def test_a_world_is_made_opened_and_searched(home: Home, until: Until) -> None:
    """Two blocks, so that other processes make them; what they make is what this one would."""
    path = home.path / "world"
    made = home.alicorn(
        "world", path, "--people", str(_PEOPLE), "--photos", str(_PHOTOS), "--seed", "5", "--json"
    )
    assert made.status == 0, made.err
    assert made.document["photos"] == _PHOTOS
    assert made.document["library"] == str(path)
    with closing(SqliteLog(path / "log.sqlite")) as log:
        writes = [entry.write() for entry in log.read(0, 10**6)]
    photos = [write.document for write in writes if isinstance(write, PutDocument)]
    world = World(people=_PEOPLE, photos=_PHOTOS, seed=5)
    assert photos[BLOCK:] == list(world.block(1, first_sequence=photos[0].written).documents())

    refused = home.alicorn("index", "--library", path)
    assert refused.status == 2
    assert "is a synthetic world: it has no folder to index" in refused.said

    with home.up("--library", path) as served:
        assert served.status()["documents"] == _PHOTOS
        code, body = until(lambda: (got := served.get("/api/search?q=dog"))[0] != 503 and got)
        assert code == 200, body
        modules = json.loads(body)["modules"]
        assert [module["name"] for module in modules] == ["social", "public"]
        photo = modules[0]["photos"][0]["id"]
        with urllib.request.urlopen(f"{served.address}/thumb/{photo}", timeout=20) as answer:
            assert Image.open(io.BytesIO(answer.read())).format == "JPEG"
