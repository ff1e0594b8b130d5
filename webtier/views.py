"""What the templates show: the messages of the wire, put into words and sizes for people.

Templates decide nothing; each value that they print is made here, as plain text, and escaped there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from alicorn.api.search.v1 import search_pb2 as pb
from webtier.chips import Chip, chips
from webtier.completeness import StepView, missing, ranked_share, share_of_the_index, step_views
from webtier.ids import parse_id
from webtier.json_view import local_time
from webtier.questions import Question

__all__ = [
    "RATIO_STEP",
    "WIDEST_RATIO",
    "AnswerView",
    "ModuleView",
    "PeopleView",
    "PhotoView",
    "ProgressView",
    "SimilarView",
    "answer_view",
    "people_view",
    "progress_view",
    "ratio_class",
    "suggestions",
]

# Hundredths of width / height. The style sheet has one class for each step, since the content
# security policy allows no inline style; a picture is cropped by 5 % at most, seldom by half of it.
RATIO_STEP: Final = 5
_NARROWEST_RATIO: Final = 50
WIDEST_RATIO: Final = 250

_SHOWN_TAGS: Final = 12
# A world has thousands of people; the menu takes a name for the rest.
_SHOWN_PEOPLE: Final = 8
_HUES: Final = 6
# Confidence from which a tag is worth being suggested as a query.
_SUGGESTED_CONFIDENCE: Final = 0.4


@dataclass(frozen=True, slots=True)
class SimilarView:
    """A near-copy folded under a photo."""

    id: int
    picture: str
    address: str
    reason: str
    uri: str


@dataclass(frozen=True, slots=True)
class TagView:
    """A concept seen in a photo."""

    concept: str
    percent: int
    address: str
    """Where the photos of this concept are searched."""


@dataclass(frozen=True, slots=True)
class PhotoView:
    """One photo of the grid and its panel of details."""

    id: int
    picture: str
    address: str
    explain: str
    alt: str
    headline: str
    owner: str
    initial: str
    hue: int
    date: str
    date_iso: str
    place: str
    size: str
    width: int
    height: int
    ratio: str
    tags: tuple[TagView, ...]
    why: tuple[str, ...]
    similar: tuple[SimilarView, ...]
    uri: str
    link: str
    """``uri`` where it is a web address that may be followed; else empty."""


@dataclass(frozen=True, slots=True)
class ModuleView:
    """One part of the results page."""

    name: str
    title: str
    photos: tuple[PhotoView, ...]


@dataclass(frozen=True, slots=True)
class AnswerView:
    """The whole answer."""

    modules: tuple[ModuleView, ...]
    chips: tuple[Chip, ...]
    """What each part of the query was taken for, in its order."""
    expression: str
    notices: tuple[str, ...]
    related: tuple[str, ...]
    """Concepts near in meaning to the query; only where nothing is shown."""
    footer: tuple[str, ...]
    """Time, shards and share, a phrase each."""
    steps: tuple[StepView, ...]
    """Each step of the query and its time, in the order in which they happen."""
    coverage: str
    """How many shards answered, in words."""
    ranked: str
    """That more matches than was ranked; empty when it does not."""
    partial: str
    """What is missing from the answer, in a sentence; empty when it is complete."""
    count: int


@dataclass(frozen=True, slots=True)
class PeopleView:
    """Through whose eyes one may look."""

    current: tuple[int, str]
    """Id and name of who is looking."""
    shown: tuple[tuple[int, str], ...]
    """Who can be chosen by a button: who is looking, friends, then by id."""
    count: int
    """How many people there are."""


@dataclass(frozen=True, slots=True)
class ProgressView:
    """How far understanding has come."""

    running: bool
    found: int
    done: int
    percent: int
    message: str
    detail: str


def ratio_class(width: int, height: int) -> str:
    """Return the class of the style sheet that is nearest to ``width`` / ``height``.

    >>> ratio_class(640, 480), ratio_class(1, 9), ratio_class(0, 0)
    ('r135', 'r50', 'r135')
    """
    if width <= 0 or height <= 0:
        width, height = 4, 3
    steps = (width * 100 + height * RATIO_STEP // 2) // (height * RATIO_STEP)
    return f"r{min(max(steps * RATIO_STEP, _NARROWEST_RATIO), WIDEST_RATIO)}"


def suggestions(response: pb.SearchResponse, *, most: int = 8) -> tuple[str, ...]:
    """Return concepts worth searching for, the most frequent first, names breaking ties.

    They come from an answer that the viewer got: no other photo adds a word to them.
    """
    seen = Counter(
        tag.concept
        for module in response.modules
        for photo in module.photos
        for tag in photo.tags
        if tag.confidence >= _SUGGESTED_CONFIDENCE
    )
    return tuple(sorted(seen, key=lambda concept: (-seen[concept], concept))[:most])


def answer_view(
    response: pb.SearchResponse, question: Question, stopped: Sequence[int] = ()
) -> AnswerView:
    """Return ``response`` as the page shows it, modules and photos in their order.

    ``stopped`` has the numbers of the shards that somebody stopped from the page.
    """
    modules = tuple(
        ModuleView(
            name=module.name,
            title=module.title,
            photos=tuple(photo_view(photo, question) for photo in module.photos),
        )
        for module in response.modules
        if module.photos
    )
    count = sum(len(module.photos) for module in modules)
    return AnswerView(
        modules=modules,
        chips=() if question.is_blank else chips(response.understood, question),
        expression=response.expression,
        # That nothing matches is no news to somebody who asked for nothing.
        notices=() if question.is_blank and not count else tuple(response.notices),
        related=tuple(response.related),
        footer=_footer(response, count),
        steps=step_views(response.timings_ms),
        coverage=_coverage(response.coverage),
        ranked=ranked_share(response.coverage),
        partial=missing(response.coverage, stopped),
        count=count,
    )


def photo_view(photo: pb.Photo, question: Question) -> PhotoView:
    """Return one photo as the page shows it."""
    taken = local_time(photo.taken_at) if photo.HasField("taken_at") else None
    concepts = [tag.concept for tag in photo.tags[:3]]
    seen = ", ".join(concepts)
    owner = photo.author_name
    is_web_address = photo.uri.startswith(("https://", "http://"))
    return PhotoView(
        id=photo.id,
        picture=_picture(photo.id, question),
        address=question.address(f"/photo/{photo.id}"),
        explain=question.address("/api/explain", photo=str(photo.id)),
        alt=photo.caption or (f"Photo of {seen}" if seen else "Photo"),
        headline=photo.caption or seen.capitalize(),
        owner=owner,
        initial=owner[:1].upper(),
        hue=photo.author % _HUES,
        date="" if taken is None else f"{taken.day} {taken:%B} {taken.year}",
        date_iso="" if taken is None else taken.isoformat(),
        place=photo.place,
        size=f"{photo.width} × {photo.height}" if photo.width and photo.height else "",
        width=photo.width or 4,
        height=photo.height or 3,
        ratio=ratio_class(photo.width, photo.height),
        tags=tuple(_tag(tag, question) for tag in photo.tags[:_SHOWN_TAGS]),
        why=tuple(photo.why),
        similar=tuple(
            SimilarView(
                id=copy.id,
                picture=_picture(copy.id, question),
                address=question.address(f"/photo/{photo.id}"),
                reason=copy.reason,
                uri=copy.uri,
            )
            for copy in photo.similar
        ),
        uri=photo.uri,
        link=photo.uri if is_web_address else "",
    )


def people_view(
    people: Sequence[tuple[int, str]], viewer: int, friends: Collection[int] = ()
) -> PeopleView:
    """Return the menu of people for ``viewer``, whose friends have the ids ``friends``."""
    first = sorted(people, key=lambda one: (one[0] != viewer, one[0] not in friends, one[0]))
    return PeopleView(
        current=next((one for one in first if one[0] == viewer), (0, "Nobody")),
        # The order stays as it is while all fit, so that nothing moves under the pointer.
        shown=tuple(people) if len(people) <= _SHOWN_PEOPLE else tuple(first[:_SHOWN_PEOPLE]),
        count=len(people),
    )


def progress_view(understanding: pb.Understanding) -> ProgressView:
    """Return how far understanding has come."""
    found, done, failed = understanding.found, understanding.done, understanding.failed
    handled = min(done + failed, found)
    parts = [f"{done:,} of {found:,}"]
    if understanding.per_second > 0:
        parts.append(f"{understanding.per_second:.1f} a second")
    if failed:
        parts.append(f"{failed:,} could not be read")
    return ProgressView(
        running=understanding.running,
        found=found,
        done=done,
        percent=100 * handled // found if found else 0,
        message=understanding.message or "Understanding your photos",
        detail=" · ".join(parts),
    )


def _picture(photo_id: int, question: Question) -> str:
    suffix = f"?viewer={viewer}" if (viewer := parse_id(question.viewer)) is not None else ""
    return f"/thumb/{photo_id}{suffix}"


def _tag(tag: pb.Tag, question: Question) -> TagView:
    about = Question(text=tag.concept, limit=question.limit, viewer=question.viewer)
    return TagView(
        concept=tag.concept,
        percent=min(max(round(100 * tag.confidence), 0), 100),
        address=about.address("/search"),
    )


def _footer(response: pb.SearchResponse, count: int) -> tuple[str, ...]:
    coverage = response.coverage
    parts = ["1 photo" if count == 1 else f"{count:,} photos"]
    if "total" in response.timings_ms:
        total = response.timings_ms["total"]
        parts.append(f"{total:.0f} ms" if total >= 10 else f"{total:.1f} ms")
    if coverage.shards:
        noun = "shard" if coverage.shards == 1 else "shards"
        parts.append(f"{coverage.answered} of {coverage.shards} {noun}")
        # Rounded down: 100 % is said only of everything.
        parts.append(f"{int(100 * coverage.share)} % of the index")
    return tuple(parts)


def _coverage(coverage: pb.Coverage) -> str:
    noun = "shard" if coverage.shards == 1 else "shards"
    share = share_of_the_index(coverage.answered, coverage.shards)
    return f"{coverage.answered} of {coverage.shards} {noun}: {share}"
