"""Nobody ever sees a photo that is not for them: fifty people, every surface, one oracle (PS-37).

The oracle below knows nothing of indexes, graphs or modules: it replays the writes into sets and
says who may see what. Whatever Alicorn answers is held against it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from alicorn.api.index.v1 import index_pb2
from alicorn.api.rack.v1 import rack_pb2
from alicorn.api.search.v1 import search_pb2
from alicorn.documents import Audience, AudienceKind, PhotoDocument
from alicorn.errors import (
    AlicornError,
    BadRequest,
    CorruptData,
    NotFound,
    TryElsewhere,
    Unauthenticated,
    UnknownViewer,
)
from alicorn.log import (
    DeleteDocument,
    PutBlock,
    PutDocument,
    PutFriendship,
    PutPerson,
    RemoveBlock,
    RemoveFriendship,
    SetAudience,
    SqliteGraph,
    Write,
)
from alicorn.rpc.packed import pack

ANONYMOUS = 0
VIEWERS = range(51)
SECRET = "0123456789abcdef0123456789abcdef"
UNKNOWN_PHOTO = 999_999

EVERYTHING = {"without_cutoff": True, "without_folding": True}


class Oracle:
    """Who may see what, by the letter of the writes."""

    def __init__(self, writes: Iterable[Write]) -> None:
        self.photos: dict[int, PhotoDocument] = {}
        self.friends: set[frozenset[int]] = set()
        self.blocks: set[tuple[int, int]] = set()
        for write in writes:
            self.take(write)

    def take(self, write: Write) -> None:
        match write:
            case PutDocument(document=photo):
                self.photos[photo.id] = photo
            case DeleteDocument(id=photo_id):
                del self.photos[photo_id]
            case SetAudience(id=photo_id, audience=audience):
                # The audience of a deleted photo may change; it stays deleted.
                if photo_id in self.photos:
                    self.photos[photo_id] = replace(self.photos[photo_id], audience=audience)
            case PutFriendship(a=a, b=b):
                self.friends.add(frozenset((a, b)))
            case RemoveFriendship(a=a, b=b):
                self.friends.discard(frozenset((a, b)))
            case PutBlock(a=a, b=b):
                self.blocks.add((a, b))
            case RemoveBlock(a=a, b=b):
                self.blocks.discard((a, b))

    def may_see(self, viewer: int, photo_id: int) -> bool:
        photo = self.photos.get(photo_id)
        if photo is None:
            return False
        if viewer and photo.author == viewer:
            return True
        if {(viewer, photo.author), (photo.author, viewer)} & self.blocks:
            return False
        match photo.audience.kind:
            case AudienceKind.PUBLIC:
                return True
            case AudienceKind.FRIENDS:
                return frozenset((viewer, photo.author)) in self.friends
            case AudienceKind.LIST:
                return viewer in photo.audience.members
        return False

    def visible(self, viewer: int) -> set[int]:
        return {photo_id for photo_id in self.photos if self.may_see(viewer, photo_id)}

    def social(self, viewer: int, photo_id: int) -> bool:
        """Whether a visible photo stands in the social module: one's own, friends', or shared."""
        photo = self.photos[photo_id]
        return bool(viewer) and (
            photo.author == viewer
            or frozenset((viewer, photo.author)) in self.friends
            or photo.audience.kind is AudienceKind.LIST
        )


def _tagged(photo: PhotoDocument, concept: str) -> bool:
    return any(tag.concept == concept for tag in photo.tags)


def _says(photo: PhotoDocument, *words: str) -> bool:
    said = f"{photo.caption} {photo.album} {photo.camera}".casefold().split()
    return all(word in said for word in words)


# Each query with what matches it, whoever asks.
QUERIES: dict[str, Callable[[PhotoDocument], bool]] = {
    "cat": lambda p: _tagged(p, "cat") or _says(p, "cats"),
    "beach ball": lambda p: _says(p, "beach", "ball"),
    "coffee mug picnic": lambda p: _tagged(p, "coffee mug") and _says(p, "picnic"),
    "album:garden": lambda p: p.album == "Garden",
    "dog camera:nikon": lambda p: _tagged(p, "dog") and p.camera.startswith("nikon"),
    "author:given7": lambda p: p.author == 7,
    "(all)": lambda p: True,
    "(or audience:only-me audience:list audience:friends audience:public)": lambda p: True,
    "(difference (all) tag:dog)": lambda p: not _tagged(p, "dog"),
    "(and text:marker* (or author:* tag:*))": lambda p: True,
}


def _shown(response: search_pb2.SearchResponse) -> list[int]:
    return [photo.id for module in response.modules for photo in module.photos]


def _folded(response: search_pb2.SearchResponse) -> list[int]:
    return [
        copy.id for module in response.modules for photo in module.photos for copy in photo.similar
    ]


def _markers(message: Any) -> set[int]:
    """Photos that leave a trace anywhere in the bytes of an answer, beside its ids."""
    found = re.findall(rb"marker(\d{4})", message.SerializeToString())
    return {int(number) for number in found}


@pytest.fixture(scope="module")
def oracle(writes_of_the_small_world: Sequence[Write]) -> Oracle:
    return Oracle(writes_of_the_small_world)


@pytest.fixture(scope="module")
def world(make_world: Any, writes_of_the_small_world: Sequence[Write]) -> Any:
    return make_world(writes_of_the_small_world)


def test_the_small_world_has_every_case(oracle: Oracle) -> None:
    """Otherwise the tests below would prove less than they say."""
    cases = {
        (bool(p.author), p.audience.kind, oracle.may_see(v, i), oracle.social(v, i))
        for i, p in oracle.photos.items()
        for v in VIEWERS
    }
    blocked_friends = [pair for pair in oracle.blocks if frozenset(pair) in oracle.friends]

    assert len(cases) >= 14
    assert len(oracle.photos) > 270
    assert blocked_friends
    assert all(len(oracle.visible(viewer)) > 20 for viewer in VIEWERS)


@pytest.mark.parametrize("query", QUERIES)
def test_a_search_shows_exactly_what_the_viewer_may_see(
    world: Any, oracle: Oracle, query: str
) -> None:
    """PS-37: no hidden photo in any output, and none that may be seen is lost.

    PS-38: social and public are told apart as the sets say.
    """
    for viewer in VIEWERS:
        expected = {i for i in oracle.visible(viewer) if QUERIES[query](oracle.photos[i])}
        expected_social = {i for i in expected if oracle.social(viewer, i)}

        response = world.search(viewer, query, **EVERYTHING)
        social = {p.id for m in response.modules if m.name == "social" for p in m.photos}
        shown = _shown(response)

        assert expected == set(shown)
        assert len(shown) == len(set(shown))
        assert expected_social == social
        assert _markers(response) <= expected


@pytest.mark.parametrize("query", QUERIES)
def test_folding_and_the_second_stage_only_see_what_the_viewer_may_see(
    world: Any, oracle: Oracle, query: str
) -> None:
    """PS-44: signals, folding and network run over visible candidates only."""
    folded = 0
    for viewer in VIEWERS:
        visible = oracle.visible(viewer)

        response = world.search(viewer, query, with_features=True)
        folded += len(_folded(response))

        assert visible.issuperset(_shown(response))
        assert visible.issuperset(_folded(response))
        assert _markers(response) <= visible
    assert folded or query not in {"(all)", "cat"}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_pictures_go_only_to_those_who_may_see_the_photo(
    world: Any, oracle: Oracle, viewer: int
) -> None:
    """The thumbnail door is as closed as the search; hidden and unknown sound the same."""
    with pytest.raises(NotFound) as unknown:
        world.picture(viewer, UNKNOWN_PHOTO)
    for photo_id in range(1, 301):
        if oracle.may_see(viewer, photo_id) and photo_id % 97:
            assert world.picture(viewer, photo_id) == f"jpeg of {photo_id}".encode()
            continue
        with pytest.raises(NotFound) as refused:
            world.picture(viewer, photo_id)
        if photo_id % 97:
            expected = str(unknown.value).replace(str(UNKNOWN_PHOTO), str(photo_id))

            assert expected == str(refused.value)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_explanations_are_only_of_what_the_viewer_may_see(
    world: Any, oracle: Oracle, viewer: int
) -> None:
    """A photo is asked about by a word that only it has; hidden and unknown sound the same.

    Each viewer asks about every sixth photo, and each photo is asked about by eight viewers.
    """
    with pytest.raises(NotFound) as unknown:
        world.explain(viewer, UNKNOWN_PHOTO, "text:marker9999", is_expression=True)
    for photo_id in range(1 + viewer % 6, 301, 6):
        query = f"text:marker{photo_id:04d}"
        if oracle.may_see(viewer, photo_id):
            story = world.explain(viewer, photo_id, query, is_expression=True, **EVERYTHING)

            assert [step.text for step in story.steps if step.stage == "sight"]
            assert story.rank == 1
            continue
        with pytest.raises(NotFound) as refused:
            world.explain(viewer, photo_id, query, is_expression=True)
        expected = str(unknown.value).replace(str(UNKNOWN_PHOTO), str(photo_id))

        assert expected == str(refused.value)


def test_an_explanation_names_no_hidden_near_copy(world: Any, oracle: Oracle) -> None:
    """Folding is told in the explanation, so it must be of visible photos alone."""
    for viewer in range(0, 51, 10):
        visible = oracle.visible(viewer)
        for photo_id in sorted(visible)[::9]:
            story = world.explain(viewer, photo_id)
            said = " ".join(s.text for s in story.steps if s.stage == "folded")
            named = {int(number) for number in re.findall(r"photo (\d+)", said)}

            assert named <= visible


# --- what is hidden changes no byte -----------------------------------------------------------

_SURFACES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cat", {}),
    ("cat", EVERYTHING),
    ("picnic", {"with_features": True}),
    ("zebra harbour", {"limit": 2}),
    ("year:2016", {}),
    ("tiramisu", {}),
    ("author:given7", {}),
    ("(all)", {"with_features": True}),
    ("(all)", EVERYTHING),
    ("(or tag:cat tag:dog audience:only-me)", {"without_second_stage": True}),
    ("(and audience:friends tag:coffee)", {}),
)


def _answers(world: Any, viewer: int, photo_ids: Iterable[int]) -> Iterator[tuple[str, bytes]]:
    """Yield every answer that ``viewer`` can get, by what was asked; errors as their words."""

    def asked(label: str, ask: Callable[[], Any]) -> tuple[str, bytes]:
        try:
            answer = ask()
        except AlicornError as error:
            return label, f"{type(error).__name__}: {error}".encode()
        if isinstance(answer, search_pb2.SearchResponse):
            answer.ClearField("timings_ms")
        if isinstance(answer, bytes):
            return label, answer
        return label, answer.SerializeToString(deterministic=True)

    for query, options in _SURFACES:
        yield asked(f"{query} {options}", lambda q=query, o=options: world.search(viewer, q, **o))
    for photo_id in photo_ids:
        yield asked(f"picture {photo_id}", lambda i=photo_id: world.picture(viewer, i))
    for photo_id in list(photo_ids)[viewer % 29 :: 29]:
        yield asked(f"explain {photo_id}", lambda i=photo_id: world.explain(viewer, i, "cat"))
        yield asked(f"explain {photo_id} of all", lambda i=photo_id: world.explain(viewer, i))
    yield asked("status", lambda: world.status(viewer))


@pytest.fixture(scope="module")
def guarded_world(make_world: Any, writes_of_the_small_world: Sequence[Write]) -> Any:
    """Put the small world behind viewer tokens, as it is served to many people."""
    return make_world(writes_of_the_small_world, secret=SECRET)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_what_a_viewer_may_not_see_changes_no_byte_of_the_answer(
    make_world: Any,
    guarded_world: Any,
    oracle: Oracle,
    writes_of_the_small_world: Sequence[Write],
    viewer: int,
) -> None:
    """The whole world cannot be told from one without the photos hidden from this viewer (PS-37).

    Not by results, scores, folds, thresholds, notices, explanations, errors or status.
    """
    visible = oracle.visible(viewer)
    people = [
        write
        for write in writes_of_the_small_world
        if not isinstance(write, PutDocument | SetAudience | DeleteDocument)
    ]
    photos = [PutDocument(oracle.photos[photo_id]) for photo_id in sorted(visible)]
    without = make_world([*people, *photos], secret=SECRET)
    try:
        expected = dict(_answers(without, viewer, range(1, 301)))
    finally:
        without.close()
    answered = dict(_answers(guarded_world, viewer, range(1, 301)))

    assert {k: v for k, v in expected.items() if answered[k] != v} == {}


def test_adding_changing_and_removing_hidden_photos_changes_no_byte(
    make_world: Any, photo_of: Any, writes_of_the_small_world: Sequence[Write]
) -> None:
    """The same, in one library over time, with the index keeping up.

    Near-copies of what the viewer sees come, change and go, and nothing that the viewer gets moves.
    """
    world = make_world(writes_of_the_small_world, secret=SECRET)
    oracle = Oracle(writes_of_the_small_world)
    random_ = random.Random(5)
    viewers = (ANONYMOUS, 3, 17, 42)
    ids = range(1, 301)
    expected = {viewer: dict(_answers(world, viewer, ids)) for viewer in viewers}
    hidden = [
        photo_of(
            random_,
            photo_id=id_,
            author=50,
            audience=Audience(AudienceKind.ONLY_ME),
            scene=id_ % 90,
        )
        for id_ in range(1_000, 1_120)
    ]
    changes = (
        [PutDocument(photo) for photo in hidden],
        [PutDocument(replace(p, caption="cats picnic harbour", popularity=9)) for p in hidden],
        [SetAudience(p.id, Audience(AudienceKind.LIST, (49, 50))) for p in hidden[:60]],
        [DeleteDocument(p.id) for p in hidden],
    )
    for change in changes:
        world.write(*change)
        world.index()
        for viewer in viewers:
            oracle_sees = oracle.visible(viewer)
            answered = dict(_answers(world, viewer, ids))

            assert not any(photo.id in oracle_sees for photo in hidden)
            assert expected[viewer] == answered


def test_a_block_by_somebody_without_visible_photos_changes_no_byte(make_world: Any) -> None:
    """Being blocked must not show: neither in the expressions of the modules, nor elsewhere."""
    people = [PutPerson(1, "Ada"), PutPerson(2, "Ben"), PutPerson(3, "Cleo")]
    photo = PhotoDocument(id=7, author=2, audience=Audience(AudienceKind.PUBLIC), caption="cat")
    world = make_world([*people, PutDocument(photo)], secret=SECRET)
    expected = dict(_answers(world, 1, [7]))

    world.write(PutBlock(3, 1))

    assert expected == dict(_answers(world, 1, [7]))


# --- what was narrowed is gone at once --------------------------------------------------------


def test_narrowing_counts_in_the_very_next_answer_though_the_index_lags(
    make_world: Any, writes_of_the_small_world: Sequence[Write]
) -> None:
    """Ended friendships, blocks, narrower audiences and deletions hide photos at once.

    The shards here have not heard of any of them.
    """
    world = make_world(writes_of_the_small_world)
    oracle = Oracle(writes_of_the_small_world)
    random_ = random.Random(11)
    alive = sorted(oracle.photos)
    writes: list[Write] = [
        *(
            RemoveFriendship(*sorted(pair))
            for pair in random_.sample(sorted(map(sorted, oracle.friends)), 15)
        ),
        *(PutBlock(*random_.sample(range(1, 51), 2)) for _ in range(15)),
        *(SetAudience(i, Audience(AudienceKind.ONLY_ME)) for i in random_.sample(alive, 15)),
        *(
            SetAudience(i, Audience(AudienceKind.LIST, (1, 2, 3)))
            for i in random_.sample(alive, 10)
        ),
        *(DeleteDocument(i) for i in random_.sample(alive, 10)),
    ]
    random_.shuffle(writes)
    hidden = 0
    for write in writes:
        match write:
            case DeleteDocument(id=photo_id) | SetAudience(id=photo_id):
                if photo_id not in oracle.photos:
                    continue
                viewers = [v for v in VIEWERS if oracle.may_see(v, photo_id)][:6]
            case PutBlock(a=a, b=b) | RemoveFriendship(a=a, b=b):
                viewers = [a, b]
        before = {viewer: oracle.visible(viewer) for viewer in viewers}
        world.write(write)
        oracle.take(write)
        for viewer in viewers:
            visible = oracle.visible(viewer)

            shown = set(_shown(world.search(viewer, "(all)", **EVERYTHING)))
            folded = world.search(viewer, "(all)")

            assert visible.issuperset(shown)
            assert visible.issuperset([*_shown(folded), *_folded(folded)])
            assert _markers(folded) <= visible
            for photo_id in before[viewer] - visible:
                hidden += 1
                with pytest.raises(NotFound):
                    world.picture(viewer, photo_id)
                with pytest.raises(NotFound):
                    world.explain(viewer, photo_id)

    assert hidden > 40


# --- fail closed ------------------------------------------------------------------------------


def _surfaces_of(world: Any, viewer: int) -> list[Callable[[], Any]]:
    return [
        lambda: world.search(viewer, "cat"),
        lambda: world.search(viewer, "(all)", **EVERYTHING),
        lambda: world.explain(viewer, 1),
        lambda: world.picture(viewer, 1),
    ]


@pytest.mark.parametrize("viewer", [ANONYMOUS, 3])
def test_without_the_graph_there_is_an_error_and_no_results(
    make_world: Any, writes_of_the_small_world: Sequence[Write], viewer: int
) -> None:
    """The index alone would know enough to answer; it must not."""
    world = make_world(writes_of_the_small_world)

    world.graph.close()

    for ask in _surfaces_of(world, viewer):
        with pytest.raises(TryElsewhere):
            ask()


@pytest.mark.parametrize("viewer", [ANONYMOUS, 3])
def test_with_a_damaged_graph_there_is_an_error_and_no_results(
    make_world: Any, writes_of_the_small_world: Sequence[Write], viewer: int
) -> None:
    """Bytes written over the graph's file, under a server that has it open."""
    world = make_world(writes_of_the_small_world)
    world.log.close()
    world.graph.close()
    for suffix in ("-wal", "-shm"):
        world.path.with_name(world.path.name + suffix).unlink(missing_ok=True)
    with world.path.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(4_096)
        file.write(b"\xff" * (size - 4_096))
    try:
        world.top._graph = world.top._life._graph = SqliteGraph(world.path)
    except AlicornError:
        return

    for ask in _surfaces_of(world, viewer):
        with pytest.raises(AlicornError):
            ask()


@pytest.mark.parametrize("viewer", [51, 2**63, 2**64 - 1])
def test_a_stranger_is_refused_everywhere(world: Any, viewer: int) -> None:
    """A viewer whom the graph does not know is nobody's friend, and is not silently anonymous."""
    for ask in _surfaces_of(world, viewer):
        with pytest.raises(UnknownViewer):
            ask()


class LyingRack:
    """A rack whose index says that every photo, and some that do not exist, is a public match."""

    def __init__(self, rack: Any) -> None:
        self._rack = rack

    def __call__(self, method: str, request: Any, allowed_s: float) -> Any:
        answer = self._rack(method, request, allowed_s)
        if isinstance(request, rack_pb2.SearchRequest):
            self._forge(answer.hits, request.request.ranking.viewer)
        if isinstance(request, rack_pb2.FetchRequest):
            # Documents that nobody asked for, besides.
            everything = rack_pb2.FetchRequest(ids=pack(np.arange(1, 301, dtype=np.uint64)))
            answer = self._rack("Fetch", everything, allowed_s)
        return answer

    def _forge(self, hits: index_pb2.Hits, viewer: int) -> None:
        strange = [0, UNKNOWN_PHOTO, 2**63 - 1, 2**63, 2**64 - 1]
        ids = np.array([*range(1, 301), *strange], dtype=np.uint64)
        n = ids.size
        width = max(len(hits.feature_names), 1)
        hits.count = n
        hits.ids = pack(ids)
        hits.sort_keys = pack(np.full(n, 2**32 - 1, dtype=np.uint32))
        hits.scores = pack(np.full(n, 2**40, dtype=np.int64))
        hits.concept_scores = pack(np.full(n, 2**40, dtype=np.int64))
        hits.features = pack(np.ones((n, width), dtype=np.float32))
        columns = hits.columns
        columns.authors = pack(np.full(n, viewer, dtype=np.uint64))
        columns.audiences = pack(np.full(n, AudienceKind.PUBLIC, dtype=np.uint8))
        columns.taken_at = pack(np.zeros(n, dtype=np.int64))
        columns.fingerprints = pack(np.zeros((n, 32), dtype=np.uint8))
        columns.fingerprint_qualities = pack(np.full(n, 100, dtype=np.uint8))
        columns.visual = pack(np.zeros((n, 32), dtype=np.uint8))


def test_an_index_that_lies_about_ids_and_authors_shows_nothing_more(
    make_world: Any, oracle: Oracle, writes_of_the_small_world: Sequence[Write]
) -> None:
    """Lineage from the index is a hint; the right to see comes from the graph alone."""
    world = make_world(writes_of_the_small_world, wrap=LyingRack)
    for viewer in range(0, 51, 3):
        visible = oracle.visible(viewer)

        response = world.search(viewer, "tag:cat", is_expression=True, **EVERYTHING)

        assert visible == set(_shown(response))
        assert _markers(response) <= visible
        for photo_id in (set(range(1, 301)) - visible).pop(), 2**63, 2**64 - 1, 0:
            with pytest.raises(NotFound):
                world.explain(viewer, photo_id, "cat")


class NonsenseRack:
    """A rack whose arrays do not fit together."""

    def __init__(self, rack: Any) -> None:
        self._rack = rack

    def __call__(self, method: str, request: Any, allowed_s: float) -> Any:
        answer = self._rack(method, request, allowed_s)
        if isinstance(request, rack_pb2.SearchRequest):
            answer.hits.count += 1
        return answer


def test_an_answer_that_does_not_fit_together_is_an_error(
    make_world: Any, writes_of_the_small_world: Sequence[Write]
) -> None:
    """Ids and lineage that are shifted against each other must not be paired up somehow."""
    world = make_world(writes_of_the_small_world, wrap=NonsenseRack)

    with pytest.raises(CorruptData):
        world.search(3, "(all)")


# --- who asks ---------------------------------------------------------------------------------


def test_with_tokens_only_the_token_names_the_viewer(guarded_world: Any, oracle: Oracle) -> None:
    """An id in the request is not believed, and without a token there is nothing."""
    own = guarded_world.key.sign(3, valid_s=60)
    forged = search_pb2.Viewer(id=42, token=own)
    asked = search_pb2.SearchRequest(query="(all)", is_expression=True, viewer=forged, limit=500)
    asked.without_folding = asked.without_cutoff = True

    assert oracle.visible(3) == set(_shown(guarded_world.handler.search(asked)))
    for viewer in search_pb2.Viewer(id=42), search_pb2.Viewer(id=42, token=own[:-2] + "AA"):
        asked.viewer.CopyFrom(viewer)
        explain = search_pb2.ExplainRequest(search=asked, photo_id=1)
        picture = search_pb2.GetPictureRequest(viewer=viewer, photo_id=1)
        status = search_pb2.GetStatusRequest(viewer=viewer)
        handler = guarded_world.handler
        for ask, request in (
            (handler.search, asked),
            (handler.explain, explain),
            (handler.get_picture, picture),
            (handler.get_status, status),
        ):
            with pytest.raises(Unauthenticated):
                ask(request)


def test_with_tokens_nobody_is_named_and_nothing_is_counted(guarded_world: Any) -> None:
    """The sample shelf's switch and a status with numbers would tell of other people."""
    people = guarded_world.handler.list_viewers(search_pb2.ListViewersRequest())
    status = guarded_world.status(3)

    assert people == search_pb2.ListViewersResponse()
    assert not status.sample
    assert not status.HasField("understanding")
    assert status.documents == 0
    assert all(
        shard == search_pb2.Shard(shard=number) for number, shard in enumerate(status.shards)
    )


def test_who_else_may_see_a_photo_is_not_for_asking(world: Any) -> None:
    """A friend who shares a list must not learn by `listed:` who else is on it."""
    for query in ("(and (all) listed:5)", "(or tag:cat listed:*)", "(difference (all) listed:5)"):
        with pytest.raises(BadRequest, match="listed"):
            world.search(3, query)


def test_a_block_keeps_a_name_from_being_found(make_world: Any) -> None:
    """`author:ben` is answered with ids; whom a block keeps apart has none."""
    people = [PutPerson(1, "Ada"), PutPerson(2, "Ben Bo"), PutPerson(3, "Ben Bu")]
    world = make_world(people)

    assert world.search(1, "author:ben").expression == "(or author:2 author:3)"
    world.write(PutBlock(3, 1))

    assert world.search(1, "author:ben").expression == "(or author:2)"
