"""A synthetic world is a library like any other, and nobody sees in it what is not for them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from alicorn.api.search.v1 import search_pb2
from alicorn.command.library import (
    Library,
    LibrarySettings,
    Progress,
    create_library,
    open_library,
)
from alicorn.command.tiers import LocalTiers
from alicorn.command.world import SHARDS, build_world
from alicorn.documents import AudienceKind, PhotoDocument
from alicorn.errors import AlicornError, ConfigError, NotFound
from alicorn.log import PutDocument, SqliteGraph, SqliteLog
from loadtest.world.generator import World

_PEOPLE, _PHOTOS, _SEED = 300, 500, 7


def _build(path: Path, photos: int = _PHOTOS, seed: int = _SEED) -> Library:
    return build_world(path, people=_PEOPLE, photos=photos, seed=seed, tell=lambda _: None)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return _build(tmp_path_factory.mktemp("worlds") / "deep" / "world")


@pytest.fixture(scope="module")
def tiers(library: Library) -> Iterator[LocalTiers]:
    with LocalTiers(library, writable=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def world() -> World:
    return World(people=_PEOPLE, photos=_PHOTOS, seed=_SEED)


@pytest.fixture(scope="module")
def documents(world: World) -> list[PhotoDocument]:
    return [document for block in world.all(first_sequence=1) for document in block.documents()]


def _search(
    tiers: LocalTiers, expression: str, viewer: int, *, folding: bool = False
) -> search_pb2.SearchResponse:
    return tiers.search.search(
        search_pb2.SearchRequest(
            query=expression,
            is_expression=True,
            viewer=search_pb2.Viewer(id=viewer),
            limit=_PHOTOS,
            without_cutoff=True,
            without_folding=not folding,
        )
    )


def _payloads(path: Path) -> list[bytes]:
    with closing(SqliteLog(path / "log.sqlite")) as log:
        return [entry.payload for entry in log.read(0, 10**6)]


# ---------------------------------------------------------------- what is in it


def test_the_log_has_the_people_friendships_and_photos_of_the_world(
    library: Library, world: World
) -> None:
    with closing(SqliteLog(library.log_path)) as log, closing(SqliteGraph(library.log_path)) as g:
        writes = [entry.write() for entry in log.read(0, 10**6)]
        photos = [write.document for write in writes if isinstance(write, PutDocument)]
        first = photos[0].written
        pairs = {(a, b) for a in range(1, _PEOPLE + 1) for b in g.friends(a).tolist() if a < b}

        assert [person.name for person in g.people()] == list(world.names)
        assert pairs == set(map(tuple, world.friendships.tolist()))
        assert photos == list(world.block(0, first_sequence=first).documents())
        assert log.latest() == photos[-1].written


def test_its_shards_hold_the_log_and_have_nothing_left_to_do(
    library: Library, tiers: LocalTiers
) -> None:
    statuses = [shard.status() for shard in tiers.shards]

    assert len(statuses) == SHARDS
    assert sum(status.documents for status in statuses) == _PHOTOS
    assert {status.segments for status in statuses} == {1}
    assert {status.sequence for status in statuses} == {tiers.log.latest()}
    assert library.read_progress().done == _PHOTOS


# ---------------------------------------------------------------- who sees what


class _Rules:
    """The rules of `alicorn.log.interface` in sets, from the world alone."""

    def __init__(self, world: World) -> None:
        self.friends = {frozenset(pair) for pair in world.friendships.tolist()}
        self.blocks = {frozenset(pair) for pair in world.blocked.tolist()}

    def allow(self, viewer: int, document: PhotoDocument) -> bool:
        pair = frozenset((document.author, viewer))
        if document.author == viewer:
            return True
        if pair in self.blocks:
            return False
        match document.audience.kind:
            case AudienceKind.PUBLIC:
                return True
            case AudienceKind.FRIENDS:
                return pair in self.friends
            case AudienceKind.LIST:
                return viewer in document.audience.members
            case _:
                return False


def _viewers(world: World, documents: list[PhotoDocument]) -> list[int]:
    """Return the default viewer, some authors, some listed people and everybody in a block."""
    listed = [d.audience.members[0] for d in documents if d.audience.members]
    authors = [d.author for d in documents]
    blocked = world.blocked[:6].ravel().tolist()
    return sorted({1, *authors[::60], *listed[::12], *blocked})


@pytest.mark.parametrize("concept", ["animal", "container", "vehicle"])
def test_every_viewer_finds_exactly_what_is_for_them(
    tiers: LocalTiers, world: World, documents: list[PhotoDocument], concept: str
) -> None:
    """Audiences, lists, friendships and blocks, over the whole way of a search."""
    matching = [d for d in documents if any(t.concept == concept for t in d.tags)]
    hidden = 0
    viewers, rules = _viewers(world, documents), _Rules(world)
    for viewer in viewers:
        expected = {d.id for d in matching if rules.allow(viewer, d)}
        response = _search(tiers, f"tag:{concept}", viewer)
        found = [photo.id for module in response.modules for photo in module.photos]

        assert len(found) == len(set(found))
        assert expected == set(found)
        hidden += len(matching) - len(expected)
    assert len(viewers) > 10
    assert len(world.blocked) > 2
    assert hidden > len(matching)


def test_the_default_viewer_has_own_and_friends_photos_above_public_ones(
    tiers: LocalTiers, world: World, documents: list[PhotoDocument]
) -> None:
    friends = {b for a, b in world.friendships.tolist() if a == 1}
    of = {d.id: d.author for d in documents}
    response = _search(tiers, "tag:animal", 1)
    social, public = response.modules

    assert (social.name, public.name) == ("social", "public")
    assert {of[photo.id] for photo in social.photos} & friends
    assert 1 in {of[photo.id] for photo in social.photos}
    assert not {of[photo.id] for photo in public.photos} & {1, *friends}


def test_copies_fold_under_one_photo(tiers: LocalTiers, documents: list[PhotoDocument]) -> None:
    """What differs in a few bits is shown once, and says how many stand behind it."""
    prints = np.unpackbits(
        np.frombuffer(b"".join(d.fingerprint for d in documents), np.uint8).reshape(-1, 32), axis=1
    ).astype(np.int16)
    near = np.flatnonzero(np.abs(prints[:-1] - prints[1:]).sum(axis=1) <= 31)
    pairs = [
        (documents[row], documents[row + 1])
        for row in near.tolist()
        if documents[row].author == documents[row + 1].author
        and documents[row].fingerprint_quality >= 50
    ]
    assert len(pairs) >= 3
    for original, copy in pairs[:3]:
        term = json.dumps(f"tag:{original.tags[0].concept}")
        asked = f"(and {term} author:{original.author})"
        response = _search(tiers, asked, original.author, folding=True)
        groups = [
            {photo.id, *(similar.id for similar in photo.similar)}
            for module in response.modules
            for photo in module.photos
        ]

        assert [{original.id, copy.id} <= group for group in groups].count(True) == 1


# ---------------------------------------------------------------- pictures


def _picture(tiers: LocalTiers, photo_id: int, viewer: int) -> bytes:
    return tiers.search.get_picture(
        search_pb2.GetPictureRequest(photo_id=photo_id, viewer=search_pb2.Viewer(id=viewer))
    ).jpeg


def test_pictures_are_drawn_for_those_who_may_see_the_photo(
    tiers: LocalTiers, documents: list[PhotoDocument]
) -> None:
    private = next(
        d for d in documents if d.audience.kind is AudienceKind.ONLY_ME and d.author != 1
    )
    jpeg = _picture(tiers, private.id, private.author)

    assert Image.open(io.BytesIO(jpeg)).format == "JPEG"
    assert jpeg == _picture(tiers, private.id, private.author)
    with pytest.raises(NotFound):
        _picture(tiers, private.id, 1)


# ---------------------------------------------------------------- making it


def test_a_world_that_is_there_is_opened_as_it_is(library: Library) -> None:
    before = {p: p.stat().st_mtime_ns for p in library.path.rglob("*") if p.is_file()}
    told: list[Progress] = []
    again = build_world(library.path, people=_PEOPLE, photos=_PHOTOS, seed=_SEED, tell=told.append)
    after = {p: p.stat().st_mtime_ns for p in library.path.rglob("*") if p.is_file()}

    assert again == library
    assert before == {path: when for path, when in after.items() if path in before}
    assert [step.running for step in told] == [False]


def test_steps_are_told_until_it_is_ready(tmp_path: Path) -> None:
    told: list[Progress] = []
    build_world(tmp_path / "w", people=20, photos=60, seed=1, tell=told.append)

    assert [(step.done, step.running) for step in told] == [(0, True), (60, True), (60, False)]
    assert {60} == {step.found for step in told}


def test_what_was_interrupted_is_made_anew(tmp_path: Path, library: Library) -> None:
    """Whether it was stopped in order or killed: nothing half made is ever opened."""
    path = tmp_path / "world"

    def stop(progress: Progress) -> None:
        if progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_world(path, people=_PEOPLE, photos=_PHOTOS, seed=99, tell=stop)
    with pytest.raises(AlicornError, match="found no library"):
        open_library(path)
    (path / "shards" / "9").mkdir()

    assert _build(path).settings.world == library.settings.world
    assert _payloads(library.path) == _payloads(path)
    assert not (path / "shards" / "9").exists()
    assert {p.name for p in path.iterdir()} == {
        *("library.json", "log.sqlite", "ledger.sqlite", "progress.json"),
        *("shards", "thumbnails"),
    }


def test_the_same_arguments_make_the_same_segments(tmp_path: Path, library: Library) -> None:
    again = _build(tmp_path / "world")
    one, other = (
        [p.read_bytes() for p in sorted(found.path.glob("shards/*/*.alc"))]
        for found in (library, again)
    )

    assert len(one) == SHARDS
    assert one == other


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    holiday = tmp_path / "pictures"
    holiday.mkdir()
    (holiday / "IMG_1.jpg").write_bytes(b"mine")

    with pytest.raises(ConfigError, match="no world; needed an empty folder or none"):
        _build(holiday)
    assert [p.name for p in holiday.iterdir()] == ["IMG_1.jpg"]


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(ConfigError, match="found a file"):
        _build(tmp_path / "file")


def test_a_library_of_photos_is_refused_and_left_alone(tmp_path: Path) -> None:
    settings = LibrarySettings(name="mine", photos="/none", shards=1)
    mine = create_library(tmp_path / "mine", settings)

    with pytest.raises(ConfigError, match="no synthetic world"):
        _build(mine.path)
    assert open_library(mine.path).settings == settings
    assert not (mine.path / "world-unfinished").exists()


def test_a_world_of_other_parameters_is_refused_and_left_alone(library: Library) -> None:
    before = _payloads(library.path)

    with pytest.raises(ConfigError, match="500 photos and seed 7, needed 300, 500 and 8"):
        _build(library.path, seed=8)
    assert before == _payloads(library.path)


def test_two_at_once_do_not_make_one_world(tmp_path: Path) -> None:
    path = tmp_path / "world"

    def meanwhile(progress: Progress) -> None:
        if progress.running:
            with pytest.raises(ConfigError, match="another process is making the world"):
                build_world(path, people=20, photos=60, seed=1, tell=lambda _: None)

    build_world(path, people=20, photos=60, seed=1, tell=meanwhile)

    assert len(_payloads(path)) > 80


def test_settings_of_older_libraries_are_read(tmp_path: Path) -> None:
    """They say nothing of worlds."""
    (tmp_path / "library.json").write_text('{"name": "old", "photos": "/p", "shards": 2}')

    assert open_library(tmp_path).settings.world is None
