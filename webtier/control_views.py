"""What the templates show of `webtier.controls`: shelves to open, shards to stop, friends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from webtier.controls import Controls, Friend, ShardSwitch, ShelfOffer, ShelfState

__all__ = [
    "ControlView",
    "OfferView",
    "control_view",
    "offer_json",
    "offer_view",
    "open_shelf_key",
]

_PICTURES: Final = "pictures"
_WORLD: Final = "world"
# Shelves to try things on: there the page offers the others, too.
_TRIAL_SHELVES: Final = frozenset({"sample", _WORLD})


@dataclass(frozen=True, slots=True)
class OfferView:
    """A shelf that can be opened."""

    key: str
    title: str
    about: str
    line: str
    """What it holds, as "Your pictures folder has 1,234 pictures."; else its title."""
    state: str
    action: str
    """What the button says; empty when there is nothing to press."""
    percent: int
    message: str
    stands_out: bool
    """Whether it is a person's own folder of pictures."""


@dataclass(frozen=True, slots=True)
class ControlView:
    """Everything that may be changed from one page."""

    offers: tuple[OfferView, ...]
    """All shelves, in their order."""
    is_trial: bool
    """The open shelf is there to try things on."""
    preparing: bool
    """A shelf is being made: the page looks again."""
    shards: tuple[ShardSwitch, ...]
    friends: tuple[Friend, ...]
    """Of the viewer, by id."""
    former: tuple[int, str] | None
    """Id and name of whom the viewer is no longer friends with, to be undone."""
    most_bytes: int
    """Size of the largest file that is taken in."""
    most_size: str
    """The same for people, as "64 MB"."""

    @property
    def open_title(self) -> str:
        """Title of the open shelf."""
        return next((offer.title for offer in self.offers if offer.state == "open"), "Shelves")

    @property
    def open_key(self) -> str:
        """Key of the open shelf; forms say which shelf they were made on."""
        return next((offer.key for offer in self.offers if offer.state == "open"), "")

    @property
    def others(self) -> tuple[OfferView, ...]:
        """What is offered on the first page: all but the open shelf, one's own pictures first."""
        others = [offer for offer in self.offers if offer.state != "open"]
        return tuple(sorted(others, key=lambda offer: not offer.stands_out))

    @property
    def stopped(self) -> tuple[int, ...]:
        """Numbers of the shards that are stopped."""
        return tuple(shard.number for shard in self.shards if shard.stopped)


def open_shelf_key(controls: Controls) -> str:
    """Return the key of the open shelf; empty while none is open."""
    return next((offer.key for offer in controls.shelves() if offer.state is ShelfState.OPEN), "")


def offer_view(offer: ShelfOffer) -> OfferView:
    """Return one shelf as the page offers it."""
    action = {
        ShelfState.READY: "Open it",
        ShelfState.ABSENT: "Open it",
        ShelfState.FAILED: "Try again",
    }.get(offer.state, "")
    line = offer.title
    if offer.key == _PICTURES and offer.photos is not None:
        noun = "picture" if offer.photos == 1 and not offer.at_least else "pictures"
        line = f"Your pictures folder has {_count(offer)} {noun}."
        if offer.state in {ShelfState.READY, ShelfState.ABSENT}:
            action = "Search it" if offer.photos == 1 and not offer.at_least else "Search them"
    elif offer.key == _WORLD and offer.photos is not None:
        line = f"{offer.title} of {_count(offer)} photos"
    return OfferView(
        key=offer.key,
        title=offer.title,
        about=offer.about,
        line=line,
        state=offer.state.value,
        action=action,
        percent=min(max(offer.percent, 0), 100),
        message=offer.message,
        stands_out=offer.key == _PICTURES and offer.state is not ShelfState.OPEN,
    )


def offer_json(offer: ShelfOffer) -> dict[str, Any]:
    """Return one shelf for programs and the page's own scripts."""
    return {
        "key": offer.key,
        "title": offer.title,
        "about": offer.about,
        "state": offer.state.value,
        "photos": offer.photos,
        "at_least": offer.at_least,
        "percent": min(max(offer.percent, 0), 100),
        "message": offer.message,
    }


def control_view(
    controls: Controls, *, viewer: int, people: Sequence[tuple[int, str]], ended: int | None
) -> ControlView:
    """Return what may be changed from a page that ``viewer`` looks at.

    Parameters
    ----------
    controls : Controls
    viewer : int
        Person id.
    people : sequence of (int, str)
        Whom one may search as; empty off the sample shelf, where friends cannot be changed.
    ended : int or None
        With whom the address says that the friendship was ended. It counts only when that is
        somebody, and no friend: an address can claim anything.
    """
    offers = controls.shelves()
    friends = controls.friends(viewer) if people else ()
    former = None
    if ended is not None and ended != viewer and ended not in {friend.id for friend in friends}:
        former = next(((number, name) for number, name in people if number == ended), None)
    most_bytes = controls.most_dropped_bytes
    return ControlView(
        offers=tuple(offer_view(offer) for offer in offers),
        is_trial=any(
            offer.state is ShelfState.OPEN and offer.key in _TRIAL_SHELVES for offer in offers
        ),
        preparing=any(offer.state is ShelfState.PREPARING for offer in offers),
        shards=controls.shards(),
        friends=friends,
        former=former,
        most_bytes=most_bytes,
        most_size=_size(most_bytes),
    )


def _size(count: int) -> str:
    kilobytes = count // 1_000
    return f"{kilobytes // 1_000:,} MB" if kilobytes >= 1_000 else f"{kilobytes} kB"


def _count(offer: ShelfOffer) -> str:
    return f"{'at least ' if offer.at_least else ''}{offer.photos:,}"
