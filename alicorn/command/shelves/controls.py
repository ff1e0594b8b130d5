"""What the page may do beside asking (`webtier.controls.Controls`), on the shelf that is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from alicorn.command.library import Library
from alicorn.command.shelves.mover import Mover
from alicorn.command.shelves.offers import DROPPED, Offers, WorldPlan
from alicorn.errors import Forbidden, ShardLoading
from webtier.controls import Friend, ShardSwitch, ShelfOffer

if TYPE_CHECKING:
    from alicorn.command.shelves.dropping import DroppedFiles
    from alicorn.command.shelves.shelf import Shelf
    from alicorn.command.shelves.switchboard import Switchboard
    from alicorn.log import Write

__all__ = ["ShelfControls"]


class ShelfControls:
    """`webtier.controls.Controls` over a switchboard. Safe for threads; no method takes long.

    Parameters
    ----------
    board : Switchboard
        Who answers now.
    offers : Offers
        What can be opened.
    dropped : DroppedFiles
        Where dropped files are kept.
    world : WorldPlan
        Which world is made.
    open_shelf : callable
        Opens the library of a key.
    opened : callable
        Told of each shelf that has been opened in place of another.
    """

    def __init__(
        self,
        board: Switchboard[Shelf],
        offers: Offers,
        dropped: DroppedFiles,
        *,
        world: WorldPlan,
        open_shelf: Callable[[str, Library], Shelf],
        opened: Callable[[Shelf], None],
    ) -> None:
        self._board = board
        self._offers = offers
        self._dropped = dropped
        self._told = opened
        self._mover = Mover(board, offers, open_shelf=open_shelf, opened=self._opened, world=world)

    def start(self, key: str) -> None:
        """Begin, now that the shelf ``key`` is open; what was asked for before is opened then."""
        self._mover.start(key)

    def close(self) -> None:
        """Change nothing any more; the shelf that is open stays so."""
        self._mover.close()

    def shelves(self) -> tuple[ShelfOffer, ...]:
        """Return the shelves that can be opened, the open one among them."""
        return tuple(
            ShelfOffer(
                key=offer.key,
                title=offer.title,
                about=offer.about,
                state=standing.state,
                photos=offer.photos,
                at_least=offer.at_least,
                percent=standing.percent,
                message=standing.message,
            )
            for offer in self._offers.all()
            for standing in (self._mover.standing(offer),)
        )

    def open_shelf(self, key: str) -> None:
        """Open a shelf, or begin to make it; NotFound if no shelf has this key."""
        self._mover.ask(key)

    def shards(self) -> tuple[ShardSwitch, ...]:
        """Return the shards of the open shelf, by number."""
        with self._board.lent() as shelf:
            stopped = shelf.tiers.stopped
            return tuple(
                ShardSwitch(number, number in stopped)
                for number in range(shelf.library.settings.shards)
            )

    def stop_shard(self, number: int) -> None:
        """Let a shard answer nothing any more; NotFound if there is no such shard."""
        with self._board.lent() as shelf:
            shelf.tiers.stop_shard(number)

    def start_shard(self, number: int) -> None:
        """Let a shard answer again; NotFound if there is no such shard."""
        with self._board.lent() as shelf:
            shelf.tiers.start_shard(number)

    def friends(self, viewer: int) -> tuple[Friend, ...]:
        """Return the friends of ``viewer``, by id; nobody in a library of one's own.

        Raises
        ------
        UnknownViewer
            If the shelf has nobody of this id.
        """
        with self._board.lent() as shelf:
            if not shelf.library.settings.sample:
                return ()
            graph = shelf.tiers.graph
            graph.person(viewer)
            names = {person.id: person.name for person in graph.people()}
            return tuple(Friend(id_, names[id_]) for id_ in graph.friends(viewer).tolist())

    def end_friendship(self, viewer: int, friend: int) -> None:
        """End a friendship; no search that begins after this returns shows what it allowed.

        Raises
        ------
        Forbidden
            In a library of one's own: who is whose friend there is not for a page to say.
        BadRequest
            If one of them is nobody, or both are the same.
        """
        from alicorn.log import RemoveFriendship  # noqa: PLC0415

        self._write(RemoveFriendship(viewer, friend))

    def make_friends(self, viewer: int, friend: int) -> None:
        """Make two people friends again; errors as `end_friendship`."""
        from alicorn.log import PutFriendship  # noqa: PLC0415

        self._write(PutFriendship(viewer, friend))

    @property
    def most_dropped_bytes(self) -> int:
        """Size of the largest file that `drop` takes."""
        return self._dropped.most_bytes

    def drop(self, name: str, chunks: Iterator[bytes]) -> None:
        """Take in one file that somebody dropped on the page; see `DroppedFiles.take`."""
        self._dropped.take(name, chunks)
        self._mover.ask(DROPPED)
        # One that is only being opened now looks again once it is open (`_opened`).
        with suppress(ShardLoading), self._board.lent() as shelf:
            if shelf.key == DROPPED:
                shelf.index_again()

    def _write(self, write: Write) -> None:
        with self._board.lent() as shelf:
            if not shelf.library.settings.sample:
                raise Forbidden("friendships are changed on the sample shelf and in a world only")
            # The write counts in the graph when this returns, and every search asks the graph.
            shelf.tiers.log.append([write])

    def _opened(self, shelf: Shelf) -> None:
        if shelf.key == DROPPED:
            # Files may have come after its first look at the folder.
            shelf.index_again()
        self._told(shelf)
