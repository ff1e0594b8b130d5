"""What an expression looks for: phrases, ways, and what only limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.query import ONE, And, Expr, Ids, Or, StrongOr, Term, asked_phrases, leaves, parse


def _said(text: str) -> list[list[list[str]]]:
    return [
        [[f"{leaf.expr.edge}:{leaf.expr.value}" for leaf in way] for way in phrase]
        for phrase in asked_phrases(parse(text))
    ]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("tag:cat", [[["tag:cat"]]]),
        ("(or tag:cat text:cat)", [[["tag:cat"], ["text:cat"]]]),
        # DB-05: both are asked for, the place of neither matters.
        (
            "(and (or tag:cat text:cat) text:mat)",
            [[["tag:cat"], ["text:cat"]], [["text:mat"]]],
        ),
        (
            "(strong-or (or tag:cat text:cat) text:mat)",
            [[["tag:cat"], ["text:cat"]], [["text:mat"]]],
        ),
        (
            '(or "tag:coffee mug" (and text:coffee text:mug))',
            [[["tag:coffee mug"], ["text:coffee", "text:mug"]]],
        ),
        ("(or tag:a (or tag:b (or text:c)))", [[["tag:a"], ["tag:b"], ["text:c"]]]),
        ("(and tag:a (and tag:b text:c))", [[["tag:a"]], [["tag:b"]], [["text:c"]]]),
        # Conditions ask for nothing that a photo shows or says.
        ("(and tag:a audience:public (range width 1 2))", [[["tag:a"]]]),
        ("(difference (and tag:a audience:public) tag:b author:5)", [[["tag:a"]]]),
        ("(and (or author:1 author:2) year:2016)", []),
        ("(weak-and tag:a (term text:b :optional-hits 5))", [[["tag:a"]], [["text:b"]]]),
    ],
)
def test_phrases_and_ways_are_those_of_the_text(expression: str, expected: list) -> None:
    """Ranking counts phrases: ten concepts for one word are one word."""
    assert expected == _said(expression)


def test_weights_on_the_path_multiply_and_are_floored_once() -> None:
    """As the executor does it: 0.5 * 0.0003 is 1 in 1/10,000."""
    text = "(and (or (term tag:a :weight 0.0003) (and tag:b (term tag:c :weight 2)) :weight 0.5))"
    (phrase,) = asked_phrases(parse(text))

    assert [[leaf.weight for leaf in way] for way in phrase] == [[1], [ONE // 2, ONE]]


_leaves = st.sampled_from(
    [Term("tag", "a"), Term("text", "b"), Term("author", "5"), Ids("tag", 0), Ids("author", 0)]
)
_expressions = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
        lambda operands: st.sampled_from([And, Or, StrongOr]).map(
            lambda kind: kind(tuple(operands))
        )
    ),
    max_leaves=12,
)


@given(expr=_expressions)
def test_every_tag_and_word_is_asked_for_once(expr: Expr) -> None:
    """None is lost between phrases and ways, whatever stands in whatever."""
    expected = [leaf for leaf in leaves(expr) if leaf.edge in {"tag", "text"}]

    found = [leaf.expr for phrase in asked_phrases(expr) for way in phrase for leaf in way]

    assert expected == found
