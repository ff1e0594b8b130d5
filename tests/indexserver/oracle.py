"""The obvious, slow index: documents one by one, sets, lists and fractions.

Written from the language's definition, not from the executor. A `World` is what a view stands for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from alicorn.documents import PhotoDocument
from alicorn.documents.terms import terms_of
from alicorn.query import All, And, Difference, Expr, Ids, Or, Prefix, Range, Term

ONE = 10_000
BYTE_ONE = 65_025
CONCEPT_ONE = ONE * BYTE_ONE

HITDATA = {"tag": "confidence", "text": "frequency"}
FIELDS = {
    "taken-at": lambda d: d.taken_at,
    "sort-key": lambda d: d.sort_key,
    "popularity": lambda d: d.popularity,
    "width": lambda d: d.width,
    "height": lambda d: d.height,
}


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


def contains(expr: Expr, document: PhotoDocument, terms: dict, arrays: Any = ()) -> bool:
    """Whether ``document`` is among the hits of ``expr``."""
    match expr:
        case Term(edge=edge, value=value):
            return (edge, value) in terms
        case Prefix(edge=edge, value=value):
            return any(e == edge and v.startswith(value) for e, v in terms)
        case Ids(edge=edge, array=number):
            return any((edge, str(int(i))) in terms for i in arrays[number])
        case All():
            return True
        case Range(field=name, low=low, high=high):
            value = FIELDS[name](document)
            return (
                value is not None
                and (low is None or value >= low)
                and (high is None or value < high)
            )
        case And(operands=operands):
            return all(contains(o, document, terms, arrays) for o in operands)
        case Or(operands=operands):
            return any(contains(o, document, terms, arrays) for o in operands)
        case Difference(operands=operands):
            return contains(operands[0], document, terms, arrays) and not any(
                contains(o, document, terms, arrays) for o in operands[1:]
            )
    raise AssertionError(expr)


def score(
    expr: Expr,
    document: PhotoDocument,
    terms: dict,
    arrays: Any = (),
    path: Fraction = Fraction(1),
) -> int:
    """Concept score of a document that ``expr`` contains, in 1 / CONCEPT_ONE."""
    path *= Fraction(expr.weight, ONE)
    weight = math.floor(path * ONE)

    def worth(edge: str, byte: int) -> int:
        if HITDATA.get(edge) == "confidence":
            return weight * byte * byte
        if edge in HITDATA or not expr.weighted:
            return 0
        return weight * BYTE_ONE

    match expr:
        case Term(edge=edge, value=value):
            return worth(edge, terms[edge, value])
        case Prefix(edge=edge, value=value):
            return max(
                worth(e, b) for (e, v), b in terms.items() if e == edge and v.startswith(value)
            )
        case Ids(edge=edge, array=number):
            keys = [(edge, str(int(i))) for i in arrays[number]]
            return sum(worth(edge, terms[key]) for key in keys if key in terms)
        case All() | Range():
            return 0
        case And(operands=operands) | Or(operands=operands):
            return sum(
                score(o, document, terms, arrays, path)
                for o in operands
                if contains(o, document, terms, arrays)
            )
        case Difference(operands=operands):
            return score(operands[0], document, terms, arrays, path)
    raise AssertionError(expr)


def search(
    world: World, expr: Expr, *, static: bool, limit: int, arrays: Any = ()
) -> tuple[list[tuple[int, int]], int, tuple[str, ...]]:
    """Return [(id, concept score)] in order, the number of matches, and the flags."""
    found = [
        (document, score(expr, document, terms, arrays))
        for document, terms in world.living()
        if contains(expr, document, terms, arrays)
    ]
    found.sort(key=lambda f: ((0 if static else -f[1]), -f[0].sort_key, f[0].id))
    cuts = ("retrieve-limit",) if len(found) > limit else ()
    return [(document.id, points) for document, points in found[:limit]], len(found), cuts


def positive_leaves(expr: Expr, weight: Fraction = Fraction(1)) -> list[tuple[Expr, Fraction]]:
    """Leaves outside subtrahends, with the weight of their path."""
    weight *= Fraction(expr.weight, ONE)
    match expr:
        case And(operands=operands) | Or(operands=operands):
            return [leaf for o in operands for leaf in positive_leaves(o, weight)]
        case Difference(operands=operands):
            return positive_leaves(operands[0], weight)
    return [(expr, weight)]


def features(
    expr: Expr, document: PhotoDocument, terms: dict, *, ranking: Any, statistics: Any, arrays: Any
) -> dict[str, float]:
    """Return the first-stage row of one document, by name."""
    leaves = [
        (leaf, w)
        for leaf, w in positive_leaves(expr)
        if getattr(leaf, "edge", None) in {"tag", "text"}
    ]
    matched = [(leaf, w) for leaf, w in leaves if contains(leaf, document, terms, arrays)]
    best = 0
    text = 0
    # The forward index is of the document as it was written, whatever edges changed since.
    written = {(t.edge, t.value): t.hitdata for t in terms_of(document)}
    length = sum(b for (e, _), b in written.items() if e == "text")
    for leaf, weight in matched:
        if getattr(leaf, "edge", None) == "tag":
            if isinstance(leaf, Term):
                best = max(best, terms[leaf.edge, leaf.value])
            elif isinstance(leaf, Prefix):
                hits = [b for (e, v), b in terms.items() if e == "tag" and v.startswith(leaf.value)]
                best = max(best, *hits)
            else:
                keys = [("tag", str(int(i))) for i in arrays[leaf.array]]
                best = max([best, *(terms[key] for key in keys if key in terms)])
        if isinstance(leaf, Term) and leaf.edge == "text" and statistics is not None:
            df = statistics.frequencies.get(leaf.value, 0)
            n, tf = statistics.documents, terms["text", leaf.value]
            idf = math.log(1 + (n - df + 0.5) / (df + 0.5))
            norm = 0.9 * (1 - 0.4 + 0.4 * length / (statistics.words / n))
            share = math.floor(weight * ONE) / ONE * idf * tf * 1.9 / (tf + norm)
            text += round(share * 65_536)
    top = max((b for (e, _), b in written.items() if e == "tag"), default=0)
    nan = math.nan
    age = nan
    if ranking.now is not None and document.taken_at is not None:
        age = (ranking.now - document.taken_at) / 86_400
    hamming = nan
    if ranking.visual and document.visual:
        a, b = int.from_bytes(ranking.visual, "big"), int.from_bytes(document.visual, "big")
        hamming = (a ^ b).bit_count()
    w, h = document.width, document.height
    return {
        "concept_score": score(expr, document, terms, arrays) / CONCEPT_ONE,
        "text_score": text / 65_536,
        "matched_operands": len(matched) / len(leaves) if leaves else 1.0,
        "best_tag": best * best / BYTE_ONE,
        "prominence": best * best / (top * top) if top else 0.0,
        "tag_count": len(document.tags),
        "age_days": age,
        "quality": document.quality,
        "log_popularity": math.log1p(document.popularity),
        "megapixels": w * h / 1e6,
        "aspect": w / h if w and h else nan,
        "text_length": length,
        "hamming_visual": hamming,
        "is_viewer": float(document.author != 0 and document.author == ranking.viewer),
        "is_friend": float(
            document.author != 0 and document.author in set(ranking.friends.tolist())
        ),
        "fingerprint_quality": document.fingerprint_quality,
    }
