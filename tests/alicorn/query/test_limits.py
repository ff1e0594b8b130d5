"""Each limit at its edge: the last that passes, the first that does not."""

from __future__ import annotations

from functools import reduce

import pytest

from alicorn.errors import BadRequest, MalformedQuery
from alicorn.query import (
    MAX_DEPTH,
    MAX_IDS,
    MAX_OPERANDS,
    MAX_TEXT_BYTES,
    And,
    Expr,
    Or,
    Term,
    check_placement,
    parse,
    print_expression,
)


def nested(levels: int) -> str:
    """Return an expression of that many levels, the term at the bottom counted."""
    return "(and " * (levels - 1) + "tag:a" + ")" * (levels - 1)


def test_the_limits_are_the_specifications() -> None:
    """They are part of the language: a replica with another limit would answer otherwise."""
    assert (MAX_DEPTH, MAX_OPERANDS, MAX_TEXT_BYTES, MAX_IDS) == (64, 10_000, 1 << 20, 1_000_000)


def test_the_deepest_expression_parses_and_prints() -> None:
    """64 levels are promised."""
    text = nested(64)

    assert text == print_expression(parse(text))


def test_one_level_more_is_refused_where_it_begins() -> None:
    """Never a RecursionError; the column is that of the operand on level 65."""
    with pytest.raises(MalformedQuery, match="at most 64 levels") as raised:
        parse(nested(65))

    assert 1 + 64 * len("(and ") == raised.value.column


def test_a_bare_term_and_a_bracketed_one_are_equally_deep() -> None:
    """They are the same tree, so a printing may not pass where its text did not."""
    bracketed = nested(64).replace("tag:a", "(term tag:a)")

    assert parse(nested(64)) == parse(bracketed)


@pytest.mark.parametrize("opening", ["(nn visual:" + "0" * 64 + " :k 1 :within ", "(extract f: "])
def test_depth_is_counted_through_every_operator(opening: str) -> None:
    """A way round the limit would be a way to exhaust the stack."""
    with pytest.raises(MalformedQuery, match="at most 64 levels"):
        parse(opening * 200 + "tag:a" + ")" * 200)


def test_ten_thousand_operands_pass() -> None:
    """The root is no operand."""
    tree = parse("(or" + " tag:a" * 10_000 + ")")

    assert len(tree.operands) == 10_000


def test_one_operand_more_is_refused_where_it_stands() -> None:
    """Thousands of ids travel through `ids`, not as terms."""
    with pytest.raises(MalformedQuery, match="at most 10000 operands") as raised:
        parse("(or" + " tag:a" * 10_001 + ")")

    assert len("(or") + 10_000 * len(" tag:a") + 2 == raised.value.column


def test_operands_are_counted_over_the_whole_expression() -> None:
    """Two ors of 5,000 and the ors themselves are 10,002."""
    half = "(or" + " tag:a" * 5_000 + ")"

    with pytest.raises(MalformedQuery, match="at most 10000 operands"):
        parse(f"(and {half} {half})")


def test_a_mebibyte_of_text_passes() -> None:
    """The limit is on bytes, so that a server can tell before it decodes."""
    text = "tag:" + "a" * (MAX_TEXT_BYTES - 4)

    assert len(text) - 4 == len(parse(text).value)


@pytest.mark.parametrize(("character", "fitting"), [("a", MAX_TEXT_BYTES), ("é", 524_290)])
def test_one_byte_more_is_refused_where_it_stands(character: str, fitting: int) -> None:
    """Columns count characters, the limit bytes: with two bytes a character they differ."""
    with pytest.raises(MalformedQuery, match="over 1048576 bytes") as raised:
        parse("tag:" + character * (MAX_TEXT_BYTES - 3))

    assert fitting + 1 == raised.value.column


def test_a_huge_text_is_refused_without_being_read() -> None:
    """Sixty-four mebibytes of brackets cost no more than the first of them."""
    with pytest.raises(MalformedQuery, match="over 1048576 bytes"):
        parse("(" * (1 << 26))


def test_trees_made_by_code_meet_the_same_limits() -> None:
    """A rewriter must not send what a shard would refuse."""
    term: Expr = Term("tag", "a")

    check_placement(reduce(lambda inner, _: And((inner,)), range(63), term))
    check_placement(Or((term,) * 10_000))
    with pytest.raises(BadRequest, match="deeper than 64 levels"):
        check_placement(reduce(lambda inner, _: And((inner,)), range(64), term))
    with pytest.raises(BadRequest, match="more than 10000 operands"):
        check_placement(Or((term,) * 10_001))


def test_a_tree_far_too_deep_is_printed_and_refused_without_recursion() -> None:
    """Errors show the query; showing it must not be the crash that the limit avoids."""
    tree = reduce(lambda inner, _: And((inner,)), range(50_000), Term("tag", "a"))

    assert print_expression(tree).startswith("(and (and ")
    with pytest.raises(BadRequest, match="deeper than 64 levels"):
        check_placement(tree)
    # Unwound by hand: freeing 50,000 nested tuples is the interpreter's business, not a test's.
    while isinstance(tree, And):
        tree = tree.operands[0]
