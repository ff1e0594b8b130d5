"""Who asks, and what they may see: from the authoritative graph, fail closed (PS-37).

The index holds no privacy rules. Every candidate carries its id as lineage, and the graph kept from
the log, never the index, says whether the viewer may see it, before any signal, fold, count,
suggestion or explanation. A candidate that the graph does not know is not shown; a graph that
cannot be read ends the search.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.hits import HitArrays
from aggregator.top.rewrite import Circle
from aggregator.top.tokens import TokenKey
from alicorn.api.search.v1 import search_pb2
from alicorn.errors import Unauthenticated, UnknownViewer
from alicorn.log import AuthoritativeGraph, Reason

__all__ = ["Sighted", "circle_of", "names_of", "phrase_of", "viewer_of", "visible"]


@dataclass(frozen=True, slots=True)
class Sighted:
    """Hits that the viewer may see, in the order they had, and why each."""

    hits: HitArrays
    reasons: npt.NDArray[np.uint8]
    """`Reason` of each hit."""


def viewer_of(viewer: search_pb2.Viewer, key: TokenKey | None, default: int) -> int:
    """Return the person id that a request speaks for.

    With a ``key`` only a valid token counts, and nothing else is believed. Without one the server
    is on loopback and serves whom the request names, or ``default``; a token is refused then, for
    whoever sends it, or passes it on, counts on its being checked.
    """
    if key is not None:
        if not viewer.token:
            raise Unauthenticated("found no viewer token, needed one signed by this service")
        return key.verify(viewer.token)
    if viewer.token:
        raise Unauthenticated(
            "found a viewer token, and this service has no viewer_secret to check it with"
        )
    return viewer.id or default


def circle_of(graph: AuthoritativeGraph, viewer: int) -> Circle:
    """Return friends and blocks of ``viewer``; UnknownViewer if the graph does not know them."""
    nobody = np.empty(0, dtype=np.uint64)
    if not viewer:
        return Circle(0, nobody, nobody)
    graph.person(viewer)
    return Circle(viewer, graph.friends(viewer), graph.blocked(viewer))


def visible(graph: AuthoritativeGraph, viewer: int, hits: HitArrays) -> Sighted:
    """Return what of ``hits`` the viewer may see now."""
    sight = graph.sight(viewer, hits.ids)
    return Sighted(hits.take(sight.allowed), sight.reason[sight.allowed])


def names_of(graph: AuthoritativeGraph, people: Iterable[int]) -> dict[int, str]:
    """Return the names of ``people``, by id; whom the graph does not know is left out.

    One look-up each: a page has a few owners, a graph may have millions.
    """
    names: dict[int, str] = {}
    for person in set(people):
        with suppress(UnknownViewer):
            names[person] = graph.person(person).name
    return names


_PHRASES: Final = {
    Reason.OWN: "your photo",
    Reason.PUBLIC: "public",
    Reason.FRIEND: "{name} is your friend",
    Reason.LISTED: "{name} shared it with you",
}


def phrase_of(reason: int, author_name: str) -> str:
    """Return in words the edge that made a photo visible."""
    return _PHRASES[Reason(reason)].format(name=author_name or "the owner")
