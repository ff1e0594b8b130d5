"""From one shelf to the next: opened behind the page, swapped in, and the old one closed.

One thread opens and closes, one shelf after the other, so a library is never opened while an
earlier opening of it is being closed. A world that has to be made first is made in a process of its
own, and gets its turn when it is done, unless something else was asked for meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from alicorn.command.library import Library
from alicorn.command.shelves.building import WorldBuilding
from alicorn.command.shelves.offers import WORLD, Offer, Offers, WorldPlan
from alicorn.command.shelves.switchboard import Switchboard
from alicorn.errors import AlicornError, NotFound
from webtier.controls import ShelfState

if TYPE_CHECKING:
    # Tiers are loaded behind the page.
    from alicorn.command.shelves.shelf import Shelf

__all__ = ["Mover", "Standing"]

_DRAIN_S: Final = 30.0
"""Requests have two seconds by default; one that hangs must not keep a shelf open for ever."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a shelf is from being searched."""

    state: ShelfState
    percent: int = 0
    message: str = ""


class Mover:
    """Opens the shelf that was asked for last. Safe for threads.

    Parameters
    ----------
    board : Switchboard
        Whose shelf is swapped.
    offers : Offers
    open_shelf : callable
        Opens the library of a key.
    opened : callable
        Told of each shelf that has been swapped in.
    world : WorldPlan
    """

    def __init__(
        self,
        board: Switchboard[Shelf],
        offers: Offers,
        *,
        open_shelf: Callable[[str, Library], Shelf],
        opened: Callable[[Shelf], None],
        world: WorldPlan,
    ) -> None:
        self._board = board
        self._offers = offers
        self._open_shelf = open_shelf
        self._opened = opened
        self._world = world
        self._changed = threading.Condition()
        self._open: str | None = None
        self._wanted = offers.started
        """What was asked for last."""
        self._next: str | None = None
        """What the thread turns to when it is free."""
        self._moving: str | None = offers.started
        self._failures: dict[str, str] = {}
        self._building: WorldBuilding | None = None
        self._ending = False
        self._thread = threading.Thread(target=self._follow, name="shelves", daemon=True)

    def start(self, key: str) -> None:
        """Begin, now that the shelf ``key`` is open."""
        with self._changed:
            self._open, self._moving = key, None
        self._thread.start()

    def close(self) -> None:
        """Open nothing any more; what is open stays so."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
            building = self._building
        if building is not None:
            building.stop()
        if self._thread.is_alive():
            self._thread.join()

    def ask(self, key: str) -> None:
        """Open the shelf ``key``, or begin to make it; returns at once.

        Raises
        ------
        NotFound
            If there is no such shelf.
        """
        offer = self._offers.find(key)
        if offer is None:
            keys = ", ".join(each.key for each in self._offers.all())
            raise NotFound(f"found no shelf {key[:40]!r}, needed one of {keys}")
        with self._changed:
            self._wanted = key
            self._failures.pop(key, None)
            if key == WORLD and not offer.is_there:
                self._build()
                return
            self._next = key
            self._changed.notify_all()

    def standing(self, offer: Offer) -> Standing:
        """Return how far the shelf of ``offer`` is."""
        key = offer.key
        with self._changed:
            if key == self._open:
                return Standing(ShelfState.OPEN)
            if key == WORLD and self._building is not None:
                message = self._building.progress.message or "making it"
                return Standing(ShelfState.PREPARING, self._building.percent, message)
            if key in {self._moving, self._next}:
                return Standing(ShelfState.PREPARING, 0, "opening")
            if key in self._failures:
                return Standing(ShelfState.FAILED, 0, self._failures[key])
        return Standing(ShelfState.READY if offer.is_there else ShelfState.ABSENT)

    def _build(self) -> None:
        """Begin to make the world, unless that is being done; the lock is held."""
        if self._building is not None or self._ending:
            return
        try:
            self._building = WorldBuilding(
                self._world.path,
                people=self._world.people,
                photos=self._world.photos,
                seed=self._world.seed,
                done=self._built,
            )
        except OSError as error:
            self._failures[WORLD] = f"cannot begin to make it: {error.strerror}"

    def _built(self, error: AlicornError | None) -> None:
        with self._changed:
            self._building = None
            if error is not None:
                _log.warning("the world could not be made", reason=str(error))
                self._failures[WORLD] = str(error)
            elif self._wanted == WORLD:
                self._next = WORLD
                self._changed.notify_all()

    def _follow(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ending or self._next is not None)
                key, self._next = self._next, None
                if self._ending or key is None:
                    return
                if key == self._open:
                    continue
                self._moving = key
            self._move(key)

    def _move(self, key: str) -> None:
        """Open a shelf and close the one before; what fails leaves the one before open."""
        try:
            offer = self._offers.find(key)
            if offer is None:
                raise NotFound("it is no longer there")
            shelf = self._open_shelf(key, offer.library())
        except Exception as error:  # whatever it is, the thread must go on and the page must say so
            _log.warning("a shelf could not be opened", shelf=key, reason=repr(error))
            told = isinstance(error, AlicornError | OSError)
            with self._changed:
                self._moving = None
                self._failures[key] = str(error) if told else "something went wrong; try again"
            return
        with self._changed:
            # Together: who asks which shelf is open must not hear of the one before.
            before = self._board.swap(shelf)
            self._open, self._moving = key, None
        try:
            self._opened(shelf)
        except Exception as error:  # the shelf answers all the same
            _log.warning("an open shelf was not made known", shelf=key, reason=repr(error))
        if before is None:
            return
        if not before.drained(_DRAIN_S):
            _log.warning("a shelf is closed while it still has requests", shelf=before.shelf.key)
        try:
            before.shelf.close()
        except (AlicornError, OSError) as error:
            _log.warning("a shelf was not closed in order", reason=str(error))
