"""The tour's first step: words find pictures, friends' above those of everybody."""

from __future__ import annotations

from typing import Final

from alicorn.api.search.v1 import search_pb2
from alicorn.command.tour.stage import Stage
from alicorn.command.tour.step import THING, Outcome, Step, claim, friends_photo, name_of, photos_of

__all__ = ["SEARCH"]

_PUBLIC_THING: Final = "rocket"
"""Emma, who is nobody to Ana, has a photo of it for everybody."""

_UNKNOWN_THING: Final = "kitten"
"""No picture is known as one; Ana has one of a cat."""

_MODULES: Final = {THING: "social", _UNKNOWN_THING: "social", _PUBLIC_THING: "public"}


_CONCEPTS_SHOWN: Final = 3


def _search(stage: Stage) -> Outcome:
    answers = {word: stage.search(word) for word in _MODULES}
    friends_photo(stage)
    animals = photos_of(answers[_UNKNOWN_THING])
    claim(
        any(tag.concept == "cat" for photo in animals[:1] for tag in photo.tags),
        f"“{_UNKNOWN_THING}” found {[photo.uri for photo in animals]}, needed the cat first",
    )
    for word, answer in answers.items():
        modules = [module.name for module in answer.modules]
        claim(
            modules[:1] == [_MODULES[word]],
            f"“{word}” found photos in {modules}, needed {_MODULES[word]} first",
        )
        claim(answer.coverage.share == 1, f"{answer.coverage.share:.0%} of the shards answered")
    return Outcome(
        columns=("word", "where", "photo", "why"),
        rows=[
            (word, module.title, name_of(photo), "; ".join(photo.why))
            for word, answer in answers.items()
            for module in answer.modules
            for photo in module.photos
        ],
        lines=[
            f"“{word}” took {answer.timings_ms['total']:.1f} ms and was taken for "
            f"{', '.join(_taken_for(answer))}"
            for word, answer in answers.items()
        ],
        found={
            word: {
                "taken_for": _taken_for(answer),
                "photos": [photo.uri for photo in photos_of(answer)],
                "total_ms": round(answer.timings_ms["total"], 3),
            }
            for word, answer in answers.items()
        },
    )


def _taken_for(answer: search_pb2.SearchResponse) -> list[str]:
    """Return the best concepts of the one word that was asked for."""
    return list(answer.understood[0].concepts[:_CONCEPTS_SHOWN])


SEARCH: Final = Step(
    title="Search",
    says=f"You are Ana. You look for “{THING}”, of which a friend has a photo, for "
    f"“{_UNKNOWN_THING}”, a word that no picture is known as, and for “{_PUBLIC_THING}”, of which "
    "a stranger has a photo for everybody.",
    typed=lambda _: [f"alicorn search {word}" for word in _MODULES],
    play=_search,
    notice="Nobody tagged these photos: an image model saw what they show, and captions are "
    "searched as text. A word that names nothing in them is matched by what it means. Your own "
    "and friends' photos are one request, public ones another, each ranked by itself. “why” says "
    "what was found, and by which right you see it. (+1) is a near-copy, folded behind the photo.",
)
