"""What the parser reads, and what it makes of it."""

from __future__ import annotations

import pytest

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
    Range,
    StrongOr,
    Term,
    WeakAnd,
    parse,
    print_expression,
)

CODE = "0123456789abcdef" * 4
DOG, BEACH = Term("tag", "dog"), Term("text", "beach")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("tag:dog", DOG),
        ("(term tag:dog)", DOG),
        ('"tag:dog"', DOG),
        ('"tag:beach ball"', Term("tag", "beach ball")),
        (r'"text:a \"b\" \\ c"', Term("text", 'a "b" \\ c')),
        ('"tag:ball*"', Term("tag", "ball*")),
        ("uri:file:///a/b", Term("uri", "file:///a/b")),
        ("tag:犬", Term("tag", "犬")),
        ("lives-in:1234", Term("lives-in", "1234")),
        ("name:mar*", Prefix("name", "mar")),
        ("(term name:mar*)", Prefix("name", "mar")),
        ("(prefix name:mar)", Prefix("name", "mar")),
        ('(prefix "name:mar y")', Prefix("name", "mar y")),
        ("name:*", Prefix("name", "")),
        ("(and tag:dog text:beach)", And((DOG, BEACH))),
        ("(or tag:dog text:beach)", Or((DOG, BEACH))),
        ("(or tag:dog)", Or((DOG,))),
        ("(difference tag:dog text:beach)", Difference((DOG, BEACH))),
        ("(weak-and tag:dog text:beach)", WeakAnd((DOG, BEACH))),
        ("(strong-or tag:dog text:beach)", StrongOr((DOG, BEACH))),
        ("(apply friend: friend:5)", Apply("friend", Term("friend", "5"))),
        (
            "(apply friend: friend:5 :limit 7 :by concept)",
            Apply("friend", Term("friend", "5"), limit=7, by="concept"),
        ),
        ("(extract tagged: tag:dog)", Extract("tagged", DOG)),
        (f"(nn visual:{CODE} :radius 0)", Nn("visual", bytes.fromhex(CODE), radius=0)),
        (
            f"(nn joint:{CODE.upper()} :within tag:dog :k 5)",
            Nn("joint", bytes.fromhex(CODE), k=5, within=DOG),
        ),
        ("(range taken-at -5 7)", Range("taken-at", -5, 7)),
        ("(range taken-at * 7)", Range("taken-at", None, 7)),
        ("(range taken-at * *)", Range("taken-at", None, None)),
        ("(ids author: @3)", Ids("author", 3)),
        ("(all)", All()),
        ("(and tag:dog(all))", And((DOG, All()))),
    ],
)
def test_each_form_of_the_grammar_gives_its_node(text: str, tree: Expr) -> None:
    """The grammar has these forms and no other; a missing one would be a query nobody can ask."""
    assert tree == parse(text)


@pytest.mark.parametrize(
    ("number", "weight"),
    [
        ("0", 0),
        ("1", ONE),
        ("16", 16 * ONE),
        ("0.5", 5_000),
        ("0.0001", 1),
        ("007.10", 71_000),
        ("15.9999", 159_999),
    ],
)
def test_decimals_are_kept_in_ten_thousandths(number: str, weight: int) -> None:
    """Fixed point, so that every shard and replica computes the same score."""
    assert weight == parse(f"(term tag:dog :weight {number})").weight


def test_a_written_weight_of_one_is_remembered() -> None:
    """An edge without HitData scores its explicit weight, and 0 without one; 1 is a weight too."""
    written, unwritten = parse("(term friend:5 :weight 1)"), parse("friend:5")

    assert (written.weight, written.weighted) == (ONE, True)
    assert (unwritten.weight, unwritten.weighted) == (ONE, False)
    assert print_expression(written) == "(term friend:5 :weight 1)"


def test_any_other_weight_counts_as_written() -> None:
    """Trees made by code must print as trees read from text do."""
    assert parse("(term tag:dog :weight 2)") == Term("tag", "dog", weight=2 * ONE)


def test_attributes_may_stand_in_any_order() -> None:
    """Only the printing has an order."""
    text = "(weak-and (term tag:dog :optional-hits 3 :weight 2) tag:cat)"

    assert (
        print_expression(parse(text))
        == "(weak-and (term tag:dog :weight 2 :optional-hits 3) tag:cat)"
    )


def test_a_share_is_what_may_miss_below_weak_and() -> None:
    """E[0.7] asks that 70 % of the hits contain E, so 30 % may miss it."""
    tree = parse("(weak-and tag:dog (term friend:5)[0.7])")

    assert tree.operands[1].optional_weight == 3_000


def test_a_share_is_what_is_kept_below_strong_or() -> None:
    """The two senses run in opposite directions, and only the parser knows."""
    tree = parse("(strong-or tag:dog (term friend:5) [ 0.7 ])")

    assert tree.operands[1].optional_weight == 7_000


def test_facebooks_own_nested_example_parses() -> None:
    """A strong-or in a weak-and, with shares that add up to more than 1, as printed in 2013."""
    text = """
        (weak-and
          (and place-kind:273819889375819 (or liked-by:1 liked-by:2 liked-by:3))
          (strong-or
            (or liked-by:11 liked-by:12 liked-by:20) [0.4]
            (or location:palo-alto) [0.7] ) [0.6]
        )"""

    assert print_expression(parse(text)) == (
        "(weak-and (and place-kind:273819889375819 (or liked-by:1 liked-by:2 liked-by:3)) "
        "(strong-or (or liked-by:11 liked-by:12 liked-by:20 :optional-weight 0.4) "
        "(or location:palo-alto :optional-weight 0.7) :optional-weight 0.4))"
    )
