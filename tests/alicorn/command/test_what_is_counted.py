"""One process counts everything that happens in it: photos, the log, searches, calls."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from aggregator.top.servicer import SearchServicer
from alicorn.api.search.v1 import search_pb2
from alicorn.client import SearchClient
from alicorn.command.indexing import bring_up_to_date
from alicorn.command.library import LibrarySettings, create_library
from alicorn.command.tiers import LocalTiers
from alicorn.config.serving import ServingConfig
from alicorn.rpc.servers import bind, sync_server
from alicorn.telemetry import Metrics
from webtier.app import create_app
from webtier.config import WebConfig

# Kernels compile while the first search runs.
PATIENT = ServingConfig(shard_timeout_s=120.0, search_timeout_s=120.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder of two pictures and a broken one."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, colour in enumerate(("navy", "olive")):
        Image.new("RGB", (64, 48), colour).save(photos / f"{number}.png")
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    return photos


def test_one_page_tells_of_photos_the_log_searches_and_calls(tmp_path: Path, folder: Path) -> None:
    """What a dashboard shows of `alicorn up` comes from a single scrape."""
    library = create_library(
        tmp_path / "library", LibrarySettings(name="two", photos=str(folder), shards=2)
    )
    metrics = Metrics()
    with LocalTiers(library, serving=PATIENT, writable=True, metrics=metrics) as tiers:
        bring_up_to_date(library, tiers.log, workers=1, tell=lambda _: None, metrics=metrics)
        tiers.catch_up()
        latest = tiers.log.latest()
        server = sync_server([SearchServicer(tiers.search)], threads=2, observe=metrics.rpc)
        port = bind(server, "127.0.0.1:0")
        server.start()
        with SearchClient(f"127.0.0.1:{port}", timeout_s=120.0) as client:
            client.search(search_pb2.SearchRequest(query="(all)", is_expression=True))
        server.stop(grace=None).wait()
        app = create_app(tiers.search, WebConfig(), metrics)
        lines = TestClient(app, base_url="http://localhost").get("/metrics").text.splitlines()

    assert latest >= 2
    assert {
        'alicorn_photos_total{outcome="understood"} 2.0',
        'alicorn_photos_total{outcome="failed"} 1.0',
        f'alicorn_log_sequence{{part="log"}} {latest}.0',
        f'alicorn_log_sequence{{part="shard-0"}} {latest}.0',
        f'alicorn_log_sequence{{part="shard-1"}} {latest}.0',
        'alicorn_searches_total{outcome="complete"} 1.0',
        'alicorn_search_seconds_count{step="total"} 1.0',
        'alicorn_rpc_total{code="OK",method="/alicorn.api.search.v1.SearchService/Search"} 1.0',
    } <= set(lines)
