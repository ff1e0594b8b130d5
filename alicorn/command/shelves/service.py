"""The shelves of one serving process: the first, those that follow it, and the end.

Nothing that this module imports at its top is heavy, for the page is open before the first shelf
is. `begin` loads the tiers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from alicorn.command.console import say
from alicorn.command.library import Library
from alicorn.command.opening import Running, forget, remember
from alicorn.command.progress import ProgressBar
from alicorn.command.shelves.controls import ShelfControls
from alicorn.command.shelves.dropping import DroppedFiles
from alicorn.command.shelves.offers import Offers, WorldPlan
from alicorn.command.shelves.pictures import PicturesCount, pictures_folder
from alicorn.command.shelves.switchboard import Switchboard
from alicorn.config.cluster import ClusterConfig
from alicorn.config.places import dropped_home
from alicorn.telemetry import Metrics

if TYPE_CHECKING:
    from alicorn.command.shelves.shelf import SharedModels, Shelf

__all__ = ["ShelfService"]

_DRAIN_S: Final = 5.0
_FIRST: Final = "first"


class ShelfService:
    """What `alicorn up` serves.

    Parameters
    ----------
    first : Library
        What it was started with.
    prepare : callable
        Makes what is missing of ``first``.
    cluster : ClusterConfig
    metrics : Metrics
    index : bool
        Understand the photos of ``first``. Those of shelves that somebody opens from the page are
        always understood.
    bar : ProgressBar
        Where understanding is told.
    """

    def __init__(
        self,
        first: Library,
        *,
        prepare: Callable[[], None],
        cluster: ClusterConfig,
        metrics: Metrics,
        index: bool,
        bar: ProgressBar,
    ) -> None:
        self.board: Switchboard[Shelf] = Switchboard()
        """Whom the page and the gRPC port ask."""
        self._first = first
        self._prepare = prepare
        self._cluster = cluster
        self._metrics = metrics
        self._index = index
        self._bar = bar
        self._ready = threading.Event()
        self._models: SharedModels | None = None
        """Since `begin`."""
        self._running: Running | None = None
        self._pictures: PicturesCount | None = None
        self._controls: ShelfControls | None = None
        self._key = _FIRST

    def controls(self, world: WorldPlan | None = None) -> ShelfControls:
        """Return what the page may do with them; call it before `begin`, and once."""
        world = world or WorldPlan()
        self._pictures = PicturesCount(pictures_folder())

        def first() -> Library:
            self._prepare()
            return self._first

        offers = Offers(self._first, start=first, say=say, world=world, pictures=self._pictures)
        self._key = offers.started
        self._controls = ShelfControls(
            self.board,
            offers,
            DroppedFiles(dropped_home()),
            world=world,
            open_shelf=self._open,
            opened=self._opened,
        )
        return self._controls

    def begin(self, running: Running) -> None:
        """Open the first shelf; ``running`` says where it is served.

        Raises
        ------
        AlicornError
            If it cannot be opened.
        """
        self._running = running
        self._remember(self._first)
        # Where the time goes: tiers, rankers, kernels. The page is open by now.
        from alicorn.command.shelves.shelf import SharedModels  # noqa: PLC0415
        from alicorn.command.wording import understanding_of  # noqa: PLC0415

        self._models = SharedModels(understanding_of(self._cluster))
        threading.Thread(target=self._warm, name="warm", daemon=True).start()
        self._prepare()
        shelf = self._open(self._key, self._first)
        self.board.swap(shelf)
        if self._controls is not None:
            self._controls.start(shelf.key)
        if self._pictures is not None:
            self._pictures.start()

    def end(self) -> None:
        """Close what is open, in order.

        Raises
        ------
        OutOfSpace
            If there is no room to seal; the log has everything, and all is closed.
        """
        if self._controls is not None:
            self._controls.close()
        if self._pictures is not None:
            self._pictures.close()
        last = self.board.swap(None)
        if last is None:
            forget(self._first)
            return
        last.drained(_DRAIN_S)
        try:
            last.shelf.close()
        finally:
            forget(last.shelf.library)

    def _open(self, key: str, library: Library) -> Shelf:
        from alicorn.command.shelves.shelf import Shelf  # noqa: PLC0415

        assert self._models is not None  # `begin` comes before any opening
        return Shelf(
            key,
            library,
            serving=self._cluster.serving,
            viewer_secret=self._cluster.viewer_secret,
            metrics=self._metrics,
            ready=self._ready,
            models=self._models,
            index=self._index or key != self._key,
            tell=self._bar.tell,
        )

    def _opened(self, shelf: Shelf) -> None:
        self._remember(shelf.library)
        say(f"{shelf.library.settings.name} is open; library at {shelf.library.path}")

    def _remember(self, library: Library) -> None:
        """Note what is served now, for commands that are typed meanwhile."""
        if self._running is not None:
            path = str(library.path)
            remember(library, msgspec.structs.replace(self._running, library=path))

    def _warm(self) -> None:
        """Compile or load the kernels; until then the page says that the shards are loading."""
        from alicorn.command.warm import warm  # noqa: PLC0415

        try:
            warm(self._models)
        finally:
            self._ready.set()
