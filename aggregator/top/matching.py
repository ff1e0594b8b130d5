"""Which terms of a photo a query asked for: the reasons that a page gives for each result.

The shards found the photo and know no more of it here; its document says which terms it carries. A
photo has fifty tags and a page a hundred photos, so only what may match is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alicorn.api.photo.v1 import photo_pb2
from alicorn.documents.codec import from_proto
from alicorn.documents.hitdata import quantise
from alicorn.documents.terms import DocumentTerm, terms_of
from alicorn.query import Difference, Expr, Prefix, Term, children

__all__ = ["Wanted"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The terms that can make a photo match; made once a query."""

    leaves: tuple[Term | Prefix, ...]
    """In the order of the expression."""
    tags: frozenset[str]
    tag_beginnings: tuple[str, ...]
    word_beginnings: tuple[str, ...]
    """What a plain text must have somewhere to say one of the words asked for."""
    others: bool
    """Whether anything else is asked for."""

    @classmethod
    def of(cls, core: Expr) -> Wanted:
        """Return what ``core`` asks for."""
        leaves = tuple(leaf for leaf in _positive(core) if isinstance(leaf, Term | Prefix))
        terms = [leaf for leaf in leaves if isinstance(leaf, Term)]
        starts = [leaf for leaf in leaves if isinstance(leaf, Prefix)]
        return cls(
            leaves=leaves,
            tags=frozenset(leaf.value for leaf in terms if leaf.edge == "tag"),
            tag_beginnings=tuple(leaf.value for leaf in starts if leaf.edge == "tag"),
            word_beginnings=tuple(
                # A stem begins its word, but for the berry of "berries".
                leaf.value.removesuffix("y") if isinstance(leaf, Term) else leaf.value
                for leaf in leaves
                if leaf.edge == "text"
            ),
            others=any(leaf.edge not in {"tag", "text"} for leaf in leaves),
        )

    def in_document(self, document: photo_pb2.PhotoDocument) -> list[DocumentTerm]:
        """Return the terms of ``document`` that are asked for.

        In the order of the expression, each once.
        """
        carried = {(term.edge, term.value): term for term in self._tags(document)}
        if self.others or self._may_say(document):
            bare = photo_pb2.PhotoDocument()
            bare.CopyFrom(document)
            del bare.tags[:]
            carried |= {(term.edge, term.value): term for term in terms_of(from_proto(bare))}
        found: dict[tuple[str, str], DocumentTerm] = {}
        for leaf in self.leaves:
            if isinstance(leaf, Term):
                if (leaf.edge, leaf.value) in carried:
                    found[leaf.edge, leaf.value] = carried[leaf.edge, leaf.value]
                continue
            for (edge, value), term in carried.items():
                if edge == leaf.edge and value.startswith(leaf.value):
                    found[edge, value] = term
        return list(found.values())

    def _tags(self, document: photo_pb2.PhotoDocument) -> Iterable[DocumentTerm]:
        left = len(self.tags)
        for tag in document.tags:
            if not left and not self.tag_beginnings:
                return
            name = tag.concept
            asked = name in self.tags
            left -= asked
            if (asked or name.startswith(self.tag_beginnings)) and (
                byte := quantise(tag.confidence)
            ):
                yield DocumentTerm("tag", name, byte)

    def _may_say(self, document: photo_pb2.PhotoDocument) -> bool:
        """Whether the texts of ``document`` may hold a word asked for; if not, none is cut."""
        if not self.word_beginnings:
            return False
        parts = (document.caption, document.album, document.place.name, document.camera)
        text = " ".join((*parts, document.uri))
        # Folding can change other letters into these, so only plain text is judged unread.
        if not text.isascii():
            return True
        text = text.lower()
        return any(beginning in text for beginning in self.word_beginnings)


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
