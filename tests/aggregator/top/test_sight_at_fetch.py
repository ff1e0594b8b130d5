"""What changes between the check and the fetch is checked again, of the documents themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from alicorn.api.rack.v1 import rack_pb2
from alicorn.documents import Audience, AudienceKind, PhotoDocument, Tag
from alicorn.errors import NotFound
from alicorn.log import DeleteDocument, PutDocument, PutPerson, SetAudience, Write

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
