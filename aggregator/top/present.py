"""Ranked candidates and their documents as what frontends show: modules, photos, reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from aggregator.top.matching import Wanted
from aggregator.top.ranking import RankedModule
from aggregator.top.sight import phrase_of
from alicorn.api.photo.v1 import photo_pb2
from alicorn.api.search.v1 import search_pb2
from alicorn.documents.terms import DocumentTerm
from ranker.scores import SCORE_ONE

__all__ = ["ids_to_fetch", "module_of", "title_of"]

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
    wanted: Wanted,
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
        photo = _photo(document, wanted, reason=reason, name=name, families=families)
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
    wanted: Wanted,
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
        why=[*_phrases(wanted.in_document(document)), phrase_of(reason, author)],
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
