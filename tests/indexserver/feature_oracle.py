"""The obvious first-stage row of one document: phrases, words and tags by lists and fractions."""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from typing import Any

from alicorn.documents import PhotoDocument
from alicorn.documents.terms import terms_of
from alicorn.query import And, Difference, Expr, Or, Prefix, StrongOr, Term, WeakAnd

_shelf = sys.modules["indexserver_tests_shelf"]
_oracle = sys.modules["indexserver_tests_oracle"]
SIDE, Shelf = _shelf.SIDE, _shelf.Shelf
BYTE_ONE, CONCEPT_ONE, HITDATA, ONE = (
    _oracle.BYTE_ONE,
    _oracle.CONCEPT_ONE,
    _oracle.HITDATA,
    _oracle.ONE,
)
Place = _oracle.Place


def phrases(expr: Expr, weight: Fraction = Fraction(1)) -> list[list[list[tuple[Expr, Fraction]]]]:
    """Phrases, ways, and the tags and words of each way with the weight of their path."""
    inside = weight * Fraction(expr.weight, ONE)
    match expr:
        case And() | WeakAnd() | StrongOr():
            return [phrase for o in expr.operands for phrase in phrases(o, inside)]
        case Difference(operands=operands):
            return phrases(operands[0], inside)
        case Or():
            ways = [way for o in expr.operands for way in _ways(o, inside)]
            return [ways] if ways else []
    leaves = _asked(expr, weight)
    return [[leaves]] if leaves else []


def _ways(expr: Expr, weight: Fraction) -> list[list[tuple[Expr, Fraction]]]:
    if isinstance(expr, Or):
        inside = weight * Fraction(expr.weight, ONE)
        return [way for o in expr.operands for way in _ways(o, inside)]
    leaves = _asked(expr, weight)
    return [leaves] if leaves else []


def _asked(expr: Expr, weight: Fraction) -> list[tuple[Expr, Fraction]]:
    weight *= Fraction(expr.weight, ONE)
    match expr:
        case And() | Or() | WeakAnd() | StrongOr():
            return [leaf for o in expr.operands for leaf in _asked(o, weight)]
        case Difference(operands=operands):
            return _asked(operands[0], weight)
    return [(expr, weight)] if getattr(expr, "edge", None) in HITDATA else []


def _worth(leaf: Expr, path: Fraction, statistics: Any) -> float:
    """Return what a hit of a tag or word is worth."""
    weight = math.floor(path * ONE) / ONE
    if leaf.edge == "tag":
        return min(weight, 1.0)
    if statistics is None or not isinstance(leaf, Term):
        return 0.0
    if leaf.weighted:
        return weight
    n, df = statistics.documents, statistics.frequencies.get(leaf.value, 0)
    rarest = math.log(1 + (n + 0.5) / 0.5)
    return weight * math.log(1 + (n - df + 0.5) / (df + 0.5)) / rarest


def _bm25(tf: int, length: int, worth: float, statistics: Any) -> float:
    norm = 0.9 * (1 - 0.4 + 0.4 * length / (statistics.words / statistics.documents))
    return worth * tf * 1.9 / (tf + norm)


def _tag_byte(leaf: Expr, terms: dict, arrays: Any) -> int:
    if isinstance(leaf, Term):
        return terms[leaf.edge, leaf.value]
    if isinstance(leaf, Prefix):
        return max(b for (e, v), b in terms.items() if e == "tag" and v.startswith(leaf.value))
    keys = [("tag", str(int(i))) for i in arrays[leaf.array]]
    return max(terms[key] for key in keys if key in terms)


def features(
    expr: Expr, document: PhotoDocument, terms: dict, *, ranking: Any, statistics: Any, arrays: Any
) -> dict[str, float]:
    """Return the first-stage row of one hit of ``expr``, by name.

    The document is looked at alone, so nothing in ``expr`` may depend on the others.
    """
    alone = Shelf.of([(document, terms)])
    root = Place(expr, alone, arrays, 1)
    # The forward index is of the document as it was written, whatever edges changed since.
    written = {(t.edge, t.value): t.hitdata for t in terms_of(document)}
    length = sum(b for (e, _), b in written.items() if e == "text")
    asked = phrases(expr)
    worths = [[[_worth(*leaf, statistics) for leaf in way] for way in phrase] for phrase in asked]
    met = text = said = shown = 0.0
    best = (0.0, 0.0, 0)
    for phrase, ways in zip(asked, worths, strict=True):
        in_ways, texts, words, roots = [], [0], [0.0], 0.0
        for way, each in zip(phrase, ways, strict=True):
            held = [Place(leaf, alone, arrays, 1).contains(0) for leaf, _ in way]
            in_ways.append(Fraction(sum(held), len(way)))
            found = [(leaf, w) for (leaf, _), w, here in zip(way, each, held, strict=True) if here]
            for leaf, worth in found:
                if leaf.edge == "tag":
                    byte = _tag_byte(leaf, terms, arrays)
                    roots += worth * byte / 255
                    best = max(best, (worth * byte * byte / BYTE_ONE, worth, byte))
            said_in_way = [(leaf, worth) for leaf, worth in found if leaf.edge == "text"]
            words.append(sum(worth for _, worth in said_in_way))
            texts.append(
                sum(
                    round(_bm25(terms["text", leaf.value], length, worth, statistics) * 65_536)
                    for leaf, worth in said_in_way
                    if worth
                )
            )
        met += float(max(in_ways))
        text += max(texts)
        said += max(words)
        shown += roots
    most = sum(
        max(
            sum(w for (leaf, _), w in zip(way, each, strict=True) if leaf.edge == "text")
            for way, each in zip(phrase, ways, strict=True)
        )
        for phrase, ways in zip(asked, worths, strict=True)
    )
    top = max((b for (e, _), b in written.items() if e == "tag"), default=0)
    nan = math.nan
    age = nan
    if ranking.now is not None and document.taken_at is not None:
        age = (ranking.now - document.taken_at) / 86_400
    hamming = nan
    if ranking.visual and document.visual:
        a, b = int.from_bytes(ranking.visual, "big"), int.from_bytes(document.visual, "big")
        hamming = (a ^ b).bit_count()
    w, h = min(document.width, SIDE), min(document.height, SIDE)
    return {
        "concept_score": root.score(0) / CONCEPT_ONE,
        "text_score": text / 65_536,
        "matched_phrases": met / len(asked) if asked else 1.0,
        "shown_phrases": shown / len(asked) if asked else 0.0,
        "said_share": said / most if most else 0.0,
        "best_tag": best[0],
        "best_weight": best[1],
        "prominence": best[2] * best[2] / (top * top) if top else 0.0,
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
