"""The tour's fourth step: a shard stops, and the answer says that it is half."""

from __future__ import annotations

from typing import Final

from alicorn.api.search.v1 import search_pb2
from alicorn.command.tour.stage import Stage
from alicorn.command.tour.step import Outcome, Step, claim, ids_of

__all__ = ["SHARD"]

_EVERYTHING: Final = "(all)"


def _half(stage: Stage) -> Outcome:
    def everything() -> search_pb2.SearchResponse:
        return stage.search(_EVERYTHING, expression=True, folding=False)

    whole = everything()
    stage.tiers.stop_shard(0)
    try:
        half = everything()
    finally:
        stage.tiers.start_shard(0)
    again = everything()
    answers = {"all shards run": whole, "shard 0 is stopped": half, "it runs again": again}
    claim(
        [answer.coverage.share for answer in answers.values()] == [1, 0.5, 1],
        f"the coverage was {[answer.coverage.share for answer in answers.values()]}, "
        "needed the whole, half and the whole",
    )
    left = set(ids_of(half))
    claim(
        0 < len(left) < len(ids_of(whole)), f"{len(left)} of {len(ids_of(whole))} photos were left"
    )
    claim(
        ids_of(half) == [number for number in ids_of(whole) if number in left],
        "the photos that were left stand in another order",
    )
    claim(ids_of(again) == ids_of(whole), "the answer is not the one of before")
    return Outcome(
        columns=("when", "shards that answered", "coverage", "photos"),
        rows=[
            (
                when,
                f"{answer.coverage.answered} of {answer.coverage.shards}",
                f"{answer.coverage.share:.0%}",
                str(len(ids_of(answer))),
            )
            for when, answer in answers.items()
        ],
        found={
            "coverage": [answer.coverage.share for answer in answers.values()],
            "photos": [len(ids_of(answer)) for answer in answers.values()],
        },
    )


SHARD: Final = Step(
    title="Stop a shard",
    says="The photos lie in two shards. One of them stops, as if its machine had died, and you "
    "ask for everything you may see.",
    typed=lambda _: [
        "tiers.stop_shard(0)   # on the page: How this was answered, Stop",
        f'alicorn search "{_EVERYTHING}" --expression --no-folding',
        "tiers.start_shard(0)",
    ],
    play=_half,
    notice="No error and no silence: you get what the other shard has, in the order it had, and "
    "the answer says that it is half. An answer that is not whole never looks like one.",
)
