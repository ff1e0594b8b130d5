"""How complete an answer is, and how long each step took, in words that nobody has to look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from alicorn.api.search.v1 import search_pb2 as pb

__all__ = ["StepView", "listed", "missing", "ranked_share", "share_of_the_index", "step_views"]

_SHARES: Final = {
    Fraction(0): "nothing",
    Fraction(1, 4): "a quarter",
    Fraction(1, 3): "a third",
    Fraction(1, 2): "half",
    Fraction(2, 3): "two thirds",
    Fraction(3, 4): "three quarters",
    Fraction(1): "all",
}

_STEPS: Final = {
    "understand": "Understand the words",
    "retrieve": "Find candidates",
    "privacy": "Check who may see them",
    "second-stage": "Rank and fold",
    "fetch": "Fetch what is shown",
    "present": "Say why",
}
_TOTAL: Final = "total"

_RETRIEVE_LIMIT: Final = "retrieve-limit"
_CUTS: Final = {
    "deadline": "Time ran out before everything had been looked at.",
    "documents": "Some photos could not be fetched and are left out.",
}


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a query."""

    name: str
    took: str
    percent: int
    """Of the whole time, in [0, 100]."""


def step_views(timings_ms: Mapping[str, float]) -> tuple[StepView, ...]:
    """Return the steps in the order in which they happen, those without a name at the end."""
    total = timings_ms.get(_TOTAL) or sum(timings_ms.values())
    order = [*_STEPS, *sorted(timings_ms.keys() - _STEPS.keys() - {_TOTAL})]
    return tuple(
        StepView(
            name=_STEPS.get(step, step),
            took=f"{timings_ms[step]:.1f} ms",
            percent=min(round(100 * timings_ms[step] / total), 100) if total > 0 else 0,
        )
        for step in order
        if step in timings_ms
    )


def share_of_the_index(answered: int, shards: int) -> str:
    """Return how much ``answered`` of ``shards`` is.

    Rounded down where it has no name: 100 % is said only of everything.

    >>> share_of_the_index(1, 2), share_of_the_index(5, 7)
    ('half of the index', '71 % of the index')
    """
    share = Fraction(answered, shards) if shards else Fraction(1)
    return f"{_SHARES.get(share, f'{int(100 * share)} %')} of the index"


def listed(parts: Sequence[str]) -> str:
    """Join ``parts`` as people do.

    >>> listed(["0", "1", "3"])
    '0, 1 and 3'
    """
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def missing(coverage: pb.Coverage, stopped: Sequence[int] = ()) -> str:
    """Return what is missing from an answer, in a sentence; empty when it is complete.

    Parameters
    ----------
    coverage : Coverage
    stopped : sequence of int
        Shards that somebody stopped from this page: they are not late, and searching again would
        not bring them back.
    """
    said = []
    answered, shards = coverage.answered, coverage.shards
    share = share_of_the_index(answered, shards)
    if answered < shards and stopped:
        noun = "shard" if len(stopped) == 1 else "shards"
        verb = "is" if len(stopped) == 1 else "are"
        numbers = listed([str(number) for number in stopped])
        said.append(f"{share.capitalize()} answered: {noun} {numbers} {verb} stopped.")
    elif answered < shards:
        percent = int(100 * coverage.share)
        exact = "" if "%" in share else f" ({percent} %)"
        said.append(
            f"Only {answered} of {shards} shards answered in time, so this covers "
            f"{share}{exact}. Search again for the rest."
        )
    elif shards and coverage.share < 1:
        said.append(f"This covers {int(100 * coverage.share)} % of the index.")
    said += [_CUTS[cut] for cut in coverage.cuts if cut in _CUTS]
    unknown = [cut for cut in coverage.cuts if cut not in _CUTS and cut != _RETRIEVE_LIMIT]
    if unknown:
        said.append("Limits reached: " + ", ".join(unknown) + ".")
    return " ".join(said)


def ranked_share(coverage: pb.Coverage) -> str:
    """Return in a sentence that not everything that matches was ranked; else empty.

    That is no fault: whoever asks for a common word gets the best of each shard.
    """
    if _RETRIEVE_LIMIT not in coverage.cuts:
        return ""
    return "More photos match than are ranked: each shard sends its best."
