"""What a shard holds, as plain data: the worlds that the slow oracle reads.

A `World` says what was written and what has happened since, part by part as in a view. A `Shelf` is
what is left of it: the live documents in the shard's global DocId order, and for each term the
positions of the documents that carry it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from alicorn.documents import PhotoDocument
from alicorn.documents.terms import terms_of

SIDE = 65_535
"""Longer sides are kept as this many pixels."""

FIELDS = {
    "taken-at": lambda d: d.taken_at,
    "sort-key": lambda d: d.sort_key,
    "popularity": lambda d: d.popularity,
    "width": lambda d: min(d.width, SIDE),
    "height": lambda d: min(d.height, SIDE),
}


class Row(NamedTuple):
    """A document without a body, of a world that is made from arrays."""

    id: int
    sort_key: int
    author: int
    taken_at: int | None
    popularity: int
    width: int
    height: int
    visual: bytes
    joint: bytes


@dataclass
class Part:
    """One segment: documents, the dead among them, and changed terms."""

    documents: list[PhotoDocument]
    dead: set[int] = field(default_factory=set)
    added: dict[tuple[str, str], dict[int, int]] = field(default_factory=dict)
    """(edge, value) -> document id -> HitData."""
    removed: dict[tuple[str, str], set[int]] = field(default_factory=dict)


@dataclass
class World:
    """Everything that a shard holds."""

    parts: list[Part]

    def living(self) -> list[tuple[PhotoDocument, dict[tuple[str, str], int]]]:
        """Each live document with its terms as they are now."""
        found = []
        for part in self.parts:
            for document in part.documents:
                if document.id in part.dead:
                    continue
                terms = {(t.edge, t.value): t.hitdata for t in terms_of(document)}
                for term, ids in part.removed.items():
                    if document.id in ids:
                        terms.pop(term, None)
                for term, hits in part.added.items():
                    if document.id in hits:
                        terms[term] = hits[document.id]
                found.append((document, terms))
        return found

    def shelf(self) -> Shelf:
        """Return what is left of it."""
        return Shelf.of(self.living())


@dataclass(eq=False)
class Shelf:
    """Live documents in DocId order; a document's position is its place in that order."""

    documents: list[Any]
    lists: dict[tuple[str, str], dict[int, int]]
    """(edge, value) -> position -> HitData."""

    @classmethod
    def of(cls, living: Iterable[tuple[Any, Mapping[tuple[str, str], int]]]) -> Shelf:
        """Put documents and their terms in order."""
        rows = sorted(living, key=lambda row: (-row[0].sort_key, row[0].id))
        lists: dict[tuple[str, str], dict[int, int]] = {}
        for position, (_, terms) in enumerate(rows):
            for term, byte in terms.items():
                lists.setdefault(term, {})[position] = byte
        return cls([document for document, _ in rows], lists)

    @cached_property
    def by_edge(self) -> dict[str, dict[str, dict[int, int]]]:
        """Edge -> value -> list."""
        found: dict[str, dict[str, dict[int, int]]] = {}
        for (edge, value), hits in self.lists.items():
            found.setdefault(edge, {})[value] = hits
        return found

    @cached_property
    def codes(self) -> dict[str, dict[int, int]]:
        """Space -> position -> the code as a number, of the documents that have one."""
        return {
            space: {
                position: int.from_bytes(getattr(document, space), "big")
                for position, document in enumerate(self.documents)
                if getattr(document, space)
            }
            for space in ("visual", "joint")
        }
