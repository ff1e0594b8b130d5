"""Edge types of every vertical, read from `schema.toml`.

An edge type that is not here does not exist: a query that names one is refused with the near
misses, and no document carries it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

__all__ = ["EdgeType", "HitDataKind", "edge_types", "edges_of"]

HitDataKind = Literal["none", "confidence", "frequency"]


@dataclass(frozen=True, slots=True)
class EdgeType:
    """One kind of edge from a value to a document."""

    name: str
    vertical: str
    """The entity type of the documents it leads to."""
    links: str | None
    """The vertical whose ids its values are, or None when they are plain words."""
    hitdata: HitDataKind
    about: str


@cache
def edge_types() -> Mapping[tuple[str, str], EdgeType]:
    """Return every edge type, by (vertical, name)."""
    raw = tomllib.loads(resources.files(__package__).joinpath("schema.toml").read_text("utf-8"))
    return {
        (vertical, name): EdgeType(
            name=name,
            vertical=vertical,
            links=entry.get("links"),
            hitdata=entry.get("hitdata", "none"),
            about=entry["about"],
        )
        for vertical, edges in raw.items()
        for name, entry in edges.items()
    }


@cache
def edges_of(vertical: str) -> Mapping[str, EdgeType]:
    """Return the edge types of one vertical, by name; empty for an unknown vertical."""
    return {name: edge for (owner, name), edge in edge_types().items() if owner == vertical}
