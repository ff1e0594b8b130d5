"""A query's life on a world of a few photos: what the person is told beside the photos."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator.top.handler import TopHandler
from alicorn.api.index.v1 import index_pb2
from alicorn.api.rack.v1 import rack_pb2
from alicorn.api.search.v1 import search_pb2
from alicorn.documents import Audience, AudienceKind, PhotoDocument, Tag
from alicorn.errors import BadRequest, DeadlineSpent, NotFound
from alicorn.log import PutDocument, PutFriendship, PutPerson

PUBLIC = Audience(AudienceKind.PUBLIC)
FRIENDS = Audience(AudienceKind.FRIENDS)


@pytest.fixture(scope="module")
def world(make_world: Any) -> Any:
    photos = [
        PhotoDocument(
            id=1, author=1, sort_key=30, tags=(Tag("cat", 0.9),), caption="at the harbour"
        ),
        PhotoDocument(id=2, author=2, sort_key=20, audience=FRIENDS, tags=(Tag("cat", 0.4),)),
        PhotoDocument(id=3, author=3, sort_key=10, audience=PUBLIC, tags=(Tag("cat", 0.7),)),
        PhotoDocument(id=4, author=3, sort_key=40, audience=PUBLIC, tags=(Tag("dog", 0.7),)),
    ]
    people = [PutPerson(1, "Ada"), PutPerson(2, "Ben"), PutPerson(3, "Cleo")]
    return make_world([*people, PutFriendship(1, 2), *map(PutDocument, photos)])


def _pages(response: search_pb2.SearchResponse) -> dict[str, list[int]]:
    return {module.name: [photo.id for photo in module.photos] for module in response.modules}


PLAIN = {"without_cutoff": True, "without_second_stage": True}


def test_social_stands_above_public(world: Any) -> None:
    """PS-38, PS-48: two ordered parts, each best first, with words over them."""
    response = world.search(1, "cat", **PLAIN)

    assert [m.name for m in response.modules] == ["social", "public"]
    assert _pages(response) == {"social": [1, 2], "public": [3]}
    assert [m.title for m in response.modules] == ["Your photos and your friends'", "Public photos"]


def test_dogs_do_not_come_for_cats(world: Any) -> None:
    """PS-42 in the small: what is asked for and nothing else."""
    assert _pages(world.search(0, "cat", **PLAIN)) == {"public": [3]}
    assert _pages(world.search(0, "dog", **PLAIN)) == {"public": [4]}


def test_browsing_is_newest_first(world: Any) -> None:
    """Where nothing ranks, the static rank does."""
    assert _pages(world.search(0, "(all)")) == {"public": [4, 3]}


def test_each_photo_says_why_it_matched_and_why_it_may_be_seen(world: Any) -> None:
    """The edge that made it visible comes last."""
    response = world.search(1, "cat", **PLAIN)
    why = {photo.id: list(photo.why) for module in response.modules for photo in module.photos}

    assert why[1] == ["shows cat", "your photo"]
    assert why[2] == ["shows cat", "Ben is your friend"]
    assert why[3] == ["shows cat", "public"]


def test_an_empty_module_is_left_out(world: Any) -> None:
    """No heading over nothing."""
    assert _pages(world.search(1, "harbour", **PLAIN)) == {"social": [1]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cat", []),
        ("zebra", ["nothing here matches “zebra” well enough to be shown"]),
        (
            "xyzzy plugh",
            [
                "nothing here matches “xyzzy plugh” well enough to be shown",
                "“xyzzy, plugh” is no concept that pictures are known by; "
                "only texts were searched for it",
            ],
        ),
        ("year:1999", ["nothing matches"]),
        ("(and tag:cat tag:dog)", ["nothing matches"]),
    ],
)
def test_a_missing_match_is_said_plainly(world: Any, query: str, expected: list[str]) -> None:
    """An empty page with a reason, never an empty page alone."""
    response = world.search(1, query, without_cutoff=True)

    assert expected == list(response.notices)
    assert bool(expected) is not bool(response.modules)


def test_every_step_is_timed(world: Any) -> None:
    """PS-43: where the milliseconds went, and all of them."""
    timings = dict(world.search(1, "cat").timings_ms)
    steps = {"understand", "retrieve", "privacy", "second-stage", "fetch", "present"}

    assert set(timings) == {*steps, "total"}
    assert timings["total"] == pytest.approx(sum(timings[step] for step in steps))


def test_the_query_is_told_as_it_was_understood(world: Any) -> None:
    """Phrases, concepts and the expression without anybody's audience."""
    response = world.search(1, "cats harbour")

    assert [(p.text, list(p.concepts)) for p in response.understood] == [
        ("cats", ["cat"]),
        ("harbour", []),
    ]
    assert response.expression == "(and (or tag:cat text:cat) text:harbour)"


def test_features_come_only_when_asked_for(world: Any) -> None:
    """A row for each photo, with the names of its columns."""
    without = world.search(1, "cat", **PLAIN)
    response = world.search(1, "cat", with_features=True, **PLAIN)
    photos = [photo for module in response.modules for photo in module.photos]

    assert not without.feature_names
    assert not without.modules[0].photos[0].features
    assert "concept_score" in response.feature_names
    assert all(len(photo.features) == len(response.feature_names) for photo in photos)


@pytest.mark.parametrize(("limit", "shown"), [(1, 1), (2, 2), (500, 2)])
def test_a_module_shows_at_most_the_limit(world: Any, limit: int, shown: int) -> None:
    """Each module by itself."""
    response = world.search(1, "cat", limit=limit, **PLAIN)

    assert shown == len(response.modules[0].photos)


@pytest.mark.parametrize(
    ("query", "fields"),
    [("cat", {"limit": 501}), ("", {}), ("   ", {}), ("x" * 10_000, {}), ("(", {})],
)
def test_a_bad_request_is_refused(world: Any, query: str, fields: dict[str, int]) -> None:
    """Each with its reason; nothing is cut silently."""
    with pytest.raises(BadRequest):
        world.search(1, query, **fields)


def test_without_time_there_is_no_search(world: Any) -> None:
    """An answer that comes too late is work for nobody."""
    with pytest.raises(DeadlineSpent):
        world.handler.search(world.request(1, "cat"), allowed_s=0.001)


def test_coverage_is_of_shards_and_says_what_is_missing(world: Any) -> None:
    """Shares of documents would tell of photos that the viewer may not see."""

    class Half:
        def __call__(self, method: str, request: Any, allowed_s: float) -> Any:
            answer = world.rack(method, request, allowed_s)
            if isinstance(request, rack_pb2.SearchRequest):
                answer.coverage.CopyFrom(
                    index_pb2.Coverage(
                        shards=2, answered=1, documents=9, documents_answered=8, cuts=["deadline"]
                    )
                )
            return answer

    response = TopHandler(world.top, Half(), allowed_s=5.0).search(world.request(1, "cat"))

    assert response.coverage == search_pb2.Coverage(
        shards=2, answered=1, share=0.5, cuts=["deadline"]
    )


def test_an_explanation_goes_from_word_to_rank_to_sight(world: Any) -> None:
    """The chain in order, for a photo that is shown."""
    story = world.explain(1, 1, "cat harbour", **PLAIN)
    stages = list(dict.fromkeys(step.stage for step in story.steps))

    assert stages == ["concept", "word", "term", "first stage", "sight"]
    assert (story.rank, story.module) == (1, "social")
    assert story.steps[-1].text == "your photo"
    with pytest.raises(NotFound):
        world.explain(1, 4, "cat harbour")


def test_the_sample_people_are_named_where_the_viewer_may_be_switched(world: Any) -> None:
    """In the order of their ids, on the sample shelf alone."""
    answer = world.handler.list_viewers(search_pb2.ListViewersRequest())

    assert [(person.id, person.name) for person in answer.people] == [
        (1, "Ada"),
        (2, "Ben"),
        (3, "Cleo"),
    ]
    assert answer.default_id == 0


def test_status_counts_where_nobody_must_be_told_apart(world: Any) -> None:
    """On loopback, without tokens."""
    status = world.status(1)

    assert status.documents == 4
    assert status.shards_expected == 2
    assert [shard.shard for shard in status.shards] == [0, 1]
    assert status.understanding.done == 300
    assert status.sample


def test_photos_whose_shard_is_lost_after_they_were_found_are_told(world: Any) -> None:
    """Nobody takes a page that lost some photos for the whole answer."""

    def losing(method: str, request: Any, allowed_s: float) -> Any:
        answer = world.rack(method, request, allowed_s)
        if isinstance(answer, rack_pb2.FetchResponse):
            del answer.found.documents[:]
            answer.lost = 1
        return answer

    handler = TopHandler(world.top, losing, allowed_s=5.0)
    response = handler.search(
        search_pb2.SearchRequest(query="cat", viewer=search_pb2.Viewer(id=1), **PLAIN)
    )

    assert _pages(response) == {}
    assert list(response.coverage.cuts) == ["documents"]
