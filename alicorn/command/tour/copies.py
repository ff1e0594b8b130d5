"""The tour's fifth step: near-copies stand behind one photo, or one by one."""

from __future__ import annotations

from typing import Final

from alicorn.command.tour.stage import Stage
from alicorn.command.tour.step import Outcome, Step, claim, ids_of, photos_of

__all__ = ["COPIES"]

_PET: Final = "cat"


def _fold(stage: Stage) -> Outcome:
    folded, unfolded = stage.search(_PET), stage.search(_PET, folding=False)
    behind = [copy for photo in photos_of(folded) for copy in photo.similar]
    reasons = {copy.id: copy.reason for copy in behind}
    claim(bool(behind), f"“{_PET}” found no near-copies")
    claim(
        sorted(ids_of(folded)) == sorted(ids_of(unfolded)),
        "folding lost or made photos: "
        f"{sorted(ids_of(folded))} folded, {sorted(ids_of(unfolded))} one by one",
    )
    claim(
        not any(photo.similar for photo in photos_of(unfolded)), "unfolded photos stand for others"
    )
    claim(ids_of(stage.search(_PET)) == ids_of(folded), "folded again, the answer is another one")
    shown = {photo.id for photo in photos_of(folded)}
    return Outcome(
        columns=("one by one", "of", "folded"),
        rows=[
            (
                photo.uri,
                photo.author_name,
                "shown" if photo.id in shown else f"behind it: {reasons[photo.id]}",
            )
            for photo in photos_of(unfolded)
        ],
        lines=[f"{len(photos_of(unfolded))} photos one by one, {len(shown)} folded"],
        found={
            "query": _PET,
            "folded": len(shown),
            "unfolded": len(photos_of(unfolded)),
            "reasons": sorted(set(reasons.values())),
        },
    )


COPIES: Final = Step(
    title="Fold and unfold near-copies",
    says="The cat was sent around: scaled, compressed anew, kept by two people. One photo is "
    "shown and its copies stand behind it, unless you want each by itself.",
    typed=lambda _: [f"alicorn search {_PET}", f"alicorn search {_PET} --no-folding"],
    play=_fold,
    notice="Nothing is lost by folding. “same picture” are fingerprints that hardly differ, "
    "“same moment” photos of one person within ten seconds that look alike.",
)
