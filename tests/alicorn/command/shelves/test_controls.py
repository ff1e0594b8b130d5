"""What the page may change: who sees what after it, which shards answer, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alicorn.api.search.v1 import search_pb2
from alicorn.command.library import Library, LibrarySettings, create_library
from alicorn.errors import BadRequest, Forbidden, NotFound, UnknownViewer
from webtier.controls import Controls, Friend, ShardSwitch

if TYPE_CHECKING:
    from conftest import Serving

ANA, BEN, CHLOE = 1, 2, 3
HIS_FOR_FRIENDS = "2-friends.jpg"


def test_after_a_friendship_has_ended_nothing_for_friends_is_shown(serving: Serving) -> None:
    """PS-37: not in the search that follows, not to the one nor to the other, nor its picture."""
    photo = next(
        photo
        for module in serving.search(viewer=ANA).modules
        for photo in module.photos
        if photo.uri == HIS_FOR_FRIENDS
    )
    request = search_pb2.GetPictureRequest(viewer=search_pb2.Viewer(id=ANA), photo_id=photo.id)
    assert serving.service.board.get_picture(request).jpeg == b"jpeg"
    serving.controls.end_friendship(ANA, BEN)

    assert serving.uris(viewer=ANA) == {f"{n}-public.jpg" for n in (1, 2, 3)} | {"1-friends.jpg"}
    assert serving.uris(viewer=BEN) == {f"{n}-public.jpg" for n in (1, 2, 3)} | {HIS_FOR_FRIENDS}
    with pytest.raises(NotFound):
        serving.service.board.get_picture(request)
    with pytest.raises(NotFound):
        serving.service.board.explain(
            search_pb2.ExplainRequest(
                search=search_pb2.SearchRequest(query="cat", viewer=search_pb2.Viewer(id=ANA)),
                photo_id=photo.id,
            )
        )
    assert serving.controls.friends(ANA) == ()


def test_friends_again_they_see_each_other_again(serving: Serving) -> None:
    """And ending what has ended, or beginning what stands, is no error: two pages may be open."""
    serving.controls.end_friendship(ANA, BEN)
    serving.controls.end_friendship(BEN, ANA)
    serving.controls.make_friends(BEN, ANA)
    serving.controls.make_friends(ANA, BEN)

    assert HIS_FOR_FRIENDS in serving.uris(viewer=ANA)
    assert serving.controls.friends(ANA) == (Friend(BEN, "Ben"),)
    assert serving.controls.friends(BEN) == (Friend(ANA, "Ana"),)
    assert serving.controls.friends(CHLOE) == ()


def test_who_is_nobody_has_no_friends_to_lose(serving: Serving) -> None:
    """Numbers come from a page, which may be old or not ours."""
    with pytest.raises(UnknownViewer):
        serving.controls.friends(99)
    for other in (99, ANA, 0, 2**70):
        with pytest.raises(BadRequest):
            serving.controls.end_friendship(ANA, other)
        with pytest.raises(BadRequest):
            serving.controls.make_friends(ANA, other)


def test_in_a_library_of_ones_own_friendships_are_not_for_a_page_to_change(
    begin: Callable[..., Serving], tmp_path: Path
) -> None:
    """There `shelf.toml` says who is whose friend."""
    photos = tmp_path / "photos"
    photos.mkdir()
    settings = LibrarySettings(name="mine", photos=str(photos), shards=2)
    serving = begin(create_library(tmp_path / "mine", settings))

    assert serving.controls.friends(ANA) == ()
    with pytest.raises(Forbidden, match="sample shelf"):
        serving.controls.end_friendship(ANA, BEN)
    with pytest.raises(Forbidden, match="sample shelf"):
        serving.controls.make_friends(ANA, BEN)


def test_a_stopped_shard_is_missing_until_it_is_started(serving: Serving) -> None:
    """Half of the shards, and the coverage says half."""
    whole = serving.uris(viewer=ANA)
    serving.controls.stop_shard(1)
    half = serving.search(viewer=ANA)
    fewer = serving.uris(viewer=ANA)
    stopped = serving.controls.shards()
    serving.controls.start_shard(1)

    assert stopped == (ShardSwitch(0, False), ShardSwitch(1, True))
    assert (half.coverage.answered, half.coverage.shards) == (1, 2)
    assert fewer < whole
    assert serving.uris(viewer=ANA) == whole
    with pytest.raises(NotFound, match="found shard 7"):
        serving.controls.stop_shard(7)


def test_a_shelf_that_nobody_offers_cannot_be_opened(serving: Serving) -> None:
    """A key is no path: nothing outside the offers can be named."""
    for key in ("", "..", "/etc", "pictures", "dropped", "folder/../sample"):
        with pytest.raises(NotFound, match="needed one of folder, sample, world"):
            serving.controls.open_shelf(key)


def test_these_are_the_controls_that_the_page_knows(serving: Serving) -> None:
    """Its protocol is all that it is given."""
    controls: Controls = serving.controls
    methods = [name for name in vars(Controls) if not name.startswith("_")]

    assert all(hasattr(controls, name) for name in methods)
    assert controls.most_dropped_bytes >= 100_000_000


def test_what_was_ended_stays_ended_when_the_shelf_is_opened_again(
    serving: Serving, friends: Library
) -> None:
    """It is in the log, not in a process."""
    serving.controls.end_friendship(ANA, BEN)
    serving.open("world")
    serving.open("folder")

    assert serving.controls.friends(ANA) == ()
    assert HIS_FOR_FRIENDS not in serving.uris(viewer=ANA)
