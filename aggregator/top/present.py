"""Ranked candidates and their documents as what frontends show: modules, photos, reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from aggregator.top.ranking import RankedModule
from aggregator.top.sight import phrase_of
from alicorn.api.photo.v1 import photo_pb2
from alicorn.api.search.v1 import search_pb2
from alicorn.documents import PhotoDocument
from alicorn.documents.codec import from_proto
from alicorn.documents.terms import DocumentTerm, terms_of
from alicorn.query import Difference, Expr, Prefix, Term, children
from ranker.scores import SCORE_ONE

__all__ = ["ids_to_fetch", "matched_terms", "module_of", "title_of"]

Name = Callable[[int], str]
"""Name of a person; empty when unknown."""

# More tags than anybody reads; the rest only name the obvious.
_TAGS_SHOWN: Final = 8


def ids_to_fetch(modules: Sequence[RankedModule], limit: int) -> list[int]:
    """Return the ids of the photos on the page and of what is folded under them."""
    wanted: dict[int, None] = {}
    for module in modules:
        for rank in range(min(limit, module.reranked.order.size)):
            wanted[int(module.reranked.ids[rank])] = None
            wanted.update((absorbed.id, None) for absorbed in module.reranked.similar[rank])
    return list(wanted)


def title_of(module: str, has_friends: bool) -> str:
    """Return a module's heading."""
    if module == "public":
        return "Public photos"
    return "Your photos and your friends'" if has_friends else "Your photos"


def module_of(
    module: RankedModule,
    core: Expr,
    documents: Mapping[int, photo_pb2.PhotoDocument],
    *,
    title: str,
    expression: str,
    limit: int,
    name: Name,
    families: Mapping[str, str],
    with_features: bool,
) -> search_pb2.Module:
    """Return one module of the page; a photo whose document is gone by now is left out."""
    photos: list[search_pb2.Photo] = []
    reranked = module.reranked
    for rank in range(min(limit, reranked.order.size)):
        document = documents.get(int(reranked.ids[rank]))
        if document is None:
            continue
        position = int(reranked.order[rank])
        reason = int(module.reasons[position])
        photo = _photo(document, core, reason=reason, name=name, families=families)
        photo.score = float(reranked.scores[rank]) / SCORE_ONE
        photo.similar.extend(
            search_pb2.Similar(id=copy.id, uri=documents[copy.id].uri, reason=copy.reason)
            for copy in reranked.similar[rank]
            if copy.id in documents
        )
        if with_features:
            photo.features.extend(module.hits.features[position].tolist())
        photos.append(photo)
    return search_pb2.Module(
        name=module.request.module, title=title, photos=photos, expression=expression
    )


def _photo(
    document: photo_pb2.PhotoDocument,
    core: Expr,
    *,
    reason: int,
    name: Name,
    families: Mapping[str, str],
) -> search_pb2.Photo:
    author = name(document.author)
    place = document.place
    where = ", ".join(part for part in (place.name, place.country) if part)
    photo = search_pb2.Photo(
        id=document.id,
        uri=document.uri,
        tags=[
            search_pb2.Tag(
                concept=tag.concept,
                confidence=tag.confidence,
                family=families.get(tag.concept, ""),
            )
            for tag in document.tags[:_TAGS_SHOWN]
        ],
        why=[*_phrases(matched_terms(core, document)), phrase_of(reason, author)],
        author=document.author,
        author_name=author,
        caption=document.caption,
        place=where if document.HasField("place") else "",
        width=document.width,
        height=document.height,
    )
    if document.HasField("taken_at"):
        photo.taken_at = document.taken_at
    return photo


def matched_terms(core: Expr, document: photo_pb2.PhotoDocument) -> list[DocumentTerm]:
    """Return the terms of ``document`` that the positive leaves of ``core`` ask for.

    In the order of the expression, each once.
    """
    wanted = [leaf for leaf in _positive(core) if isinstance(leaf, Term | Prefix)]
    if not wanted:
        return []
    asked = list(_positive(core))
    carried = {
        (term.edge, term.value): term for term in terms_of(_without_other_tags(document, asked))
    }
    found: dict[tuple[str, str], DocumentTerm] = {}
    for leaf in wanted:
        if isinstance(leaf, Term) and (leaf.edge, leaf.value) in carried:
            found[leaf.edge, leaf.value] = carried[leaf.edge, leaf.value]
        elif isinstance(leaf, Prefix):
            for (edge, value), term in carried.items():
                if edge == leaf.edge and value.startswith(leaf.value):
                    found[edge, value] = term
    return list(found.values())


def _without_other_tags(document: photo_pb2.PhotoDocument, asked: Sequence[Expr]) -> PhotoDocument:
    """Return ``document`` with those tags only that somebody asks for.

    A photo has fifty, a query names a few, and a page has a hundred photos.
    """
    names = {leaf.value for leaf in asked if isinstance(leaf, Term) and leaf.edge == "tag"}
    starts = tuple(leaf.value for leaf in asked if isinstance(leaf, Prefix) and leaf.edge == "tag")
    kept = [t for t in document.tags if t.concept in names or t.concept.startswith(starts)]
    small = photo_pb2.PhotoDocument()
    small.CopyFrom(document)
    del small.tags[:]
    small.tags.extend(kept)
    return from_proto(small)


def _positive(expr: Expr) -> Iterable[Expr]:
    """Yield the leaves that can make a photo match; what `difference` takes away cannot."""
    pending = [expr]
    while pending:
        node = pending.pop()
        below = children(node)
        if isinstance(node, Difference):
            below = below[:1]
        if below:
            pending.extend(reversed(below))
        else:
            yield node


def _phrases(terms: Sequence[DocumentTerm]) -> list[str]:
    shows = [term.value for term in terms if term.edge == "tag"]
    says = [term.value for term in terms if term.edge == "text"]
    others = [f"{term.edge}: {term.value}" for term in terms if term.edge not in {"tag", "text"}]
    phrases = []
    if shows:
        phrases.append(f"shows {_listed(shows)}")
    if says:
        phrases.append(f"its text says {_listed([f'“{word}”' for word in says])}")
    return [*phrases, *others]


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
