"""What a plan is said to do, node by node, against counting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alicorn.query import parse
from indexserver.execution.explain import explain
from indexserver.execution.plan import compile_plan
from indexserver.execution.retrieve import Order, retrieve
from indexserver.view import View


def nodes(roots):
    for root in roots:
        yield root
        yield from nodes(root.operands)


@given(data=st.data())
def test_each_node_finds_what_it_finds_alone(oracle, worlds, data):
    """PS-18: over two shards of several segments, whatever order each of them reads operands in."""
    shards = [worlds.numbered(data.draw(worlds.numbers)) for _ in range(2)]
    expr = data.draw(worlds.asked)
    order = data.draw(st.sampled_from(list(Order)))
    limit = data.draw(st.sampled_from([1, 50]))
    views = [shard.view for shard in shards]

    found = explain(views, expr, worlds.ID_ARRAYS, order=order, limit=limit)

    plan = compile_plan(expr, worlds.ID_ARRAYS)
    answers = [retrieve(view, plan, order=order, limit=limit) for view in views]
    assert found.matched == sum(answer.matched for answer in answers)
    assert found.documents == sum(len(shard.shelf.documents) for shard in shards)
    assert found.segments == sum(len(view.segments) for view in views)
    for node in nodes(found.roots):
        assert node.windows <= found.windows
        assert node.found <= found.documents
        if node.label.startswith(("tag:", "text:", "author:", "tagged:", "(range", "(prefix")):
            assert node.found == sum(
                oracle.answer(shard.shelf, parse(node.label), static=True, limit=10**6).matched
                for shard in shards
            )
    if found.roots and not found.soft:
        whole = [
            oracle.answer(
                shard.shelf, expr, static=True, limit=10**6, arrays=worlds.ID_ARRAYS
            ).matched
            for shard in shards
        ]
        assert found.roots[0].found == sum(whole)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("(and tag:half tag:every (difference (all) tag:rare))", {"": 3, "not": 1}),
        ("(weak-and tag:half (term tag:tenth :optional-hits 5))", {"": 1, "beside": 1}),
        (f"(nn visual:{'0' * 64} :k 9 :within (and tag:half tag:tenth))", {"": 3, "within": 1}),
    ],
)
def test_each_part_has_its_role(scale, text, labels):
    """Subtrahends, what `nn :k` looks among, and what only soft operators ask for."""
    found = explain([scale.wide(1, (16_385, 65)).view], parse(text))

    roles = [node.role for node in nodes(found.roots)]
    assert {role: roles.count(role) for role in roles} == labels


def test_windows_without_the_rarest_are_not_visited(scale):
    """One hit in three windows: that it is worth looking at one of them shows."""
    wide = scale.wide(2, (3 * 16_384,))
    found = explain([wide.view], parse("(and tag:first tag:every)"))

    (root,) = found.roots
    assert (found.windows, root.windows) == (3, 1)
    assert next(n for n in root.operands if n.label == "tag:every").windows == 3


def test_a_shard_of_nothing_has_no_tree():
    """Nothing is indexed yet: that is no error."""
    found = explain([View()], parse("tag:cat"))

    assert (found.roots, found.matched, found.windows) == ((), 0, 0)
