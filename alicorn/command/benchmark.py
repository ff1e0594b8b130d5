"""`alicorn bench search`: gives the benchmarks of `loadtest` the real tiers."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path
from typing import Final

from aggregator.top.servicer import SearchServicer
from alicorn.api.search.v1 import search_pb2
from alicorn.client import SearchClient
from alicorn.command.benchmark_report import tell_report
from alicorn.command.console import say
from alicorn.command.index import fill
from alicorn.command.library import Library
from alicorn.command.opening import chosen, sample_here
from alicorn.command.processes import Processes, free_ports
from alicorn.command.tiers import LocalTiers
from alicorn.command.warm import warm
from alicorn.config.cluster import ClusterConfig, IndexPlace
from alicorn.documents.text import tokens
from alicorn.errors import NotFound
from alicorn.rpc.servers import bind, sync_server
from loadtest.latency import Latency, beside_text, latency_rows, measure
from loadtest.photos import bytes_rows, understanding_rows
from loadtest.report import Row, report_of
from understanding.photos.scan import scan
from understanding.queries.stopwords import STOP_WORDS

__all__ = ["run"]

_PHOTOS_MEASURED: Final = 200
_QUERIES: Final = 50
_SEED: Final = 7
_LEAST_SAID: Final = 10


def run(*, photos: Path | None, library: Path | None, queries: int, as_json: bool) -> None:
    """Measure understanding, size and latency; the sample shelf where nothing is named."""
    if photos is None and library is None:
        opened = sample_here(say)
    else:
        opened = chosen(photos=photos, library=library, sample=False)
    fill(opened, workers=0)
    rows: list[Row] = []
    # A synthetic world has photos that nobody took.
    if opened.settings.world is None:
        say("measuring understanding")
        files = sorted(opened.photos / found.uri for found in scan(opened.photos).photos)
        rows += understanding_rows(files[:: max(1, len(files) // _PHOTOS_MEASURED)])
    warm()
    ways: dict[str, Latency] = {}
    with LocalTiers(opened, writable=False) as tiers:
        tiers.catch_up()
        status = tiers.search.get_status(search_pb2.GetStatusRequest())
        words = _words(tiers)
        parts: Counter[str] = Counter()
        for shard in status.shards:
            parts.update(shard.bytes_by_part)
        rows += bytes_rows(parts, status.documents)
        say(f"measuring {queries} searches in one process")
        ways["direct"] = measure(tiers.search.search, words, queries)
        if said := _said(tiers):
            say(f"measuring {queries} searches of texts")
            text = measure(tiers.search.search, said, queries)
            rows += beside_text(measure(tiers.search.search, words, queries), text)
        server = sync_server([SearchServicer(tiers.search)], threads=os.cpu_count() or 2)
        port = bind(server, "127.0.0.1:0")
        server.start()
        with SearchClient(f"127.0.0.1:{port}") as client:
            ways["one-process"] = measure(client.search, words, queries)
        server.stop(grace=None).wait()
    say(f"measuring {queries} searches over processes")
    cluster = _somewhere(opened)
    with Processes(opened, cluster, index=False), SearchClient(cluster.top_address) as client:
        ways["processes"] = measure(client.search, words, queries)
    tell_report(report_of([*rows, *latency_rows(ways)]), as_json=as_json)


def _words(tiers: LocalTiers) -> list[str]:
    """Return queries that the library can answer: concepts of its photos, drawn by chance."""
    shown: Counter[str] = Counter()
    for _, document in tiers.documents():
        shown.update(tag.concept for tag in document.tags[:5])
    if not shown:
        raise NotFound(f"found no photos in {tiers.library.path}, needed some to search")
    common = [concept for concept, _ in shown.most_common(4 * _QUERIES) if "(" not in concept]
    return random.Random(_SEED).sample(common, min(_QUERIES, len(common)))  # noqa: S311


def _said(tiers: LocalTiers) -> list[str]:
    """Return queries for words of captions, as text alone; none where hardly anything is said."""
    said: Counter[str] = Counter()
    for _, document in tiers.documents():
        said.update({word for word in tokens(document.caption) if word not in STOP_WORDS})
    common = [word for word, photos in said.most_common(4 * _QUERIES) if photos >= _LEAST_SAID]
    drawn = random.Random(_SEED).sample(common, min(_QUERIES, len(common)))  # noqa: S311
    return [f"text:{word}" for word in drawn]


def _somewhere(library: Library) -> ClusterConfig:
    """Return every process of ``library`` on free ports of loopback, a server for each shard."""
    shards = library.settings.shards
    web, top, rack, *index = (f"127.0.0.1:{port}" for port in free_ports(3 + shards))
    return ClusterConfig(
        shards=shards,
        web_address=web,
        top_address=top,
        rack_address=rack,
        index=tuple(
            IndexPlace(address=address, shards=(shard,)) for shard, address in enumerate(index)
        ),
    )
