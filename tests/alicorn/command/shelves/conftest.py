"""A serving process in the test's own: real shelves, a real world, nothing pretended."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from alicorn.api.search.v1 import search_pb2
from alicorn.command.library import Library, LibrarySettings, create_library
from alicorn.command.opening import Running
from alicorn.command.progress import ProgressBar
from alicorn.command.shelves.controls import ShelfControls
from alicorn.command.shelves.offers import WorldPlan
from alicorn.command.shelves.service import ShelfService
from alicorn.config.cluster import ClusterConfig
from alicorn.config.serving import ServingConfig
from alicorn.documents import Audience, AudienceKind, PhotoDocument, Tag
from alicorn.errors import UnknownViewer
from alicorn.log import PutDocument, PutFriendship, PutPerson, SqliteLog
from alicorn.telemetry import Metrics
from webtier.controls import ShelfOffer, ShelfState

ANA, BEN, CHLOE = 1, 2, 3
PLAN = WorldPlan(people=40, photos=400, seed=3)
# Kernels may compile while the first search runs.
PATIENT = ServingConfig(shard_timeout_s=120.0, search_timeout_s=120.0)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("DATA", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    return home


@pytest.fixture
def friends(home: Path, tmp_path: Path) -> Library:
    """Make a library where the viewer may be switched: Ana, her friend Ben, and Chloe.

    Each has a public cat and a cat for friends; the uri says whose it is and for whom.
    """
    settings = LibrarySettings(name="Friends", photos=str(tmp_path), shards=2, sample=True)
    library = create_library(tmp_path / "library", settings)
    log = SqliteLog(library.log_path)
    log.append([PutPerson(ANA, "Ana"), PutPerson(BEN, "Ben"), PutPerson(CHLOE, "Chloe")])
    log.append([PutFriendship(ANA, BEN)])
    for author in (ANA, BEN, CHLOE):
        for kind in (AudienceKind.PUBLIC, AudienceKind.FRIENDS):
            (photo,) = log.append([PutDocument(_cat(author, kind))])
            library.write_thumbnail(photo.id, b"jpeg")
    log.close()
    return library


def _cat(author: int, kind: AudienceKind) -> PhotoDocument:
    return PhotoDocument(
        author=author,
        sort_key=10 * author + int(kind),
        audience=Audience(kind),
        content_hash=bytes([author, int(kind)]) * 16,
        tags=(Tag("cat", 0.9),),
        uri=f"{author}-{kind.name.lower()}.jpg",
    )


@dataclass(frozen=True, slots=True)
class Serving:
    """A serving process, as a page and its person see it."""

    service: ShelfService
    controls: ShelfControls

    def offer(self, key: str) -> ShelfOffer | None:
        """Return the offer of ``key``, if it is made."""
        return next((offer for offer in self.controls.shelves() if offer.key == key), None)

    def wait_for(self, key: str, state: ShelfState = ShelfState.OPEN) -> ShelfOffer:
        """Wait until a shelf has a state; return its offer."""
        return self.until(lambda: (got := self.offer(key)) and got.state is state and got)

    def open(self, key: str) -> None:
        """Open a shelf and wait for it."""
        self.controls.open_shelf(key)
        self.wait_for(key)

    def search(self, query: str = "cat", viewer: int = 0) -> search_pb2.SearchResponse:
        """Answer a query, or an expression, with all that there is."""
        return self.service.board.search(
            search_pb2.SearchRequest(
                query=query,
                viewer=search_pb2.Viewer(id=viewer),
                is_expression=query.startswith("("),
                limit=500,
                without_cutoff=True,
                without_folding=True,
            )
        )

    def uris(self, query: str = "cat", viewer: int = 0) -> set[str]:
        """Return the photos of an answer; none while the shelf's people are not introduced."""
        try:
            modules = self.search(query, viewer).modules
        except UnknownViewer:
            return set()
        return {photo.uri for module in modules for photo in module.photos}

    @staticmethod
    def until(condition: Callable[[], Any], timeout_s: float = 60) -> Any:
        """Return the first true value of ``condition``."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.01)
        pytest.fail(f"waited {timeout_s:.0f} s in vain")


@pytest.fixture
def begin(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Serving]]:
    """Serve a library, as `alicorn up` does; returns once it is open."""
    # Kernels are loaded by the first search of the test run; nobody waits for an address here.
    monkeypatch.setattr("alicorn.command.warm.warm", lambda _models: None)
    begun: list[ShelfService] = []

    def served(library: Library, *, index: bool = False) -> Serving:
        service = ShelfService(
            library,
            prepare=lambda: None,
            cluster=ClusterConfig(serving=PATIENT),
            metrics=Metrics(),
            index=index,
            bar=ProgressBar(),
        )
        begun.append(service)
        controls = service.controls(PLAN)
        service.begin(Running(os.getpid(), "", "127.0.0.1:1", "http://127.0.0.1:2"))
        assert service._ready.wait(120)
        with service.board.lent() as shelf:
            shelf.tiers.catch_up()
        return Serving(service, controls)

    yield served
    for service in begun:
        service.end()


@pytest.fixture
def serving(begin: Callable[..., Serving], friends: Library) -> Serving:
    """Serve the library of friends."""
    return begin(friends)
