"""Nodes are checked when they are made, and can be walked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import alicorn.query
from alicorn.errors import BadRequest
from alicorn.query import (
    ONE,
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
    children,
    leaves,
    operator_name,
    parse,
    walk,
)

DOG = Term("tag", "dog")
CODE = bytes(range(32))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Term("tag (all", "dog"),
        lambda: Term("", "dog"),
        lambda: Term("Tag", "dog"),
        lambda: Term("tag\n", "dog"),
        lambda: Term("tag", ""),
        lambda: Term("tag", "\ud800"),
        lambda: Term("tag", "dog", weight=-1),
        lambda: Term("tag", "dog", weight=16 * ONE + 1),
        lambda: Term("tag", "dog", optional_hits=-1),
        lambda: Term("tag", "dog", optional_weight=ONE + 1),
        lambda: Term("tag", "dog", optional_hits=1, optional_weight=1),
        lambda: Prefix("tag", "\udfff"),
        lambda: And(()),
        lambda: Or(()),
        lambda: Difference((DOG,)),
        lambda: WeakAnd(()),
        lambda: StrongOr(()),
        lambda: Apply("friend:", DOG),
        lambda: Apply("friend", DOG, limit=0),
        lambda: Apply("friend", DOG, by="a b"),
        lambda: Extract("a b", DOG),
        lambda: Nn("audio", CODE, radius=1),
        lambda: Nn("visual", CODE[:31], radius=1),
        lambda: Nn("visual", CODE),
        lambda: Nn("visual", CODE, radius=1, k=1),
        lambda: Nn("visual", CODE, radius=257),
        lambda: Nn("visual", CODE, k=0),
        lambda: Nn("visual", CODE, radius=1, within=DOG),
        lambda: Range("taken at", 1, 2),
        lambda: Range("taken-at", 1 << 63, None),
        lambda: Ids("author", -1),
        lambda: Ids("author", 10_000),
    ],
)
def test_a_node_outside_the_language_cannot_be_made(make: Callable[[], Expr]) -> None:
    """What cannot be printed and read back, or would print as something else, must not exist."""
    with pytest.raises(BadRequest, match="needed"):
        make()


def test_each_node_knows_the_name_of_its_operator() -> None:
    """Servers that cannot run an operator yet say so by this name."""
    zeros = "0" * 64
    texts = {
        "term": "(term tag:a)",
        "prefix": "(prefix tag:a)",
        "and": "(and tag:a)",
        "or": "(or tag:a)",
        "difference": "(difference tag:a tag:b)",
        "weak-and": "(weak-and tag:a)",
        "strong-or": "(strong-or tag:a)",
        "apply": "(apply friend: tag:a)",
        "extract": "(extract tagged: tag:a)",
        "nn": f"(nn visual:{zeros} :k 1)",
        "range": "(range taken-at 1 2)",
        "ids": "(ids author: @0)",
        "all": "(all)",
    }

    for name, text in texts.items():
        assert name == operator_name(parse(text))


def test_walking_goes_through_the_tree_in_the_order_of_the_text() -> None:
    """Plans and error messages name operands in the order in which they were written."""
    tree = parse(f"(and (or tag:a (all)) (nn visual:{'0' * 64} :k 1 :within (ids author: @0)))")

    assert [operator_name(node) for node in walk(tree)] == ["and", "or", "term", "all", "nn", "ids"]
    assert [operator_name(leaf) for leaf in leaves(tree)] == ["term", "all", "nn", "ids"]
    assert tuple(operator_name(child) for child in children(tree)) == ("or", "nn")


def test_nodes_can_be_keys_of_a_cache() -> None:
    """Parsed and planned queries are cached by their tree."""
    assert len({parse("(and tag:a tag:b)"), parse("(and  tag:a (term tag:b))")}) == 1


def test_every_public_name_exists() -> None:
    """`__all__` is the promise; it must not go stale."""
    assert sorted(alicorn.query.__all__, key=lambda n: (not n.isupper(), n[0].islower(), n)) == (
        alicorn.query.__all__
    )
    for name in alicorn.query.__all__:
        assert hasattr(alicorn.query, name)
