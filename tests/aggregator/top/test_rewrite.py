"""Rewriting: exact expressions, modules that never share a photo, and words that stay words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.top.rewrite import (
    core_of,
    expression_of,
    is_browsing,
)
from alicorn.documents.schema import edges_of
from alicorn.errors import BadRequest, MalformedQuery, UnknownEdge, Unsupported
from alicorn.query import (
    ONE,
    All,
    And,
    Expr,
    Ids,
    StrongOr,
    Term,
    asked_phrases,
    check_edges,
    leaves,
    parse,
    print_expression,
    walk,
)
from understanding.concepts.lexicon import ConceptMatch, Lexicon
from understanding.queries import Kind, Phrase, Terms, Understanding, understand
from understanding.texts.words import CaptionWords

PEOPLE = {7: "Mia Berg", 8: "Mia Stone", 9: "Tom Berg"}


def _named(words: str) -> list[int]:
    return [i for i, name in PEOPLE.items() if set(words.split()) <= set(name.casefold().split())]


def _core(query: str) -> Expr:
    return core_of(understand(query, Terms(Lexicon.load())), _named)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # A concept, also by its text; and a word that nothing knows, as text alone.
        ("cat", "(or tag:cat text:cat)"),
        ("Cats", "(or tag:cat text:cat)"),
        ("xyzzy", "text:xyzzy"),
        # DB-05: one thing, neither beaches nor balls.
        ("beach ball", "(and text:beach text:ball)"),
        ("coffee mug", '(or "tag:coffee mug" (and text:coffee text:mug))'),
        # Several words are all asked for.
        ("zebra harbour", "(and (or tag:zebra text:zebra) text:harbour)"),
        # Filters are conditions beside the words.
        ("cat year:2016", "(and (or tag:cat text:cat) year:2016)"),
        ("month:2016-05", "month:2016-05"),
        ('camera:"Canon EOS"', '(prefix "camera:canon eos")'),
        ("album:Holi", "album:holi*"),
        ("author:9", "author:9"),
        ("author:mia", "(or author:7 author:8)"),
        ("author:berg cat", "(and (or tag:cat text:cat) (or author:7 author:9))"),
        ("author:nobody", "author:nobody"),
        ("place:London", "text:london"),
        ("place:2643743", "place:2643743"),
        ("text:cats", "text:cat"),
        ('place:"!"', "place:!"),
        ("tag:Zebra", "tag:zebra"),
    ],
)
def test_words_become_this_expression(query: str, expected: str) -> None:
    """PS-32: the rewrite is text, and parses."""
    printed = print_expression(_core(query))

    assert expected == printed
    assert expected == print_expression(parse(printed))


def test_a_word_of_several_senses_weighs_them() -> None:
    """The lexicon's weights travel as weights of the terms, none of them nothing."""
    core = _core("glasses")
    weights = [
        leaf.weight for leaf in leaves(core) if isinstance(leaf, Term) and leaf.edge == "tag"
    ]

    assert len(weights) > 1
    assert weights == sorted(weights, reverse=True)
    assert all(0 < weight <= 10_000 for weight in weights)


def _parts(core: Expr) -> list[Expr]:
    return list(core.operands) if isinstance(core, And | StrongOr) else [core]


def test_up_to_three_phrases_are_all_required() -> None:
    """DB-05: who types little means all of it."""
    assert isinstance(_core("zebra harbour fog"), And)
    assert isinstance(_core("a photo of my zebra in the fog"), And)
    assert isinstance(_core("the zebra harbour in fog at its station"), StrongOr), "a sentence"
    assert not list(filter(lambda node: isinstance(node, StrongOr), walk(_core("zebra fog"))))


def test_of_a_description_each_phrase_may_be_missing() -> None:
    """No caption has every word of another one. Phrases stay apart, so that they can be counted."""
    core = _core("a xyzzy zebra stands quietly in the glimmering harbour")
    said = [phrase[-1][0].expr.value for phrase in asked_phrases(core)]

    assert isinstance(core, StrongOr)
    assert len(core.operands) == len(said) == 6
    assert "xyzzy" in {leaf.value for leaf in leaves(core) if isinstance(leaf, Term)}
    assert core == parse(print_expression(core))


def test_words_of_a_description_count_what_they_are_worth() -> None:
    """Retrieval then finds what has most of the query, by worth: rare words before common ones."""
    words = CaptionWords.load()
    core = _core("man holding xyzzy zebra grass")
    weights = {
        leaf.value: leaf.weight / ONE
        for leaf in leaves(core)
        if isinstance(leaf, Term) and leaf.edge == "text"
    }

    assert weights["man"] < weights["zebra"] < weights["xyzzy"] == 1
    for word in ("man", "zebra"):
        assert weights[word] == pytest.approx(words.worth(word), abs=0.006)
    related = dict(words.related("man"))
    assert related
    for other, share in related.items():
        assert weights[other] <= round(max(related[other], share) * words.worth("man") + 0.006, 2)


def test_a_term_of_a_description_has_its_words_together_or_its_concept() -> None:
    """DB-05: one thing in several words; a compound that is no concept falls apart."""
    core = _core("coffee mug beside a beach ball on grass")

    assert "(and (term text:coffee :weight" in print_expression(core)
    for word in ("beach", "ball"):
        (phrase,) = [ways for ways in asked_phrases(core) if ways[0][0].expr.value == word]
        assert all(len(way) == 1 for way in phrase)


def test_filters_of_a_description_stay_required() -> None:
    """What somebody writes as a condition is one."""
    core = _core("brown dog catches red frisbee year:2016")

    assert isinstance(core, And)
    assert isinstance(core.operands[0], StrongOr)
    assert core.operands[1:] == (Term("year", "2016"),)


def test_what_is_only_like_something_is_wished_for_beside_what_is_named() -> None:
    """DB-05: signs are asked for; that they stop somebody may show, or be said, and need not."""
    like = Phrase(
        words=("stop",),
        start=0,
        end=4,
        concepts=(ConceptMatch("stopwatch", 0.2),),
        kind=Kind.SIMILAR,
    )
    named = Phrase(words=("sign",), start=5, end=9, concepts=(ConceptMatch("sign", 1.0),))

    both = core_of(Understanding(text="stop sign", phrases=(like, named)), _named)
    alone = core_of(Understanding(text="stop", phrases=(like,)), _named)

    wished = "(or (term tag:stopwatch :weight 0.2) text:stop)"
    assert print_expression(both) == f"(and (or {wished} (all)) (or tag:sign text:sign))"
    assert print_expression(alone) == wished


def test_nothing_to_look_for_is_refused() -> None:
    """Not answered with everything."""
    for query in ("", "   ", "!!!", "😀"):
        with pytest.raises(BadRequest):
            _core(query)


INJECTIONS = (
    '"\\" ) (or audience:only-me',
    ") (or audience:only-me (all))",
    '(all)") (or (all)',
    'album:") (all) ("',
    'camera:"x) (or (all) audience:only-me"',
    "tag:cat) (all",
    'author:"7) (or (all)"',
    "text:(ids",
    "cat :weight 0.1 :optional-hits 3",
    'place:"\\"',
    "album:* camera:*",
    "year:2016*",
    "author:@0",
    "\u0000\u0001 cat \u202e (all)",
)


@pytest.mark.parametrize("query", INJECTIONS)
def test_what_is_typed_stays_words(query: str) -> None:
    """No operator, edge or star of the language can come out of a person's words."""
    try:
        core = _core(query)
    except BadRequest:
        return
    asked = [leaf for leaf in leaves(core) if not isinstance(leaf, All)]

    assert core == parse(print_expression(core))
    assert not any(isinstance(leaf, Ids) for leaf in leaves(core))
    assert not any(getattr(leaf, "edge", "") == "audience" for leaf in asked)
    assert not any(isinstance(leaf, All) for leaf in leaves(core))


@given(query=st.text(max_size=60) | st.text(alphabet='()":*\\@ abtg', max_size=40))
def test_whatever_is_typed_becomes_an_expression_that_reads_back(query: str) -> None:
    """Or is refused as a bad request; nothing else can happen."""
    try:
        core = _core(query)
    except BadRequest:
        return
    check_edges(core, edges_of("photos"))

    assert core == parse(print_expression(core))
    assert not any(isinstance(leaf, Ids) for leaf in leaves(core))


# --- expressions from outside -----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "(ids author: @0)",
        "(and tag:cat (ids author: @0))",
        "(difference (all) (ids author: @1))",
        "listed:5",
        "(and tag:cat listed:*)",
    ],
)
def test_what_only_travels_between_tiers_is_refused(text: str) -> None:
    """Arrays of friends are ours to fill; who else is on a list is nobody's to ask."""
    with pytest.raises(BadRequest):
        expression_of(text)


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("(apply tagged: author:5)", "apply"),
        ("(and tag:cat (apply author: tagged:5))", "apply"),
        ("(extract author: tag:cat)", "extract"),
    ],
)
def test_what_needs_a_second_round_is_not_served_yet_by_name(text: str, operator: str) -> None:
    """UNIMPLEMENTED, so that a caller knows that nothing is wrong with the request."""
    with pytest.raises(Unsupported, match=operator):
        expression_of(text)


def test_an_unknown_edge_names_its_near_misses() -> None:
    """A typing error is told as one."""
    with pytest.raises(UnknownEdge, match="tag"):
        expression_of("(and tga:cat year:2016)")


def test_a_malformed_expression_knows_its_column() -> None:
    """Where, and what could have stood there."""
    with pytest.raises(MalformedQuery) as raised:
        expression_of("(and tag:cat")

    assert raised.value.column == 13


@pytest.mark.parametrize(
    ("text", "browsing"),
    [
        ("(all)", True),
        ("year:2016", True),
        ("(and author:5 (difference (all) year:2016))", True),
        ("(and author:5 tag:cat)", False),
        ("text:bea*", False),
    ],
)
def test_only_conditions_are_browsing(text: str, browsing: bool) -> None:
    """Where nothing ranks, the newest come first."""
    assert browsing is is_browsing(expression_of(text))
