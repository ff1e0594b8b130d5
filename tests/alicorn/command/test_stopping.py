"""A shard that is stopped: what is missing then, who says so, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alicorn.api.search.v1 import search_pb2
from alicorn.command.library import LibrarySettings, create_library
from alicorn.command.tiers import LocalTiers
from alicorn.config.serving import ServingConfig
from alicorn.documents import Audience, AudienceKind, PhotoDocument, Tag
from alicorn.documents.partition import partition_of, shard_of_partition
from alicorn.errors import CorruptIndex, NotFound, TryElsewhere
from alicorn.log import DeleteDocument, PutDocument, PutPerson

SHARDS, PHOTOS = 4, 64
ASKED = search_pb2.SearchRequest(
    query="(or tag:cat tag:dog)",
    is_expression=True,
    limit=100,
    without_cutoff=True,
    without_folding=True,
    without_second_stage=True,
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalTiers]:
    """Open a library of 64 public photos in four shards, each a cat or a dog of its own shade."""
    folder = tmp_path_factory.mktemp("stopping")
    settings = LibrarySettings(name="pets", photos=str(folder), shards=SHARDS)
    # Kernels may compile while the first search runs.
    patient = ServingConfig(shard_timeout_s=120.0, search_timeout_s=120.0)
    library = create_library(folder / "library", settings)
    with LocalTiers(library, serving=patient, writable=True) as tiers:
        tiers.log.append([PutPerson(1, "Ada")])
        tiers.log.append([PutDocument(_photo(number)) for number in range(PHOTOS)])
        tiers.catch_up()
        yield tiers


@pytest.fixture
def tiers(opened: LocalTiers) -> Iterator[LocalTiers]:
    """Give the library with every shard running, and leave it so."""
    yield opened
    for number in range(SHARDS):
        opened.start_shard(number)


def _photo(number: int) -> PhotoDocument:
    return PhotoDocument(
        author=1,
        sort_key=number,
        audience=Audience(AudienceKind.PUBLIC),
        content_hash=number.to_bytes(32, "big"),
        tags=(Tag("cat" if number % 2 else "dog", 0.2 + number / 100),),
    )


def _ids(response: search_pb2.SearchResponse) -> list[int]:
    return [photo.id for module in response.modules for photo in module.photos]


def _shard_of(photo_id: int) -> int:
    return shard_of_partition(partition_of(photo_id), SHARDS)


@pytest.mark.parametrize("stopped", [{0}, {3}, {1, 2}, {0, 2}, {0, 1, 3}])
def test_the_other_shards_answer_exactly_as_before(tiers: LocalTiers, stopped: set[int]) -> None:
    """PS-41: what is missing is the stopped shards' share, and nothing changes its place."""
    whole = _ids(tiers.search.search(ASKED))
    for number in stopped:
        tiers.stop_shard(number)
    response = tiers.search.search(ASKED)

    assert len(whole) == PHOTOS
    assert _ids(response) == [id_ for id_ in whole if _shard_of(id_) not in stopped]
    assert tiers.stopped == stopped


def test_with_half_of_the_shards_stopped_the_coverage_is_half(tiers: LocalTiers) -> None:
    """Every answer says how complete it is; started again, it is whole."""
    tiers.stop_shard(1)
    tiers.stop_shard(2)
    half = tiers.search.search(ASKED).coverage
    tiers.start_shard(1)
    tiers.start_shard(2)
    again = tiers.search.search(ASKED)

    assert (half.shards, half.answered) == (SHARDS, SHARDS // 2)
    assert (again.coverage.shards, again.coverage.answered) == (SHARDS, SHARDS)
    assert len(_ids(again)) == PHOTOS
    assert tiers.stopped == frozenset()


def test_a_photo_of_a_stopped_shard_is_not_explained(tiers: LocalTiers) -> None:
    """As if it were not there; those of the others are explained as before."""
    gone, there = _ids(tiers.search.search(ASKED))[0], 0
    tiers.stop_shard(_shard_of(gone))
    there = _ids(tiers.search.search(ASKED))[0]

    with pytest.raises(NotFound):
        tiers.search.explain(search_pb2.ExplainRequest(search=ASKED, photo_id=gone))
    steps = tiers.search.explain(search_pb2.ExplainRequest(search=ASKED, photo_id=there)).steps
    assert len(steps) > 1


def test_the_status_misses_a_stopped_shard(tiers: LocalTiers) -> None:
    """It says how many there should be, and which of them are there."""
    tiers.stop_shard(2)
    status = tiers.search.get_status(search_pb2.GetStatusRequest())

    assert [shard.shard for shard in status.shards] == [0, 1, 3]
    assert status.shards_expected == SHARDS
    assert status.documents == sum(_shard_of(id_) != 2 for id_ in range(1, PHOTOS + 1))


def test_with_every_shard_stopped_nobody_answers(tiers: LocalTiers) -> None:
    """An empty page would say that there are no such photos."""
    for number in range(SHARDS):
        tiers.stop_shard(number)

    with pytest.raises(TryElsewhere, match="shard 0 is stopped; start it again"):
        tiers.search.search(ASKED)
    assert not tiers.search.get_status(search_pb2.GetStatusRequest()).shards


def test_what_was_deleted_meanwhile_does_not_come_back(tiers: LocalTiers) -> None:
    """PS-37: the log is applied to a stopped shard, as to a process before it answers."""
    (extra,) = tiers.log.append([PutDocument(_photo(PHOTOS))])
    tiers.catch_up()
    tiers.stop_shard(_shard_of(extra.id))
    tiers.log.append([DeleteDocument(extra.id)])
    tiers.catch_up()
    tiers.start_shard(_shard_of(extra.id))

    assert len(_ids(tiers.search.search(ASKED))) == PHOTOS


def test_stopping_twice_is_stopping_once_and_no_shard_is_refused(tiers: LocalTiers) -> None:
    """Two pages may be open; a number that is no shard is a mistake."""
    tiers.stop_shard(0)
    tiers.stop_shard(0)
    tiers.start_shard(0)

    assert tiers.search.search(ASKED).coverage.answered == SHARDS
    with pytest.raises(NotFound, match=r"found shard 4, needed one of \[0, 1, 2, 3\]"):
        tiers.stop_shard(SHARDS)


def test_a_failed_opening_gives_every_shard_back(opened: LocalTiers, tmp_path: Path) -> None:
    """Else a shelf that could not be opened once could never be: its lock would be held."""
    settings = LibrarySettings(name="two", photos=str(tmp_path), shards=2)
    library = create_library(tmp_path / "library", settings)
    with LocalTiers(library, writable=True):
        pass
    (library.shard_path(1) / "manifest.json").write_bytes(b"{")
    with pytest.raises(CorruptIndex, match="manifest"):
        LocalTiers(library, writable=True)
    (library.shard_path(1) / "manifest.json").unlink()
    with LocalTiers(library, writable=True) as tiers:
        assert len(tiers.shards) == 2
