"""Edge types with their near misses, places, and what must be whole."""

from __future__ import annotations

import pytest

from alicorn.errors import BadRequest, MalformedQuery, UnknownEdge
from alicorn.query import (
    And,
    Apply,
    Difference,
    Nn,
    Or,
    StrongOr,
    Term,
    WeakAnd,
    check_edges,
    check_placement,
    check_whole,
    parse,
)

KNOWN = frozenset({"tag", "tagged", "text", "friend", "author", "lives-in", "name", "year"})
CODE = "visual:" + "0" * 64
DOG = Term("tag", "dog")


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("(and tag:dog frend:5)", "did you mean 'friend'"),
        ("nam:mar*", "did you mean 'name'"),
        ("(apply auther: friend:5)", "did you mean 'author'"),
        ("(ids tagd: @0)", "did you mean 'tag' or 'tagged'"),
        ("livesin:5", "did you mean 'lives-in'"),
        (f"(nn {CODE} :k 1 :within taggd:5)", "did you mean 'tagged' or 'tag'"),
        ("zebra:5", "known are author, friend, lives-in"),
    ],
)
def test_an_unknown_edge_type_names_its_near_misses(text: str, near: str) -> None:
    """A misspelt edge would otherwise be an empty list, and an empty list says nothing."""
    with pytest.raises(UnknownEdge, match=near):
        check_edges(parse(text), KNOWN)


def test_known_edges_pass_whatever_their_values() -> None:
    """An unknown value is an empty list, not an error; fields of columns are not edges."""
    text = "(and tag:qqqq (range taken-at 1 2) (extract camera: (ids author: @1)) name:mar*)"

    check_edges(parse(text), KNOWN)


def test_a_very_long_edge_type_is_compared_by_its_beginning() -> None:
    """Near misses take quadratic time; half a megabyte of edge type must not cost minutes."""
    with pytest.raises(UnknownEdge) as raised:
        check_edges(parse("t" * 500_000 + ":a"), KNOWN)

    assert len(str(raised.value)) < 200


@pytest.mark.parametrize(
    "text",
    [
        "(weak-and tag:a tag:b)",
        "(and tag:a (weak-and tag:b))",
        "(weak-and (strong-or tag:a) tag:b)",
        "(strong-or (weak-and tag:a) tag:b)",
        "(difference (and (strong-or tag:a)) tag:b)",
        f"(difference (nn {CODE} :k 5) (nn {CODE} :radius 5))",
        "(apply a: (apply a: (apply a: a:5)))",
        "(and (apply a: a:1) (apply a: a:2) (apply a: a:3) (apply a: a:4))",
    ],
)
def test_positive_places_take_soft_operators(text: str) -> None:
    """The root, below and, weak-and and strong-or, and first in difference."""
    check_placement(parse(text))


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (Or((WeakAnd((DOG,)),)), "found weak-and below or"),
        (Apply("friend", StrongOr((DOG,))), "found strong-or below apply"),
        (Difference((DOG, WeakAnd((DOG,)))), "in a subtrahend of difference"),
        (
            Difference((DOG, Nn("visual", bytes(32), k=1))),
            "found nn with :k in a subtrahend of difference",
        ),
        (And((Term("tag", "a", optional_hits=1),)), "found :optional-hits directly below and"),
        (Term("tag", "a", optional_weight=1), "found :optional-weight directly below the root"),
        (
            StrongOr((Term("tag", "a", optional_hits=1),)),
            "found :optional-hits directly below strong-or",
        ),
    ],
)
def test_a_tree_made_by_code_is_held_to_its_places(
    tree: Or | Apply | Difference | And | Term | StrongOr, message: str
) -> None:
    """It has no columns, so the error is a BadRequest without one."""
    with pytest.raises(BadRequest, match=message) as raised:
        check_placement(tree)

    assert not isinstance(raised.value, MalformedQuery)


def test_the_first_misplaced_operand_of_the_text_is_named() -> None:
    """One repairs a query from left to right."""
    with pytest.raises(MalformedQuery) as raised:
        parse("(or tag:a (and tag:b (weak-and tag:c)) (strong-or tag:d))")

    assert raised.value.column == 22


@pytest.mark.parametrize(
    "text", ["(weak-and tag:a)", "(and tag:a (strong-or tag:b))", f"(or tag:a (nn {CODE} :k 5))"]
)
def test_a_condition_of_sight_must_be_whole(text: str) -> None:
    """A partial condition could show what is hidden (PS-37): it is refused before it runs."""
    with pytest.raises(BadRequest, match="must be whole"):
        check_whole(parse(text))


def test_a_whole_condition_of_sight_passes() -> None:
    """Friends, the public, and a radius of codes are all exact."""
    check_whole(parse(f"(or audience:public (apply author: friend:5) (nn {CODE} :radius 5))"))
