"""Photos of the world hang together as real ones do."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from alicorn.documents import AudienceKind, PhotoDocument
from alicorn.documents.batch import PhotoBatch
from alicorn.documents.model import static_rank
from loadtest.world.generator import World
from understanding.concepts.taxonomy import Taxonomy
from understanding.photos.geo import haversine_km, load_cities


@pytest.fixture(scope="module")
def world() -> World:
    return World(people=400, photos=8_192, seed=7)


@pytest.fixture(scope="module")
def first(world: World) -> PhotoBatch:
    return world.block(0, first_sequence=1)


@pytest.fixture(scope="module")
def batch(world: World) -> PhotoBatch:
    """Return a block in which the default viewer is nobody special."""
    return world.block(1, first_sequence=1)


@pytest.fixture(scope="module")
def documents(batch: PhotoBatch) -> list[PhotoDocument]:
    return list(batch.documents())


def _names(document: PhotoDocument) -> dict[str, float]:
    return {tag.concept: tag.confidence for tag in document.tags}


def test_what_is_surely_a_kind_of_dog_is_tagged_dog_too(documents: list[PhotoDocument]) -> None:
    """Confidences go up the taxonomy as for real photos: a beagle is a dog is an animal."""
    taxonomy = Taxonomy.load()
    breeds = {taxonomy.names[i] for i in taxonomy.leaves_below[taxonomy.index_of["dog"]]}
    sure = [d for d in documents if any(t.concept in breeds and t.confidence > 0.3 for t in d.tags)]

    assert len(sure) > 100
    assert all({"dog", "animal"} <= _names(d).keys() for d in sure)


def test_classes_that_look_alike_come_together(documents: list[PhotoDocument]) -> None:
    """Who sees a tabby is not quite sure that it is no tiger cat."""
    cats = [d for d in documents if _names(d).get("tabby", 0.0) > 0.3]

    assert len(cats) > 5
    assert all("tiger cat" in _names(d) or "egyptian cat" in _names(d) for d in cats)


def test_tags_are_in_order_and_no_more_than_a_photo_may_have(
    documents: list[PhotoDocument],
) -> None:
    for document in documents[:300]:
        expected = sorted(document.tags, key=lambda t: (-t.confidence, t.concept))

        assert tuple(expected) == document.tags
        assert 25 <= len(document.tags) <= 50
    assert np.mean([len(document.tags) for document in documents]) > 45


def test_copies_are_near_their_originals_and_nothing_else_is(batch: PhotoBatch) -> None:
    """A copy has a few bits of its original turned; other photos are far, so they never fold."""
    bits = np.unpackbits(batch.fingerprints, axis=1).astype(np.int16)
    distances = np.abs(bits[:-1] - bits[1:]).sum(axis=1)
    near = distances <= 31
    neighbours = np.flatnonzero(near)

    assert 0.01 < near.mean() < 0.06
    assert distances[~near].min() > 80
    assert np.mean(batch.taken_at[neighbours] == batch.taken_at[neighbours + 1]) > 0.95
    assert (batch.widths[neighbours + 1] < batch.widths[neighbours]).mean() > 0.7


def test_bursts_are_near_and_photos_of_other_moments_are_far(batch: PhotoBatch) -> None:
    """The distances that `ranker.second_stage.fold` was measured on."""
    bits = np.unpackbits(batch.visual, axis=1).astype(np.int16)
    gaps = batch.taken_at[1:].astype(np.float64) - batch.taken_at[:-1].astype(np.float64)
    same = batch.authors[1:] == batch.authors[:-1]
    distances = np.abs(bits[1:] - bits[:-1]).sum(axis=1)
    burst = distances[same & (gaps > 0) & (gaps <= 4)]
    far = np.abs(bits[:2_000] - bits[2_000:4_000]).sum(axis=1)

    assert 20 <= np.median(burst) <= 40
    assert np.mean(burst <= 60) > 0.95
    assert np.mean(far > 60) > 0.99


def test_photos_are_taken_in_the_city_that_they_name(documents: list[PhotoDocument]) -> None:
    cities = load_cities()
    by_id = {int(id_): row for row, id_ in enumerate(cities.id)}
    placed = [d.place for d in documents if d.place is not None]
    rows = np.array([by_id[place.id] for place in placed])
    away = [
        haversine_km(p.latitude, p.longitude, cities.latitude[[r]], cities.longitude[[r]])[0]
        for p, r in zip(placed[:400], rows[:400].tolist(), strict=True)
    ]

    assert 0.6 < len(placed) / len(documents) < 0.95
    assert {cities.name[r] for r in rows.tolist()} == {p.name for p in placed}
    assert max(away) < 40


def test_audiences_have_realistic_shares_and_lists_have_people(
    documents: list[PhotoDocument],
) -> None:
    kinds = Counter(d.audience.kind for d in documents)
    shares = {kind: count / len(documents) for kind, count in kinds.items()}
    listed = [d for d in documents if d.audience.kind is AudienceKind.LIST]

    assert 0.10 < shares[AudienceKind.PUBLIC] < 0.40
    assert 0.35 < shares[AudienceKind.FRIENDS] < 0.65
    assert 0.04 < shares[AudienceKind.LIST] < 0.20
    assert 0.08 < shares[AudienceKind.ONLY_ME] < 0.35
    assert all(d.author not in d.audience.members for d in listed)
    assert np.mean([bool(d.audience.members) for d in listed]) > 0.9


def test_who_is_in_a_photo_or_on_its_list_is_somebody(
    world: World, documents: list[PhotoDocument]
) -> None:
    people = len(world.names)
    friends: dict[int, set[int]] = {}
    for a, b in world.friendships.tolist():
        friends.setdefault(a, set()).add(b)
        friends.setdefault(b, set()).add(a)
    named = {p for d in documents for p in (*d.tagged, *d.audience.members)}
    beside = [(d.author, p) for d in documents for p in d.tagged]

    assert named <= set(range(1, people + 1))
    assert all(author != person for author, person in beside)
    assert np.mean([person in friends[author] for author, person in beside]) > 0.75


def test_captions_are_some_and_say_what_is_shown_or_where(documents: list[PhotoDocument]) -> None:
    said = [d for d in documents if d.caption]
    places = [d for d in said if d.place is not None and d.place.name in d.caption]

    assert 0.15 < len(said) / len(documents) < 0.6
    assert len(places) > 100
    assert not any("{" in d.caption for d in said)


def test_ranks_are_those_of_the_time(documents: list[PhotoDocument]) -> None:
    assert [static_rank(d.taken_at) for d in documents] == [d.sort_key for d in documents]
    assert any(d.taken_at is None for d in documents)


def test_the_default_viewer_and_friends_have_photos_of_every_kind(
    world: World, first: PhotoBatch
) -> None:
    """A demonstration shows own, friends' and shared photos, whatever is asked."""
    friends = {b for a, b in world.friendships.tolist() if a == 1}
    documents = list(first.documents())
    own = [d for d in documents if d.author == 1]
    of_friends = [d for d in documents if d.author in friends]
    visible = [
        d for d in of_friends if d.audience.kind in {AudienceKind.FRIENDS, AudienceKind.PUBLIC}
    ]
    shared = [d for d in of_friends if 1 in d.audience.members]
    for photos in (own, visible):
        tags = {tag.concept for d in photos for tag in d.tags[:6]}

        assert {"dog", "alp", "candle", "car", "seashore"} & tags >= {"alp", "candle", "seashore"}
    assert len(friends) > 20
    assert set(AudienceKind) == {d.audience.kind for d in own}
    assert len(shared) > 5


def test_people_have_names_of_several_scripts(world: World) -> None:
    latin = sum(name.isascii() or name[0].isascii() for name in world.names)

    assert 0.5 < latin / len(world.names) < 0.95
    assert len(set(world.names)) > len(world.names) * 0.6
