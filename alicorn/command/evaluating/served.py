"""The whole serving path as a way to search, whole or without some of its parts.

Cut-off and folding are off: what is measured is the order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alicorn.api.search.v1 import search_pb2
from alicorn.command.evaluating.comparison import Way
from alicorn.command.evaluating.judged_library import VIEWER, WHOLE
from alicorn.command.evaluating.switches import TRAINED, Switch
from alicorn.command.library import Library
from alicorn.command.tiers import LocalTiers
from alicorn.errors import BadRequest, ConfigError
from ranker.evaluation.measuring import Query, Ranking
from ranker.models.card import Card
from ranker.models.shipped import FOLDER
from ranker.training.splits import SPLIT
from understanding.queries.config import UnderstandingConfig

__all__ = ["ALICORN", "UNTRAINED", "served", "served_ways", "understanding_without"]


ALICORN: Final = "alicorn"
"""Name of the path, with what the switches leave."""

UNTRAINED: Final = "alicorn, nothing trained"
"""Name of the path without its rankers."""

# A folder without models: the path then does without them, and says so in the log.
_NO_MODELS: Final = Path("none")


@contextmanager
def served(
    library: Library, without: Collection[Switch] = (), *, models: Path = FOLDER
) -> Iterator[LocalTiers]:
    """Open ``library`` for searches without some parts; whole candidate sets, nothing written.

    Raises
    ------
    ConfigError
        If a ranker in ``models`` was trained by another split than judges here.
    """
    _see_split(models)
    with LocalTiers(
        library,
        serving=WHOLE,
        writable=False,
        models=_NO_MODELS if Switch.FIRST_STAGE in without else models,
        understanding=understanding_without(without),
    ) as tiers:
        tiers.catch_up()
        yield tiers


def _see_split(models: Path) -> None:
    for path in sorted(models.glob("*.card.json")):
        split = Card.read(path).parameters.get("split", SPLIT)
        if split != SPLIT:
            raise ConfigError(
                f"{path} was trained by the split {split!r}, this evaluation judges by {SPLIT!r}; "
                "train it again"
            )


def served_ways(
    library: Library,
    without: Collection[Switch],
    *,
    ablate: bool,
    untrained: bool,
    limit: int = WHOLE.max_limit,
    models: Path = FOLDER,
) -> Iterator[Way]:
    """Yield the serving path over ``library``, each way open only until the next is taken.

    Parameters
    ----------
    without : collection of Switch
        Parts that are left out of every one.
    ablate : bool
        One without each of the other parts, too.
    untrained : bool
        One without anything that was trained on judgements, too.
    limit : int
        Hits of a search.
    models : Path
        Folder of the rankers.
    """
    chosen = [(ALICORN, frozenset(without))]
    if untrained:
        chosen.append((UNTRAINED, frozenset(without) | TRAINED))
    if ablate:
        chosen += [
            (f"{ALICORN} without {switch}", frozenset({*without, switch}))
            for switch in Switch
            if switch not in without
        ]
    for name, left_out in chosen:
        with served(library, left_out, models=models) as tiers:
            # The second stage reads the first's score, and is never there without it.
            trained = Switch.FIRST_STAGE not in left_out
            yield Way(name, _way_to_search(tiers, left_out, limit), trained=trained)


def understanding_without(without: Collection[Switch]) -> UnderstandingConfig:
    """Return how words are understood without some parts."""
    return UnderstandingConfig(
        projection=Switch.PROJECTION not in without,
        common_component=Switch.COMMON_COMPONENT not in without,
        ancestors=Switch.ANCESTORS not in without,
        languages=() if Switch.LANGUAGES in without else None,
    )


def _way_to_search(tiers: LocalTiers, without: Collection[Switch], limit: int) -> Ranking:
    """Return the search of ``tiers``: a query to the uris that a page would show, best first.

    A query that is refused (it has no word in it, say) finds nothing.
    """

    def search(query: Query) -> list[str]:
        request = search_pb2.SearchRequest(
            query=query.text,
            viewer=search_pb2.Viewer(id=VIEWER),
            limit=limit,
            without_cutoff=True,
            without_folding=True,
            without_second_stage=Switch.SECOND_STAGE in without,
            languages=[query.language],
        )
        try:
            response = tiers.search.search(request)
        except BadRequest:
            return []
        return [photo.uri for module in response.modules for photo in module.photos]

    return search
