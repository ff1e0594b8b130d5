"""The tour's first step: words find pictures, friends' above those of everybody."""

from __future__ import annotations

from typing import Final

from alicorn.command.tour.stage import Stage
from alicorn.command.tour.step import THING, Outcome, Step, claim, friends_photo, name_of, photos_of

__all__ = ["SEARCH"]

_PUBLIC_THING: Final = "rocket"
"""Emma, who is nobody to Ana, has a photo of it for everybody."""

_MODULES: Final = {THING: "social", _PUBLIC_THING: "public"}


def _search(stage: Stage) -> Outcome:
    answers = {word: stage.search(word) for word in _MODULES}
    friends_photo(stage)
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
            f"“{word}” took {answer.timings_ms['total']:.1f} ms, asked as {answer.expression}"
            for word, answer in answers.items()
        ],
        found={
            word: {
                "expression": answer.expression,
                "photos": [photo.uri for photo in photos_of(answer)],
                "total_ms": round(answer.timings_ms["total"], 3),
            }
            for word, answer in answers.items()
        },
    )


SEARCH: Final = Step(
    title="Search",
    says=f"You are Ana. You look for “{THING}”, of which a friend has a photo, and for "
    f"“{_PUBLIC_THING}”, of which a stranger has one for everybody.",
    typed=lambda _: [f"alicorn search {word}" for word in _MODULES],
    play=_search,
    notice="Nobody tagged these photos: an image model saw what they show, and captions are "
    "searched as text. Your own and friends' photos are one request, public ones another, each "
    "ranked by itself. “why” says what was found, and by which right you see it. (+1) is a "
    "near-copy, folded behind the photo.",
)
