"""Controls in memory: what the page may change, kept in plain fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from alicorn.errors import BadRequest, NotFound
from webtier.controls import Friend, ShardSwitch, ShelfOffer, ShelfState

_JPEG = b"\xff\xd8\xff"


def _offers() -> dict[str, ShelfOffer]:
    return {
        offer.key: offer
        for offer in (
            ShelfOffer(
                key="sample",
                title="Sample shelf",
                about="Photos of Ada, Ben and Cleo.",
                state=ShelfState.OPEN,
                photos=5,
            ),
            ShelfOffer(
                key="world",
                title="A synthetic world",
                about="Made-up photos of 2,000 made-up people, to see how fast a search is.",
                state=ShelfState.ABSENT,
                photos=100_000,
            ),
            ShelfOffer(
                key="pictures",
                title="Pictures on this machine",
                about="They are only read; nothing leaves this machine.",
                state=ShelfState.ABSENT,
                photos=1_234,
            ),
        )
    }


@dataclass
class MemoryControls:
    """`Controls` over a `MemoryBackend`."""

    backend: Any
    offers: dict[str, ShelfOffer] = field(default_factory=_offers)
    stopped: set[int] = field(default_factory=set)
    friendships: set[frozenset[int]] = field(default_factory=lambda: {frozenset({1, 2})})
    dropped: dict[str, bytes] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    most_dropped_bytes: int = 100_000
    largest_read: int = 0
    """Bytes that were read of the largest file, refused ones counted."""

    def shelves(self) -> tuple[ShelfOffer, ...]:
        return tuple(self.offers.values())

    def open_shelf(self, key: str) -> None:
        if key not in self.offers:
            raise NotFound(f"found no shelf {key!r}")
        self.opened.append(key)
        if self.offers[key].state is ShelfState.ABSENT:
            self.tell(key, ShelfState.PREPARING, message="Looking at what is there")
        else:
            self.finish(key)

    def tell(self, key: str, state: ShelfState, *, percent: int = 0, message: str = "") -> None:
        """Say how far a shelf is."""
        self.offers[key] = replace(self.offers[key], state=state, percent=percent, message=message)

    def finish(self, key: str) -> None:
        """Let a shelf be the open one."""
        for other, offer in self.offers.items():
            if offer.state is ShelfState.OPEN:
                self.tell(other, ShelfState.READY)
        self.tell(key, ShelfState.OPEN)

    def shards(self) -> tuple[ShardSwitch, ...]:
        return tuple(ShardSwitch(number, number in self.stopped) for number in range(2))

    def stop_shard(self, number: int) -> None:
        self.stopped.add(number)
        self.backend.answered = 2 - len(self.stopped)

    def start_shard(self, number: int) -> None:
        self.stopped.discard(number)
        self.backend.answered = 2 - len(self.stopped)

    def friends(self, viewer: int) -> tuple[Friend, ...]:
        found = {other for pair in self.friendships if viewer in pair for other in pair - {viewer}}
        return tuple(Friend(other, self.backend.people[other]) for other in sorted(found))

    def end_friendship(self, viewer: int, friend: int) -> None:
        if frozenset({viewer, friend}) not in self.friendships:
            raise NotFound(f"found no friendship with {friend}")
        self.friendships.discard(frozenset({viewer, friend}))

    def make_friends(self, viewer: int, friend: int) -> None:
        if friend not in self.backend.people:
            raise NotFound(f"found nobody with the id {friend}")
        self.friendships.add(frozenset({viewer, friend}))

    def drop(self, name: str, chunks: Iterator[bytes]) -> None:
        read = 0
        content = b""
        for chunk in chunks:
            read += len(chunk)
            self.largest_read = max(self.largest_read, read)
            content += chunk
            if len(content) >= len(_JPEG) and not content.startswith(_JPEG):
                raise BadRequest(f"{name[:40]!r} is no picture")
        if not content:
            raise BadRequest(f"{name[:40]!r} is empty")
        self.dropped[name] = content
        self.offers["dropped"] = ShelfOffer(
            key="dropped", title="Dropped photos", about="", state=ShelfState.READY
        )
        self.finish("dropped")
