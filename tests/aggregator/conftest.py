"""A small world in one process: log, graph, shards, rack and top, nothing replaced.

`make_world` opens an empty one; `writes_of_the_small_world` are the 50 people, their friendships
and blocks, and some 300 photos of all audiences, in the order in which they were written.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from google.protobuf.message import Message

from aggregator.rack.handler import RackHandler
from aggregator.rack.merge import KnownServer
from aggregator.rack.policy import Rack
from aggregator.top.handler import TopHandler
from aggregator.top.models import TopModels
from aggregator.top.tokens import TokenKey
from aggregator.top.top import Top
from alicorn.api.index.v1 import index_pb2
from alicorn.api.search.v1 import search_pb2
from alicorn.config.serving import ServingConfig
from alicorn.documents import Audience, AudienceKind, PhotoDocument, Place, Tag
from alicorn.documents.model import static_rank
from alicorn.errors import NotFound
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
    SqliteLog,
    Write,
)
from indexserver.config import ShardConfig
from indexserver.handler import IndexHandler
from indexserver.shard import Shard
from indexserver.tail import LogTail
from ranker.features import SECOND_STAGE
from ranker.second_stage.cutoff import Cutoff
from ranker.second_stage.model import SecondStageModel
from ranker.second_stage.net import Network
from understanding.concepts.lexicon import Lexicon
from understanding.queries import Terms
from understanding.texts.statistics import TextStatistics

NOW = 1_700_000_000
PEOPLE = range(1, 51)
SECRET = "0123456789abcdef0123456789abcdef"

# What stands in for the statistics that ship: made of other texts, the same for every library.
_STATISTICS = TextStatistics(
    version=1,
    documents=1_000,
    words=6_000,
    frequencies=MappingProxyType({"picnic": 40, "harbour": 12, "cat": 90, "dog": 80}),
)


def second_stage() -> SecondStageModel:
    """Return a network that looks at every feature, with weights from a fixed seed."""
    random_ = np.random.default_rng(7)
    width = len(SECOND_STAGE)
    return SecondStageModel(
        network=Network(
            mean=np.zeros(width),
            scale=np.ones(width),
            weights=(random_.normal(size=(width, 8)), random_.normal(size=(8, 1))),
            biases=(random_.normal(size=8), random_.normal(size=1)),
        ),
        cutoff=Cutoff(slope=0.5, intercept=0.0, threshold=0.4),
        described_cutoff=Cutoff(slope=0.5, intercept=0.0, threshold=0.4),
    )


class Surroundings:
    """A library whose small pictures are their photos' numbers."""

    name = "small world"
    sample = True
    default_viewer = 0

    def picture(self, photo_id: int) -> bytes:
        if photo_id % 97 == 0:
            raise NotFound("the small picture was removed by hand")
        return f"jpeg of {photo_id}".encode()

    def understanding(self) -> search_pb2.Understanding:
        return search_pb2.Understanding(found=300, done=300)


class World:
    """Everything between a write and a page, in one process."""

    def __init__(
        self,
        folder: Path,
        *,
        shards: int = 2,
        secret: str = "",
        wrap: Callable[[Any], Any] = lambda rack: rack,
    ) -> None:
        folder.mkdir(parents=True)
        self.path = folder / "log.db"
        self.log = SqliteLog(self.path)
        self.graph = SqliteGraph(self.path)
        _STATISTICS.save(folder / "statistics")
        self.shards = [
            Shard(
                ShardConfig(
                    directory=folder / f"shard-{n}",
                    shard=n,
                    shards=shards,
                    statistics=folder / "statistics",
                )
            ).open()
            for n in range(shards)
        ]
        self.tail = LogTail(self.shards, self.log)
        self.key = TokenKey(secret) if secret else None
        handlers = {f"index/{n}": IndexHandler([s]) for n, s in enumerate(self.shards)}
        self.calls = {target: _call(handler) for target, handler in handlers.items()}
        self.rack = RackHandler(
            Rack([KnownServer(target, 1) for target in handlers], shard_timeout_s=30.0),
            self.calls,
        )
        self.top = Top(
            graph=self.graph,
            models=TopModels(
                terms=Terms(Lexicon.load()), first_stage=None, second_stage=second_stage()
            ),
            serving=ServingConfig(search_timeout_s=60.0),
            surroundings=Surroundings(),
            now_local=lambda: NOW,
            key=self.key,
        )
        self.handler = TopHandler(self.top, wrap(self.rack), allowed_s=60.0)
        self.writes: list[Write] = []

    def write(self, *writes: Write) -> None:
        """Append, and nothing more: the index lags behind."""
        self.log.append(writes)
        self.writes.extend(writes)

    def index(self) -> None:
        """Let the shards take what the log has."""
        self.tail.catch_up()

    def viewer(self, person: int) -> search_pb2.Viewer:
        if self.key is None:
            return search_pb2.Viewer(id=person)
        return search_pb2.Viewer(token=self.key.sign(person, valid_s=3_600))

    def request(self, person: int, query: str, **fields: Any) -> search_pb2.SearchRequest:
        fields.setdefault("limit", 500)
        fields.setdefault("is_expression", query.startswith("("))
        return search_pb2.SearchRequest(query=query, viewer=self.viewer(person), now=NOW, **fields)

    def search(self, person: int, query: str, **fields: Any) -> search_pb2.SearchResponse:
        return self.handler.search(self.request(person, query, **fields))

    def explain(
        self, person: int, photo_id: int, query: str = "(all)", **fields: Any
    ) -> search_pb2.ExplainResponse:
        search = self.request(person, query, **fields)
        return self.handler.explain(search_pb2.ExplainRequest(search=search, photo_id=photo_id))

    def picture(self, person: int, photo_id: int) -> bytes:
        request = search_pb2.GetPictureRequest(viewer=self.viewer(person), photo_id=photo_id)
        return self.handler.get_picture(request).jpeg

    def status(self, person: int) -> search_pb2.GetStatusResponse:
        return self.handler.get_status(search_pb2.GetStatusRequest(viewer=self.viewer(person)))

    def close(self) -> None:
        for shard in self.shards:
            shard.close()
        self.graph.close()
        self.log.close()


def _call(handler: IndexHandler) -> Callable[[str, Message, float], Message]:
    def call(method: str, request: Message, allowed_s: float) -> Message:
        if isinstance(request, index_pb2.SearchRequest):
            return handler.search(request, allowed_s)
        if isinstance(request, index_pb2.FetchRequest):
            return handler.fetch(request)
        return handler.status()

    return call


@pytest.fixture(scope="module")
def make_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., World]]:
    """Open worlds in folders of their own; they are closed at the end of the module."""
    opened: list[World] = []

    def make(writes: Sequence[Write] = (), **settings: Any) -> World:
        world = World(tmp_path_factory.mktemp("world") / "library", **settings)
        opened.append(world)
        world.write(*writes)
        world.index()
        return world

    yield make
    for world in opened:
        world.close()


_CONCEPTS = ("cat", "dog", "zebra", "coffee", "coffee mug", "sports car", "beacon")
_WORDS = ("picnic", "harbour", "birthday", "snow", "cats", "beach ball")
_ALBUMS = ("Holiday 2016", "Garden", "Family Reunion")
_CAMERAS = ("canon eos 5d", "nikon d80", "")
_PLACES = (
    Place(2643743, "London", "GB", 51.5, -0.1),
    Place(2988507, "Paris", "FR", 48.9, 2.3),
    None,
)


@pytest.fixture(scope="session")
def photo_of() -> Callable[..., PhotoDocument]:
    """Make a photo from a seed; `scene` says which other photos it is a near-copy of."""
    return _photo


def _photo(
    random_: random.Random,
    *,
    photo_id: int,
    author: int,
    audience: Audience,
    scene: int,
) -> PhotoDocument:
    of_scene = random.Random(scene)
    fingerprint = bytearray(of_scene.randbytes(32))
    visual = of_scene.randbytes(32)
    scene_taken_at = NOW - of_scene.randrange(10 * 365 * 86_400)
    for _ in range(random_.randrange(4)):
        fingerprint[random_.randrange(32)] ^= 1 << random_.randrange(8)
    taken_at = scene_taken_at + random_.randrange(8) if random_.random() < 0.9 else None
    concepts = random_.sample(_CONCEPTS, random_.randrange(1, 4))
    return PhotoDocument(
        id=photo_id,
        sort_key=static_rank(taken_at),
        content_hash=random_.randbytes(32),
        author=author,
        tagged=tuple(sorted(random_.sample(PEOPLE, random_.randrange(3)))),
        audience=audience,
        taken_at=taken_at,
        place=random_.choice(_PLACES),
        camera=random_.choice(_CAMERAS),
        caption=f"{' '.join(random_.sample(_WORDS, 2))} marker{photo_id:04d}",
        album=random_.choice(_ALBUMS),
        tags=tuple(
            Tag(concept, round(0.95 - 0.2 * place, 2)) for place, concept in enumerate(concepts)
        ),
        visual=visual,
        fingerprint=bytes(fingerprint),
        fingerprint_quality=random_.choice((30, 80, 100)),
        quality=random_.random(),
        popularity=random_.randrange(1_000),
        uri=f"shelf/marker{photo_id:04d}.jpg",
        width=random_.choice((640, 1024)),
        height=480,
    )


def _audience(random_: random.Random) -> Audience:
    kind = random_.choice(tuple(AudienceKind))
    if kind is not AudienceKind.LIST:
        return Audience(kind)
    return Audience(kind, tuple(sorted(random_.sample(PEOPLE, random_.randrange(1, 8)))))


@pytest.fixture(scope="session")
def writes_of_the_small_world() -> tuple[Write, ...]:
    """50 people, 150 friendships, 25 blocks, 300 photos; then changes of each kind."""
    random_ = random.Random(2026)
    writes: list[Write] = [PutPerson(p, f"Given{p} Family{p % 7}") for p in PEOPLE]
    pairs = [(a, b) for a in PEOPLE for b in PEOPLE if a < b]
    friends = random_.sample(pairs, 150)
    writes += [PutFriendship(a, b) for a, b in friends]
    # Some blocks are between friends, and some of a friend by the other one's friend.
    blocks = random_.sample(friends, 10) + random_.sample(pairs, 15)
    writes += [PutBlock(*random_.sample(pair, 2)) for pair in dict.fromkeys(blocks)]
    for id_ in range(1, 301):
        # Every fifteenth belongs to nobody known, as in a folder without an owner.
        author = 0 if id_ % 15 == 0 else random_.choice(PEOPLE)
        audience = _audience(random_)
        scene = random_.randrange(90)
        photo = _photo(random_, photo_id=id_, author=author, audience=audience, scene=scene)
        writes.append(PutDocument(photo))
    writes += [RemoveFriendship(a, b) for a, b in random_.sample(friends, 20)]
    writes += [RemoveBlock(w.a, w.b) for w in writes if isinstance(w, PutBlock) and w.a % 6 == 0]
    writes += [SetAudience(id_, _audience(random_)) for id_ in random_.sample(range(1, 301), 40)]
    writes += [DeleteDocument(id_) for id_ in random_.sample(range(1, 301), 15)]
    for id_ in random_.sample(range(1, 301), 15):
        audience = _audience(random_)
        again = _photo(
            random_, photo_id=id_, author=random_.choice(PEOPLE), audience=audience, scene=id_ % 90
        )
        writes.append(PutDocument(again))
    return tuple(writes)
