"""Words to s-expressions: what the shards are asked (PS-29, PS-32, PS-35, PS-36).

Each phrase of the query becomes an `or` of the concepts that it names and of its words as text;
phrases are joined by `and` (DB-05); what nothing knows is looked for as text alone.

    "cat coffee mug"  ->  (and (or tag:cat text:cat)
                               (or "tag:coffee mug" (and text:coffee text:mug)))

A phrase that is only like something is no condition beside one that names something: photos that
show it, too, come first.

    "stop sign"  ->  (and (or (or (term tag:stopwatch :weight 0.2) ... text:stop) (all))
                          (or tag:sign text:sign))

Who types more than `MOST_REQUIRED` phrases, or more than `MOST_IN_A_SENTENCE` with small words
between them, describes a picture, and no caption has all the words of a description. Then every
phrase may be missing (`strong-or`), and what is found is what has most of them, by worth: a word
counts its weight, more for rarer ones, and words that others say for it count less
(`understanding.texts`). Compounds that name nothing fall apart into their words.

    "brown dog carries frisbee grass"  ->  (strong-or (term text:brown :weight 0.3) ...
        (or tag:dog (term text:dog :weight 0.3) (term text:puppy :weight 0.1)) ...)

Around that core every module puts its own conditions, so that friends' photos and public photos are
two requests with their own retrieval. Friends and blocked people travel as packed arrays. These
conditions only save work: what may be seen is decided from the authoritative graph (`sight`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.documents.schema import edges_of
from alicorn.documents.text import stem, tokens
from alicorn.errors import BadRequest, Unsupported
from alicorn.query import (
    ONE,
    All,
    And,
    Apply,
    Difference,
    Expr,
    Extract,
    Ids,
    Nn,
    Or,
    Prefix,
    StrongOr,
    Term,
    WeakAnd,
    check_edges,
    check_whole,
    leaves,
    parse,
    walk,
)
from understanding.queries import Kind, Phrase, Understanding
from understanding.texts.words import CaptionWords

__all__ = [
    "MOST_IN_A_SENTENCE",
    "MOST_REQUIRED",
    "Circle",
    "Rewritten",
    "core_of",
    "expression_of",
    "is_browsing",
    "modules_of",
]

NamedPeople = Callable[[str], Iterable[int]]
"""Ids of the people whose name has the given words."""

MOST_REQUIRED: Final = 3
"""Phrases that are all required; of more, each may be missing."""

MOST_IN_A_SENTENCE: Final = 2
"""The same for a sentence: *a cat that sits on a laptop* describes, *cat laptop night* requires."""

_LEAST_DROPPED: Final = 2
"""Words without a meaning of their own that make a sentence."""

# Filters whose values a person types from memory match from the beginning.
_BY_PREFIX: Final = frozenset({"camera", "album"})


@dataclass(frozen=True, slots=True)
class Circle:
    """Who the viewer is to others, from the authoritative graph."""

    viewer: int
    """0 is nobody."""
    friends: npt.NDArray[np.uint64]
    """Ascending."""
    blocked: npt.NDArray[np.uint64]
    """People whom the viewer blocked or who blocked the viewer, ascending."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One module's request."""

    module: str
    """Its name: ``social`` or ``public``."""
    expression: Expr
    id_arrays: tuple[npt.NDArray[np.uint64], ...]

    @property
    def described(self) -> bool:
        """Whether it describes a picture, and none of its phrases is required."""
        return any(isinstance(node, StrongOr) for node in walk(self.expression))


def core_of(
    understood: Understanding, people: NamedPeople, words: CaptionWords | None = None
) -> Expr:
    """Return what the words of a query ask for, without any condition on who may see it.

    Parameters
    ----------
    understood : Understanding
    people : callable
    words : CaptionWords, optional
        What words are worth, for queries that require none of their phrases; what ships by default.

    Raises
    ------
    BadRequest
        If nothing is asked for.
    """
    described = _described(understood, words or CaptionWords.load())
    parts = _together(understood.phrases) if described is None else [described]
    parts.extend(_filter(term, people) for term in understood.filters)
    if not parts:
        raise BadRequest("found nothing to look for, needed a word or a filter")
    return _all_of(tuple(parts))


def expression_of(text: str) -> Expr:
    """Return the core that somebody wrote as an s-expression over photos.

    Raises
    ------
    BadRequest
        If it is malformed, names an edge that photos lack, asks who else may see a photo, or needs
        a second round.
    """
    core = parse(text)
    check_edges(core, edges_of("photos"))
    for node in walk(core):
        if isinstance(node, Term | Prefix) and node.edge == "listed":
            raise BadRequest(
                "listed: is not served at the top; it would tell who else sees a photo"
            )
        if isinstance(node, Ids):
            raise BadRequest("ids arrays travel only between tiers; write the terms out with or")
        if isinstance(node, Apply | Extract):
            raise Unsupported(f"{node.operator} is not served at the top yet")
    return core


def is_browsing(core: Expr) -> bool:
    """Whether ``core`` ranks nothing: no concept, word or code, only conditions.

    Then the static rank, newest first, is the answer.
    """
    return not any(
        isinstance(leaf, Nn) or (isinstance(leaf, Term | Prefix) and leaf.edge in {"tag", "text"})
        for leaf in leaves(core)
    )


def modules_of(core: Expr, circle: Circle) -> tuple[Rewritten, ...]:
    """Return the requests for ``core``: social for somebody, then public (PS-38).

    Social are the viewer's own photos, friends' photos for friends or for everybody, and photos
    whose list has the viewer. Public are everybody else's. No photo can be in both.

    The expressions are shown to the viewer, so they are the same whether or not anybody is blocked:
    friends (array 0) and people kept apart (array 1) may be empty.
    """
    for_all = Term("audience", "public")
    if not circle.viewer:
        return (Rewritten("public", And((_among(core, for_all), for_all)), ()),)
    own = Term("author", str(circle.viewer))
    listed = Term("listed", str(circle.viewer))
    by_friends, apart = Ids("author", 0), Ids("author", 1)
    for_friends = Or((Term("audience", "friends"), Term("audience", "public")))
    sources = Or((own, listed, And((by_friends, for_friends))))
    for condition in (sources, own, by_friends, apart):
        # A partial result may narrow what is found, never decide who sees it.
        check_whole(condition)
    social = And((_among(core, Difference((sources, apart))), sources))
    others = _among(core, Difference((for_all, own, by_friends, apart)))
    arrays = (circle.friends, circle.blocked)
    return (
        Rewritten("social", Difference((social, apart)), arrays),
        Rewritten("public", Difference((And((others, for_all)), own, by_friends, apart)), arrays),
    )


def _among(expr: Expr, seen: Expr) -> Expr:
    """Return ``expr`` with every `nn :k` looking only among the photos of ``seen``.

    The k nearest of all photos could be such as the viewer may not see: their number would tell of
    them. Conditions beside an `nn :k` come too late for that.
    """
    if isinstance(expr, Nn) and expr.k is not None:
        within = seen if expr.within is None else And((_among(expr.within, seen), seen))
        return replace(expr, within=within)
    if isinstance(expr, And | Or | Difference | WeakAnd | StrongOr):
        return replace(expr, operands=tuple(_among(operand, seen) for operand in expr.operands))
    return expr


def _together(phrases: tuple[Phrase, ...]) -> list[Expr]:
    """Return what each of a few phrases asks for; all that name something are required."""
    named = any(phrase.kind is Kind.CONCEPT for phrase in phrases)
    return [
        Or((_phrase(phrase), All())) if named and phrase.kind is Kind.SIMILAR else _phrase(phrase)
        for phrase in phrases
    ]


def _phrase(phrase: Phrase) -> Expr:
    words = tuple(Term("text", word) for word in _stems(phrase))
    choices = _tags(phrase)
    if words:
        choices.append(_all_of(words))
    if not choices:
        raise BadRequest(f"found nothing to look for in {' '.join(phrase.words)!r}")
    return _any_of(tuple(choices))


def _described(understood: Understanding, words: CaptionWords) -> Expr | None:
    """Return a description's expression, in which no phrase is required; None for what is none."""
    parts: list[Expr] = []
    for phrase in understood.phrases:
        said = [_said(word, words) for word in dict.fromkeys(_stems(phrase))]
        tags = _tags(phrase)
        if not tags:
            parts.extend(_any_of(each) for each in said)
        elif len(said) == 1:
            parts.append(_any_of((*tags, *said[0])))
        else:
            # Words that mean something together are no better than none apart.
            parts.append(_any_of((*tags, *([_all_of(tuple(o[0] for o in said))] if said else ()))))
    distinct = tuple(dict.fromkeys(parts))
    sentence = len(understood.dropped) >= _LEAST_DROPPED
    most = MOST_IN_A_SENTENCE if sentence else MOST_REQUIRED
    return StrongOr(distinct) if len(distinct) > most else None


def _said(word: str, words: CaptionWords) -> tuple[Term, ...]:
    """Return ``word`` as text, and what else may be said for it, each with what it is worth."""
    worth = words.worth(word)
    others = [Term("text", other, weight=_weight(worth * w)) for other, w in words.related(word)]
    return (Term("text", word, weight=_weight(worth), weighted=True), *others)


def _weight(worth: float) -> int:
    """Return a weight in 1/10,000 that two digits after the point can print, never nothing."""
    return max(round(100 * worth), 1) * ONE // 100


def _tags(phrase: Phrase) -> list[Expr]:
    return [
        Term("tag", match.concept, weight=round(ONE * match.weight)) for match in phrase.concepts
    ]


def _stems(phrase: Phrase) -> list[str]:
    return [stem(word) for phrase_word in phrase.words for word in tokens(phrase_word)]


def _filter(term: Term, people: NamedPeople) -> Expr:
    """Return what a filter typed by a person means: names for ids, beginnings for values."""
    value = " ".join(term.value.casefold().split())
    if term.edge == "author" and not value.isdigit():
        found = tuple(Term("author", str(person)) for person in people(value))
        return Or(found) if found else Term("author", value)
    if term.edge == "text" or (term.edge == "place" and not value.isdigit()):
        words = tuple(Term("text", stem(word)) for word in tokens(value))
        # A value without words is kept as it is: it finds nothing, where no condition would widen.
        return _all_of(words) if words else Term(term.edge, value)
    if term.edge in _BY_PREFIX:
        return Prefix(term.edge, value)
    return Term(term.edge, value)


def _any_of(choices: tuple[Expr, ...]) -> Expr:
    return choices[0] if len(choices) == 1 else Or(choices)


def _all_of(parts: tuple[Expr, ...]) -> Expr:
    return parts[0] if len(parts) == 1 else And(parts)
