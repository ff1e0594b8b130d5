"""The tiers of one library in one process: top, rack and shards as plain calls.

The same objects that `processes` starts one by one. Here the rack's one index server holds every
shard, and nobody opens a socket unless asked to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final

from aggregator.top.handler import TopHandler
from aggregator.top.models import TopModels
from aggregator.top.tokens import TokenKey
from aggregator.top.top import Top
from alicorn.api.search.v1 import search_pb2
from alicorn.command.library import Library
from alicorn.command.stopping import StoppableRack
from alicorn.config.serving import ServingConfig
from alicorn.documents import PhotoDocument
from alicorn.log import PutDocument, SqliteGraph, SqliteLog, UpdateLog
from alicorn.telemetry import Metrics
from indexserver.config import ShardConfig
from indexserver.scoring.scorers import FIRST_STAGE_SCORER, Scorers
from indexserver.shard import Shard
from indexserver.tail import LogTail
from ranker.models.shipped import FIRST_STAGE_FILE, FOLDER
from understanding.queries.config import UnderstandingConfig
from understanding.texts.statistics import SHIPPED

__all__ = [
    "LibrarySurroundings",
    "LocalTiers",
    "local_now",
    "open_shards",
    "tell_sequences",
]

_LOG_BATCH: Final = 1_000
_MIB: Final = 1 << 20


def local_now() -> int:
    """Return this machine's local time as naive seconds since 1970-01-01."""
    return int((datetime.now().replace(microsecond=0) - datetime(1970, 1, 1)).total_seconds())


def open_shards(
    library: Library,
    shards: tuple[int, ...],
    *,
    writable: bool,
    models: Path = FOLDER,
    serving: ServingConfig | None = None,
) -> list[Shard]:
    """Open some shards of ``library``; only one process may open a shard ``writable``."""
    serving = serving or ServingConfig()
    budget = serving.shard_memory_mib * _MIB if serving.shard_memory_mib else None
    scorers = Scorers({FIRST_STAGE_SCORER: models / FIRST_STAGE_FILE})
    opened: list[Shard] = []
    with ExitStack() as held:
        for number in shards:
            config = ShardConfig(
                directory=library.shard_path(number),
                shard=number,
                shards=library.settings.shards,
                memory_budget_bytes=budget,
                threads=serving.shard_threads,
                statistics=SHIPPED,
                writable=writable,
            )
            shard = Shard(config, scorers=scorers)
            # Closed also when it fails itself: its folder's lock must not outlive the attempt.
            held.callback(shard.close)
            opened.append(shard.open())
        held.pop_all()
    return opened


def tell_sequences(metrics: Metrics, log: UpdateLog, shards: Sequence[Shard]) -> None:
    """Let ``metrics`` tell how far the log is, and what of it each shard has made searchable."""

    def reached(shard: Shard) -> Callable[[], int]:
        return lambda: shard.sequence

    metrics.log_part("log", log.latest)
    for shard in shards:
        metrics.log_part(f"shard-{shard.config.shard}", reached(shard))


class LibrarySurroundings:
    """What the top needs of a library (`aggregator.top.top.Surroundings`)."""

    def __init__(self, library: Library, graph: SqliteGraph) -> None:
        self._library = library
        self._graph = graph

    @property
    def name(self) -> str:
        """Name of the library, for people."""
        return self._library.settings.name

    @property
    def sample(self) -> bool:
        """Whether the viewer may be switched."""
        return self._library.settings.sample

    @property
    def default_viewer(self) -> int:
        """Who is served when a request names nobody."""
        return self._library.settings.default_viewer

    def picture(self, photo_id: int) -> bytes:
        """Return the small picture of a photo; in a synthetic world it is drawn."""
        if self._library.settings.world is None:
            return self._library.read_thumbnail(photo_id)
        # Only a world has use for what draws.
        from loadtest.world import tiles  # noqa: PLC0415

        return tiles.draw(self._graph.document(photo_id))

    def understanding(self) -> search_pb2.Understanding:
        """Return how far the photos have been understood."""
        progress = self._library.read_progress()
        return search_pb2.Understanding(
            found=progress.found,
            done=progress.done,
            failed=progress.failed,
            per_second=progress.per_second,
            running=progress.running,
            message=progress.message,
        )


class LocalTiers:
    """A library, open in this process.

    Parameters
    ----------
    library : Library
    serving : ServingConfig
    writable : bool
        Keep what is read from the log in segments. Only one process may; others replay it in
        memory.
    viewer_secret : str
        Empty serves this machine without tokens.
    models : Path
        Folder of the rankers' files.
    metrics : Metrics or None
        Where searches are counted, and how far the log and each shard are is told.
    understanding : UnderstandingConfig or None
        What may be used to understand queries; None is everything.
    shared : callable or None
        Gives models that are loaded already, for a process that opens several libraries.
    """

    def __init__(
        self,
        library: Library,
        *,
        serving: ServingConfig | None = None,
        writable: bool,
        viewer_secret: str = "",
        models: Path = FOLDER,
        metrics: Metrics | None = None,
        understanding: UnderstandingConfig | None = None,
        shared: Callable[[], TopModels] | None = None,
    ) -> None:
        serving = serving or ServingConfig()
        self.library = library
        with ExitStack() as held:
            # What was opened before something fails is given back: another may want it.
            self.log = held.enter_context(closing(SqliteLog(library.log_path)))
            self.graph = held.enter_context(closing(SqliteGraph(library.log_path)))
            self.shards = open_shards(
                library,
                tuple(range(library.settings.shards)),
                writable=writable,
                models=models,
                serving=serving,
            )
            for shard in self.shards:
                held.callback(shard.close)
            self.tail = LogTail(self.shards, self.log)
            loaded = TopModels.load(models, understanding) if shared is None else shared()
            self._build(serving, viewer_secret, loaded, metrics)
            self._held = held.pop_all()

    def _build(
        self,
        serving: ServingConfig,
        viewer_secret: str,
        models: TopModels,
        metrics: Metrics | None,
    ) -> None:
        """Put the rack above the shards and the top above the rack."""
        self.top = Top(
            graph=self.graph,
            models=models,
            serving=serving,
            surroundings=LibrarySurroundings(self.library, self.graph),
            now_local=local_now,
            key=TokenKey(viewer_secret) if viewer_secret else None,
        )
        self.rack = StoppableRack(self.shards, shard_timeout_s=serving.shard_timeout_s)
        self.search = TopHandler(
            self.top, self.rack, allowed_s=serving.search_timeout_s, metrics=metrics
        )
        if metrics is not None:
            tell_sequences(metrics, self.log, self.shards)

    @property
    def stopped(self) -> frozenset[int]:
        """Numbers of the shards that are stopped (`StoppableRack`)."""
        return self.rack.stopped

    def stop_shard(self, number: int) -> None:
        """Let a shard answer nothing, as if its process were dead; NotFound if there is none."""
        self.rack.stop_shard(number)

    def start_shard(self, number: int) -> None:
        """Let a shard answer again; NotFound if there is none."""
        self.rack.start_shard(number)

    def catch_up(self, timeout_s: float = 60.0) -> None:
        """Apply everything that the log has, and wait for it."""
        deadline = time.monotonic() + timeout_s
        self.tail.catch_up()
        while self.tail.sequence < self.log.latest() and time.monotonic() < deadline:
            self.tail.catch_up()

    def documents(self) -> Iterator[tuple[int, PhotoDocument]]:
        """Yield id and document of every photo that the log was given, in its order."""
        after = 0
        while entries := self.log.read(after, _LOG_BATCH):
            for entry in entries:
                write = entry.write()
                if isinstance(write, PutDocument):
                    yield entry.id, write.document
            after = entries[-1].sequence

    def close(self) -> None:
        """Seal what is in memory and give everything back."""
        with self._held:
            self.tail.stop()

    def __enter__(self) -> LocalTiers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
