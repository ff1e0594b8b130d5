"""What changes between the check and the fetch is checked again, of the documents themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from alicorn.api.rack.v1 import rack_pb2
from alicorn.documents import Audience, AudienceKind, PhotoDocument, Tag
from alicorn.errors import NotFound
from alicorn.log import (
    DeleteDocument,
    PutBlock,
    PutDocument,
    PutPerson,
    RemoveBlock,
    SetAudience,
    Write,
)

ADA, BEN = 1, 2
PHOTO = PhotoDocument(
    id=7,
    author=ADA,
    audience=Audience(AudienceKind.PUBLIC),
    caption="by the sea",
    tags=(Tag("cat", 0.9),),
    content_hash=bytes(32),
)
PRIVATE = Audience(AudienceKind.ONLY_ME)


class ChangesBeforeFetch:
    """A rack that, between search and fetch, waits until `change` was made and is searchable."""

    def __init__(self, rack: Any) -> None:
        self._rack = rack
        self.change: Callable[[], None] = lambda: None

    def __call__(self, method: str, request: Any, allowed_s: float) -> Any:
        if isinstance(request, rack_pb2.FetchRequest):
            self.change()
        return self._rack(method, request, allowed_s)


@pytest.fixture
def racks() -> list[ChangesBeforeFetch]:
    return []


@pytest.fixture
def world(make_world: Any, racks: list[ChangesBeforeFetch]) -> Any:
    def wrap(rack: Any) -> ChangesBeforeFetch:
        racks.append(ChangesBeforeFetch(rack))
        return racks[-1]

    return make_world([PutPerson(ADA, "Ada"), PutPerson(BEN, "Ben"), PutDocument(PHOTO)], wrap=wrap)


@pytest.mark.parametrize(
    "write",
    [
        PutDocument(replace(PHOTO, audience=PRIVATE, caption="with my secret")),
        PutDocument(replace(PHOTO, audience=PRIVATE, caption="with my secret", author=0)),
        SetAudience(PHOTO.id, PRIVATE),
        DeleteDocument(PHOTO.id),
    ],
)
def test_a_photo_that_was_hidden_meanwhile_is_not_fetched(
    world: Any, racks: list[ChangesBeforeFetch], write: Write
) -> None:
    """PS-37: its new caption was never for the viewer, though the photo was a moment ago."""
    before = world.search(BEN, "cat", without_cutoff=True)
    changes = [write]

    def change() -> None:
        if changes:
            world.write(changes.pop())
            world.index()

    racks[0].change = change
    response = world.search(BEN, "cat", without_cutoff=True)

    assert [p.caption for m in before.modules for p in m.photos] == ["by the sea"]
    assert b"secret" not in response.SerializeToString()
    assert not [photo for module in response.modules for photo in module.photos]


def test_a_photo_that_was_hidden_meanwhile_is_not_explained(
    world: Any, racks: list[ChangesBeforeFetch]
) -> None:
    """Its terms would be told: of the document as it is now."""

    def change() -> None:
        world.write(PutDocument(replace(PHOTO, audience=PRIVATE, caption="with my secret")))
        world.index()

    racks[0].change = change

    with pytest.raises(NotFound):
        world.explain(BEN, PHOTO.id, "cat")


def test_an_old_version_is_not_shown_to_who_may_see_the_new_one(make_world: Any) -> None:
    """PS-37: what was not for a viewer stays so, however far the index is behind.

    Ada keeps Ben out by a block, takes the secret out of the caption, and lets him in again.
    """
    secret = replace(PHOTO, caption="with my secret")
    people = [PutPerson(ADA, "Ada"), PutPerson(BEN, "Ben")]
    world = make_world([*people, PutDocument(secret), PutBlock(ADA, BEN)])
    world.write(PutDocument(PHOTO))
    world.write(RemoveBlock(ADA, BEN))
    lagging = [world.search(BEN, query, without_cutoff=True) for query in ("cat", "secret")]
    world.index()
    after = world.search(BEN, "cat", without_cutoff=True)

    assert [p.caption for r in lagging for m in r.modules for p in m.photos] == []
    assert [p.caption for m in after.modules for p in m.photos] == ["by the sea"]


def test_a_new_audience_alone_hides_no_photo_while_the_index_is_behind(make_world: Any) -> None:
    """The words are the same, so the graph's yes is enough: freshness must not cost photos."""
    world = make_world([PutPerson(ADA, "Ada"), PutPerson(BEN, "Ben"), PutDocument(PHOTO)])
    world.write(SetAudience(PHOTO.id, Audience(AudienceKind.LIST, (BEN,))))
    world.index()
    world.write(SetAudience(PHOTO.id, Audience(AudienceKind.PUBLIC)))

    response = world.search(BEN, "cat", without_cutoff=True)

    assert [p.caption for m in response.modules for p in m.photos] == ["by the sea"]
