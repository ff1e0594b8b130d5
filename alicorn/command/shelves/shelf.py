"""One open shelf: tiers, log tail and understanding, started and closed as a unit.

Kernels and models are loaded once a process. Until the kernels are, a shelf answers that it is
loading, while its photos are understood already.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from aggregator.top.handler import TopHandler
from aggregator.top.models import TopModels
from alicorn.command.background import BackgroundIndexing
from alicorn.command.library import Library, Progress
from alicorn.command.tiers import LocalTiers
from alicorn.config.serving import ServingConfig
from alicorn.errors import ShardLoading
from alicorn.telemetry import Metrics
from understanding.queries.config import UnderstandingConfig

__all__ = ["SharedModels", "Shelf"]


class SharedModels:
    """The models of the top, loaded when they are first asked for. Safe for threads.

    Parameters
    ----------
    understanding : UnderstandingConfig, optional
        What may be used to understand queries; everything, if None.
    """

    def __init__(self, understanding: UnderstandingConfig | None = None) -> None:
        self._understanding = understanding
        self._loading = threading.Lock()
        self._models: TopModels | None = None

    def __call__(self) -> TopModels:
        """Return them; whoever asks meanwhile waits instead of loading them again."""
        with self._loading:
            if self._models is None:
                self._models = TopModels.load(understanding=self._understanding)
            return self._models


class Shelf:
    """A library that is served and filled; opened when it is made.

    Parameters
    ----------
    key : str
        Its name among the offers.
    library : Library
    serving : ServingConfig
    viewer_secret : str
        Empty serves this machine without tokens.
    metrics : Metrics
    ready : Event
        Set once kernels are loaded.
    models : SharedModels
    index : bool
        Understand the photos of its folder. A world has no folder, so it has nothing to do.
    tell : callable
        Called with every step of understanding.

    Raises
    ------
    ConfigError
        If another process serves the library.
    CorruptData, NotFound, TryElsewhere
        If it cannot be read; nothing is left open then.
    """

    def __init__(
        self,
        key: str,
        library: Library,
        *,
        serving: ServingConfig,
        viewer_secret: str,
        metrics: Metrics,
        ready: threading.Event,
        models: SharedModels,
        index: bool,
        tell: Callable[[Progress], None],
    ) -> None:
        self.key = key
        self.library = library
        self._ready = ready
        self.tiers = LocalTiers(
            library,
            serving=serving,
            writable=True,
            viewer_secret=viewer_secret,
            metrics=metrics,
            shared=models,
        )
        self._indexing: BackgroundIndexing | None = None
        try:
            self.tiers.tail.start()
            if index and library.settings.world is None:
                self._indexing = BackgroundIndexing(
                    library, self.tiers.log, tell=tell, metrics=metrics
                )
                self._indexing.start()
        except BaseException:
            self.tiers.close()
            raise

    @property
    def search(self) -> TopHandler:
        """What answers its requests."""
        return self.tiers.search

    def check_ready(self) -> None:
        """Raise ShardLoading while a search would wait for kernels, instead of letting it wait."""
        if not self._ready.is_set():
            raise ShardLoading("kernels are being prepared; try again in a few seconds")

    def index_again(self) -> None:
        """Look for new photos once more, for some were put there."""
        if self._indexing is not None:
            self._indexing.again()

    def close(self) -> None:
        """End understanding after the batch in work, then the tail, then the tiers.

        Raises
        ------
        OutOfSpace
            If there is no room to seal; the log has everything, and all is closed.
        """
        if self._indexing is not None:
            self._indexing.stop()
        self.tiers.close()
