"""A small search backend in memory, and the web application over it.

The backend keeps the promises of the wire contract over plain lists: words match tags and captions,
audiences are checked for every answer and picture, and errors are those of `alicorn.errors`. It is
the slow and obvious kind of backend; nothing in it is recorded or patched.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from alicorn.api.search.v1 import search_pb2 as pb
from alicorn.errors import (
    AlicornError,
    BadRequest,
    MalformedQuery,
    NotFound,
    Unauthenticated,
    UnknownViewer,
)
from webtier.app import create_app
from webtier.config import WebConfig
from webtier.server import WebServer

TOTAL_SHARDS = 2


def _jpeg(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    Image.blend(picture, Image.new("RGB", (width, height), colour), 0.75).save(out, "JPEG")
    return out.getvalue()


@dataclass(frozen=True)
class Stored:
    """A photo of the backend in memory, and who may see it."""

    photo: pb.Photo
    jpeg: bytes
    public: bool = False
    viewers: frozenset[int] = frozenset()


@dataclass
class MemoryBackend:
    """`SearchBackend` over lists in memory."""

    library: str = "Sample shelf"
    sample: bool = True
    people: dict[int, str] = field(default_factory=dict)
    default_id: int = 0
    stored: list[Stored] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)
    answered: int = TOTAL_SHARDS
    understanding: pb.Understanding = field(default_factory=pb.Understanding)
    failure: Exception | None = None
    notices: tuple[str, ...] = ()

    def add(
        self,
        *,
        caption: str = "",
        tags: dict[str, float] | None = None,
        author: int = 0,
        public: bool = True,
        viewers: tuple[int, ...] = (),
        uri: str = "",
        size: tuple[int, int] = (96, 64),
        taken_at: int | None = 1_684_065_600,
        place: str = "",
        jpeg: bytes | None = None,
    ) -> int:
        """Store a photo and return its id."""
        photo_id = len(self.stored) + 1
        photo = pb.Photo(
            id=photo_id,
            uri=uri or f"holiday/{photo_id:04}.jpg",
            score=1.0 / photo_id,
            tags=[pb.Tag(concept=name, confidence=sure) for name, sure in (tags or {}).items()],
            author=author,
            author_name=self.people.get(author, ""),
            caption=caption,
            place=place,
            width=size[0],
            height=size[1],
        )
        if taken_at is not None:
            photo.taken_at = taken_at
        colour = (photo_id * 67 % 256, photo_id * 131 % 256, photo_id * 29 % 256)
        self.stored.append(
            Stored(photo, jpeg or _jpeg(*size, colour), public, frozenset({author, *viewers}))
        )
        return photo_id

    def fold(self, copy_id: int, under_id: int, reason: str) -> None:
        """Fold one stored photo under another."""
        copy = self.stored[copy_id - 1]
        under = self.stored[under_id - 1].photo
        under.similar.append(pb.Similar(id=copy_id, uri=copy.photo.uri, reason=reason))

    def search(self, request: pb.SearchRequest) -> pb.SearchResponse:
        viewer = self._viewer(request.viewer)
        if not request.query.strip():
            raise BadRequest("query must hold at least one word, got none")
        if len(request.query) > 1_000:
            raise BadRequest(f"query must be at most 1000 characters, got {len(request.query)}")
        words = self._words(request)
        folded = {copy.id for kept in self.stored for copy in kept.photo.similar}
        modules = [
            pb.Module(name="social", title="Your photos and friends'"),
            pb.Module(name="public", title="Public photos"),
        ]
        for kept in self.stored:
            if kept.photo.id in folded or not self._sees(viewer, kept):
                continue
            about = {tag.concept for tag in kept.photo.tags} | set(kept.photo.caption.split())
            if not all(word in {term.lower() for term in about} for word in words):
                continue
            module = modules[0] if viewer in kept.viewers else modules[1]
            shown = module.photos.add()
            shown.CopyFrom(kept.photo)
            shown.why.extend([f"shows {word}" for word in words] or ["among the newest"])
            shown.why.append("yours" if kept.photo.author == viewer else "shared with everyone")
        for module in modules:
            del module.photos[request.limit or 60 :]
        return pb.SearchResponse(
            query=request.query,
            understood=[
                pb.Phrase(text=word, concepts=[word] if self._is_concept(word) else [])
                for word in words
            ],
            expression="(all)"
            if not words
            else "(and " + " ".join(f"tag:{w}" for w in words) + ")",
            modules=[module for module in modules if module.photos],
            coverage=pb.Coverage(
                shards=TOTAL_SHARDS, answered=self.answered, share=self.answered / TOTAL_SHARDS
            ),
            timings_ms={"understand": 0.4, "retrieve": 3.1, "total": 12.3},
            notices=self.notices,
        )

    def explain(self, request: pb.ExplainRequest) -> pb.ExplainResponse:
        answer = self.search(request.search)
        for module in answer.modules:
            for rank, photo in enumerate(module.photos, start=1):
                if photo.id == request.photo_id:
                    words = self._words(request.search)
                    steps = [pb.Step(stage="word", text=f"{word} → tag:{word}") for word in words]
                    steps.append(pb.Step(stage="first stage", text="score", value=photo.score))
                    steps.append(pb.Step(stage="sight", text=photo.why[-1]))
                    return pb.ExplainResponse(steps=steps, rank=rank, module=module.title)
        self._visible(self._viewer(request.search.viewer), request.photo_id)
        return pb.ExplainResponse()

    def get_picture(self, request: pb.GetPictureRequest) -> pb.GetPictureResponse:
        kept = self._visible(self._viewer(request.viewer), request.photo_id)
        return pb.GetPictureResponse(jpeg=kept.jpeg)

    def list_viewers(self, request: pb.ListViewersRequest) -> pb.ListViewersResponse:
        if self.failure:
            raise self.failure
        if self.tokens:
            return pb.ListViewersResponse()
        return pb.ListViewersResponse(
            people=[
                pb.Person(id=number, name=name) for number, name in sorted(self.people.items())
            ],
            default_id=self.default_id,
        )

    def get_status(self, request: pb.GetStatusRequest) -> pb.GetStatusResponse:
        self._viewer(request.viewer)
        return pb.GetStatusResponse(
            library=self.library,
            documents=len(self.stored),
            shards_expected=TOTAL_SHARDS,
            shards=[pb.Shard(shard=number, segments=1) for number in range(self.answered)],
            understanding=self.understanding,
            version="0.0.1",
            sample=self.sample,
        )

    def _viewer(self, viewer: pb.Viewer) -> int:
        if self.failure:
            raise self.failure
        if self.tokens:
            if viewer.token not in self.tokens:
                raise Unauthenticated("viewer token is missing or not valid")
            return self.tokens[viewer.token]
        if viewer.id and viewer.id not in self.people:
            raise UnknownViewer(f"nobody has the id {viewer.id}")
        return viewer.id

    def _sees(self, viewer: int, kept: Stored) -> bool:
        return kept.public or (viewer != 0 and viewer in kept.viewers)

    def _visible(self, viewer: int, photo_id: int) -> Stored:
        if 1 <= photo_id <= len(self.stored) and self._sees(viewer, self.stored[photo_id - 1]):
            return self.stored[photo_id - 1]
        raise NotFound(f"no photo {photo_id}")

    def _is_concept(self, word: str) -> bool:
        return any(tag.concept == word for kept in self.stored for tag in kept.photo.tags)

    def _words(self, request: pb.SearchRequest) -> list[str]:
        if not request.is_expression:
            return request.query.lower().split()
        if request.query == "(all)":
            return []
        parts = request.query.removeprefix("(and ").removesuffix(")").split()
        if request.query.count("(") != request.query.count(")"):
            raise MalformedQuery("expected )", column=len(request.query) + 1, expected=")")
        return [part.removeprefix("tag:") for part in parts]


@pytest.fixture
def empty_backend() -> MemoryBackend:
    """Make a folder library without a photo, whose owner is person 1."""
    return MemoryBackend(library="Pictures", sample=False, people={1: "You"}, default_id=1)


@pytest.fixture
def backend() -> MemoryBackend:
    """Make a shelf: Ada and Ben are friends, Cleo is not; photo 3 is for Ada and Ben alone."""
    shelf = MemoryBackend(people={1: "Ada", 2: "Ben", 3: "Cleo"}, default_id=1)
    shelf.add(caption="a cat on the sofa", tags={"cat": 0.97, "animal": 0.9}, author=1)
    shelf.add(caption="our dog runs", tags={"dog": 0.91, "animal": 0.8}, author=2, size=(64, 96))
    shelf.add(
        caption="secret cat",
        tags={"cat": 0.8},
        author=2,
        public=False,
        viewers=(1,),
        place="Oslo, NO",
    )
    shelf.add(tags={"cat": 0.7, "window": 0.5}, author=3, taken_at=None, size=(120, 48))
    shelf.add(tags={"cat": 0.9}, author=1)
    shelf.fold(5, 1, "same picture")
    shelf.understanding.CopyFrom(pb.Understanding(found=5, done=5))
    return shelf


@pytest.fixture
def make_client() -> Callable[..., TestClient]:
    """Make a client of the application over a backend, under the name localhost."""

    def make(backend: MemoryBackend, **settings: object) -> TestClient:
        app = create_app(backend, WebConfig(people_ttl_s=0, **settings))  # type: ignore[arg-type]
        return TestClient(app, base_url="http://localhost", follow_redirects=False)

    return make


@pytest.fixture
def client(backend: MemoryBackend, make_client: Callable[..., TestClient]) -> TestClient:
    """Make a client of the sample shelf."""
    return make_client(backend)


@pytest.fixture
def app(backend: MemoryBackend) -> Starlette:
    """Make the application over the sample shelf."""
    return create_app(backend, WebConfig(people_ttl_s=0, poll_ms=250))


@pytest.fixture
def server(app: Starlette) -> Iterator[WebServer]:
    """Serve the sample shelf on a real port."""
    with WebServer(app) as running:
        yield running


@pytest.fixture
def with_failure() -> Callable[[MemoryBackend, Exception], MemoryBackend]:
    """Make a backend that fails with one error, whatever it is asked."""

    def make(backend: MemoryBackend, error: Exception) -> MemoryBackend:
        return replace(backend, failure=error)

    return make


def all_errors(root: type[AlicornError] = AlicornError) -> list[type[AlicornError]]:
    """Every class of the error tree."""
    return [root] + [cls for child in root.__subclasses__() for cls in all_errors(child)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Hand every class of the error tree to the tests that ask for `error_class`."""
    if "error_class" in metafunc.fixturenames:
        metafunc.parametrize("error_class", all_errors(), ids=lambda cls: cls.__name__)
