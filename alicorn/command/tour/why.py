"""The tour's second step: why a photo stands where it stands, and what the shards did for it."""

from __future__ import annotations

from typing import Final

from alicorn.command.tour.stage import Stage
from alicorn.command.tour.step import THING, Outcome, Step, claim, friends_photo

__all__ = ["WHY"]


def _why(stage: Stage) -> Outcome:
    photo = friends_photo(stage)
    told = stage.explain(THING, photo.id)
    stages = [step.stage for step in told.steps]
    needed = {"term", "first stage", "second stage", "sight"}
    claim(needed <= set(stages), f"the explanation has {stages}, needed {sorted(needed)}")
    claim(told.rank == 1, f"the explanation says rank {told.rank}, the answer had it first")
    plan = stage.plan(THING)
    claim(plan.matched >= 1, f"the plan found {plan.matched} photos, needed the one explained")
    core = stage.search(THING).expression
    return Outcome(
        columns=("step", "what", "value"),
        rows=[
            *(
                (step.stage, step.text, f"{step.value:.3g}" if step.HasField("value") else "")
                for step in told.steps
            ),
            ("rank", f"{told.rank} in {told.module}", ""),
        ],
        lines=[
            f"the plan: {core} among Ana's and her friends' photos, {plan.matched} found in "
            f"{plan.time_us:.0f} us, {plan.windows} windows of {plan.segments} segments of "
            f"{len(stage.tiers.shards)} shards"
        ],
        found={
            "photo": photo.uri,
            "rank": told.rank,
            "module": told.module,
            "stages": list(dict.fromkeys(stages)),
            "plan": {"expression": plan.expression, "matched": plan.matched},
        },
    )


WHY: Final = Step(
    title="Why this photo",
    says="Every photo can be explained: from the word to the concept, to the scores of both "
    "stages of ranking, to the friendship that made it visible.",
    typed=lambda stage: [
        f"alicorn explain {THING} {friends_photo(stage).id}",
        f"alicorn explain --plan {THING}",
    ],
    play=_why,
    notice="The numbers beside “first stage” are what each property added to its score, or took "
    "from it. Try it on a photo that you think is wrong: it tells what the image model took it "
    "for. The plan in the last line is what the shards did.",
)
