"""A small search backend in memory: the slow and obvious kind.

It keeps the promises of the wire contract over plain lists: words match tags and captions,
audiences are checked for every answer and picture, and errors are those of `alicorn.errors`.
Nothing in it is recorded or patched.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field

from PIL import Image

from alicorn.api.search.v1 import search_pb2 as pb
from alicorn.errors import (
    BadRequest,
    MalformedQuery,
    NotFound,
    Unauthenticated,
    UnknownViewer,
)

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


_FILTER = re.compile(r'(?:year|place):(?:"[^"]*"|\S+)', re.IGNORECASE)
_EMOJI = re.compile("[\U0001f400-\U0001f4ff]")
_WORDS_OF_EMOJI = {"\U0001f408": "cat", "\U0001f415": "dog"}
_LEFT_OUT = frozenset({"a", "the", "my", "of", "at"})


@dataclass(frozen=True)
class Part:
    """What one word, emoji or filter of a query is: a "word", "filter" or "dropped"."""

    text: str
    start: int
    end: int
    kind: str


def read(query: str) -> list[Part]:
    """Cut a query as the real reader does: filters behind a space, emoji, and pieces of words.

    The words of a piece share its place, and each part is there once, where it stood first.
    """
    found: dict[tuple[str, str], Part] = {}
    position = 0
    while position < len(query):
        if query[position].isspace():
            position += 1
            continue
        start = position
        begins = position == 0 or query[position - 1].isspace()
        if begins and (written := _FILTER.match(query, position)):
            position = written.end()
            words, kind = [written[0].lower()], "filter"
        elif emoji := _EMOJI.match(query, position):
            position = emoji.end()
            named = _WORDS_OF_EMOJI.get(emoji[0])
            words, kind = [named or emoji[0]], "word" if named else "dropped"
        else:
            while position < len(query) and not (
                query[position].isspace() or _EMOJI.match(query, position)
            ):
                position += 1
            words, kind = re.findall(r"\w+", query[start:position].lower()), "word"
        for word in words:
            own = "dropped" if word in _LEFT_OUT else kind
            found.setdefault((own, word), Part(word, start, position, own))
    return list(found.values())


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
    related: tuple[str, ...] = ()
    nearest: dict[str, list[str]] = field(default_factory=dict)
    """Words that name no concept, and the concepts nearest to what they mean."""
    languages: dict[str, str] = field(default_factory=dict)
    """Words of other languages than English."""
    asked: list[pb.SearchRequest] = field(default_factory=list)
    """Every search, as it came."""

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
        self.asked.append(request)
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
            understood=[]
            if request.is_expression
            else [self._phrase(part) for part in read(request.query)],
            expression="(all)"
            if not words
            else "(and " + " ".join(f"tag:{w}" for w in words) + ")",
            modules=[module for module in modules if module.photos],
            coverage=pb.Coverage(
                shards=TOTAL_SHARDS, answered=self.answered, share=self.answered / TOTAL_SHARDS
            ),
            timings_ms={"understand": 0.4, "retrieve": 3.1, "total": 12.3},
            notices=self.notices,
            related=self.related,
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
                    return pb.ExplainResponse(steps=steps, rank=rank, module=module.name)
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

    def _phrase(self, part: Part) -> pb.Phrase:
        kind = part.kind
        if kind == "word":
            kind = "concept" if self._is_concept(part.text) else "text"
        if part.text in self.nearest:
            kind = "similar"
        concepts = self.nearest.get(part.text, [part.text] if kind == "concept" else [])
        language = "" if kind in {"filter", "dropped"} else self.languages.get(part.text, "en")
        return pb.Phrase(
            text=part.text,
            concepts=concepts,
            start=part.start,
            end=part.end,
            kind=kind,
            language=language,
        )

    def _is_concept(self, word: str) -> bool:
        return any(tag.concept == word for kept in self.stored for tag in kept.photo.tags)

    def _words(self, request: pb.SearchRequest) -> list[str]:
        if not request.is_expression:
            return [part.text for part in read(request.query) if part.kind == "word"]
        if request.query == "(all)":
            return []
        parts = request.query.removeprefix("(and ").removesuffix(")").split()
        if request.query.count("(") != request.query.count(")"):
            raise MalformedQuery("expected )", column=len(request.query) + 1, expected=")")
        return [part.removeprefix("tag:") for part in parts]
