"""`weak-and` and `strong-or` by hand: budgets and shares, spent over the whole shard.

Documents 1 to n stand in DocId order of their ids, spread over three segments in turn, so nothing
here can be met segment by segment. What each line expects is worked out on paper, and held against
the executor and against the oracle. PS-03, PS-18.
"""

from __future__ import annotations

import pytest

from alicorn.documents import PhotoDocument, Tag
from alicorn.errors import BadRequest
from alicorn.query import parse
from indexserver.execution.plan import compile_plan
from indexserver.execution.retrieve import Order, retrieve

ONE = 10_000
FULL = 255 * 255


@pytest.fixture
def check(oracle, worlds):
    """Hold an answer against the oracle's and the executor's."""

    def checked(
        tags, text, expected, *, n=8, limit=8, static=True, matched=None, unmet=(), dead=()
    ):
        weights = {"a": 1.0, "b": 1.0, "c": 1.0, "low": 0.25}
        documents = [
            PhotoDocument(
                id=i,
                sort_key=1_000 - i,
                author=1,
                tags=tuple(Tag(t, weights.get(t, 1.0)) for t, ids in tags.items() if i in ids),
            )
            for i in range(1, n + 1)
        ]
        parts = [oracle.Part(documents[i::3], dead=set(dead)) for i in range(3)]
        world = oracle.World(parts)
        expr = parse(text)
        found = oracle.answer(world.shelf(), expr, static=static, limit=limit)

        total = len(expected) if matched is None else matched
        cuts = ("retrieve-limit",) if total > limit else ()
        assert expected == [document_id for document_id, _ in found.hits]
        assert (total, cuts, tuple(unmet)) == (found.matched, found.cuts, found.unmet)
        view = worlds.view(world)
        assert found == worlds.ask(view, expr, static=static, limit=limit, arrays=())
        return dict(found.hits)

    return checked


EIGHT = range(1, 9)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("(weak-and (term tag:a :optional-hits 2) tag:b)", 8),
        ("(weak-and tag:b (term tag:a :optional-hits 2))", 8),
        ("(weak-and (term tag:a :optional-weight 0.25) tag:b)", 8),
        ("(weak-and (term tag:a :optional-weight 0.25) tag:b)", 11),
        ("(weak-and (term tag:a)[0.75] tag:b)", 8),
        ("(weak-and (term tag:a :optional-hits 2) tag:b (all))", 8),
    ],
)
def test_an_optional_operand_may_be_missing_until_its_budget_is_spent(check, text, limit):
    """Hits 2 and 3 spend; 4 has both; from then on both are required.

    floor(0.25 * 11) is 2 as well. The bracket says how many hits must have it: 0.75, so 0.25 may
    not.
    """
    check({"a": {1, 4}, "b": EIGHT}, text, [1, 2, 3, 4], limit=limit)


def test_a_candidate_is_in_at_least_one_operand(check):
    """2 spends b's budget, 3 that of a; 4 and 5 lack one that is required now, and 6 all."""
    text = "(weak-and (term tag:a :optional-hits 1) (term tag:b :optional-hits 1))"
    check({"a": {1, 2, 4}, "b": {1, 3, 5}}, text, [1, 2, 3])


def test_only_hits_of_the_whole_expression_spend(check):
    """1 and 2 are in the `weak-and` but no hits, so 3 finds the budget whole."""
    tags = {"a": {8}, "b": EIGHT, "c": {3, 4, 5, 8}}
    inner = "(weak-and (term tag:a :optional-hits 1) tag:b)"

    check(tags, f"(and tag:c {inner})", [3, 8])
    check(tags, f"(weak-and tag:c {inner})", [3, 8])
    check(tags, f"(difference {inner} (difference (all) tag:c))", [3, 8])
    check(tags, f"(and {inner} {inner} tag:c)", [3, 8])


def test_dead_documents_spend_nothing(check):
    """What was deleted is no hit."""
    text = "(weak-and (term tag:a :optional-hits 2) tag:b)"
    check({"a": {1, 4}, "b": EIGHT}, text, [1, 4, 5], dead={2, 3, 6, 7}, n=7)


def test_a_budget_of_none_is_an_and(check):
    """`:optional-hits 0`, and a weight that floors to 0 hits at this limit."""
    tags = {"a": {1, 4}, "b": EIGHT}
    check(tags, "(weak-and (term tag:a :optional-hits 0) tag:b)", [1, 4])
    check(tags, "(weak-and (term tag:a :optional-weight 0.1) tag:b)", [1, 4], limit=8)
    check(tags, "(weak-and (term tag:a)[1] tag:b)", [1, 4])


def test_budgets_are_spent_in_docid_order_whatever_the_order_of_the_answer(check):
    """The same hits, now best first: those that have both, then those that miss one."""
    scores = check(
        {"a": {1, 4}, "b": EIGHT},
        "(weak-and (term tag:a :optional-hits 2) tag:b)",
        [1, 4, 2, 3],
        static=False,
    )

    assert scores == {1: 2 * ONE * FULL, 4: 2 * ONE * FULL, 2: ONE * FULL, 3: ONE * FULL}


def test_the_limit_cuts_hits_and_not_what_they_spend(check):
    """`matched` counts the hits of the whole shard; a smaller N cuts only what is returned."""
    text = "(weak-and (term tag:a :optional-hits 2) tag:b)"
    tags = {"a": {1, 4}, "b": EIGHT}
    check(tags, text, [1, 2], limit=2, matched=4)
    check(tags, text, [1, 4], limit=2, matched=4, static=False)


def test_each_occurrence_of_an_operand_has_a_budget_of_its_own(check):
    """The same words at two places are two operands."""
    text = "(weak-and (term tag:a :optional-hits 1) (term tag:a :optional-hits 3) tag:b)"
    check({"a": {1, 4}, "b": EIGHT}, text, [1, 2, 4])


def test_an_operand_that_is_spent_may_be_missed_by_an_optional_whole(check):
    """The inner `weak-and` is optional itself: while its budget lasts, its operands need not be.

    Inside, a's budget is spent by 1 and b is required; the whole of it is missed by 3 and 4, and
    from 5 on only what has b and a will do.
    """
    inner = "(weak-and (term tag:a :optional-hits 1) tag:b :optional-hits 2)"
    check(
        {"a": {2, 3, 7}, "b": {1, 2, 5, 6, 7}, "c": EIGHT},
        f"(weak-and {inner} tag:c)",
        [1, 2, 3, 4, 7],
    )


def test_a_hit_by_another_way_spends_what_it_misses(check):
    """Below `strong-or`, hits through c spend the budget of a as well."""
    text = "(strong-or (weak-and (term tag:a :optional-hits 2) tag:b) tag:c)"
    check({"a": {8}, "b": {3, 4, 8}, "c": {1, 2}}, text, [1, 2, 8])


def test_weak_and_scores_what_contains_the_document(check):
    """Missing operands give nothing, and a marked one its weight."""
    scores = check(
        {"a": {1}, "low": {1, 2}},
        "(weak-and (term tag:a :weight 2 :optional-hits 1) tag:low :weight 0.5)",
        [1, 2],
    )

    assert scores == {1: ONE * FULL + 5_000 * 128 * 128, 2: 5_000 * 128 * 128}


def test_shares_keep_places_and_the_rest_is_filled_in_order(check):
    """Half of four places for a, a quarter for b, the last one for the first hit."""
    tags = {"a": {5, 6, 7}, "b": {8}, "c": EIGHT}
    text = "(strong-or (term tag:a)[0.5] (term tag:b)[0.25] tag:c)"
    check(tags, text, [1, 5, 6, 8], limit=4, matched=8)


def test_shares_take_the_best_in_concept_order(check):
    """The two best of a by the score of the whole, then the best of b, then the best of all."""
    tags = {"low": EIGHT, "a": {5, 6, 7}, "b": {4, 7, 8}, "c": {3}}
    text = (
        "(strong-or (term tag:a)[0.5] (term tag:b :weight 0.5)[0.25]"
        " (term tag:low :weight 0.1) (term tag:c :weight 9))"
    )
    # 3: 9.0; 7: 1.5; 5 and 6: 1; 4 and 8: 0.5; each with low a little more.
    check(tags, text, [3, 7, 5], limit=3, matched=8, static=False, unmet=())
    check(tags, text, [3, 7, 5, 6], limit=4, matched=8, static=False)


def test_a_hit_may_serve_several_shares(check):
    """5 is among the first of a and of b, so one place does for both."""
    tags = {"a": {5, 6}, "b": {5, 7}, "c": EIGHT}
    text = "(strong-or (term tag:a)[0.25] (term tag:b)[0.25] tag:c)"
    check(tags, text, [1, 2, 3, 5], limit=4, matched=8)


def test_a_share_that_finds_too_few_is_reported(check):
    """Operands with a share count from 1, in the order of the text, over all `strong-or`."""
    tags = {"a": {5}, "b": {6, 7}, "c": EIGHT}
    text = (
        "(and (strong-or tag:c (term tag:a)[0.5])"
        " (strong-or (term tag:b)[0.5] (term tag:none)[0.25] tag:c))"
    )
    check(
        tags,
        text,
        [1, 5, 6, 7],
        limit=4,
        matched=8,
        unmet=("operand 1: 1 of 2", "operand 3: 0 of 1"),
    )


def test_shares_of_more_than_all_are_met_in_the_order_of_the_text(check):
    """Once the places are given away, a share is met only by what is kept already."""
    tags = {"a": {1, 2, 3, 4}, "b": {4, 5, 6}}
    one = "(strong-or (term tag:a)[0.75] (term tag:b)[0.75])"
    two = "(strong-or (term tag:b)[0.75] (term tag:a)[0.75])"
    check(tags, one, [1, 2, 3, 4], limit=4, matched=6, unmet=("operand 2: 1 of 3",))
    check(tags, two, [1, 4, 5, 6], limit=4, matched=6, unmet=("operand 2: 1 of 3",))


def test_a_limit_above_the_hits_keeps_them_all(check):
    """Shares are of N, so they may be unmet although nothing was cut."""
    text = "(strong-or (term tag:a)[0.5] tag:b)"
    check({"a": {1, 2}, "b": {3}}, text, [1, 2, 3], unmet=("operand 1: 2 of 4",))


def test_shares_are_exact_integers(check):
    """0.29 * 100 is 28.999... in floating point; the share is 29."""
    text = "(strong-or (term tag:a)[0.29] tag:b)"
    a = set(range(150, 190))
    found = check(
        {"a": a, "b": range(1, 200)},
        text,
        [*range(1, 72), *range(150, 179)],
        n=199,
        limit=100,
        matched=199,
    )

    assert len(a & found.keys()) == 29


def test_conditions_around_a_strong_or_hold_for_its_shares(check):
    """H is the hits of the whole: shares are looked for among them only."""
    tags = {"a": {3, 5, 7}, "b": EIGHT, "c": {1, 2, 5, 6, 7}}
    text = "(difference (and tag:c (strong-or (term tag:a)[0.5] tag:b)) (term tag:none))"
    check(tags, text, [1, 2, 5, 7], limit=4, matched=5)


def test_facebooks_nesting_of_both(check):
    """A `strong-or` as an operand of a `weak-and`, as in the paper.

    3 and 4 spend the budget of the whole `strong-or`, so 8, which is in neither a nor b, is no
    hit. Of the hits, half of the places go to b.
    """
    tags = {"a": {1, 2, 5}, "b": {6, 7}, "c": EIGHT}
    text = "(weak-and tag:c (strong-or tag:a (term tag:b)[0.5] :optional-hits 2))"
    check(tags, text, [1, 2, 6, 7], limit=4, matched=7)


def test_a_share_of_an_operand_with_a_budget_inside_is_as_the_visit_found_it(check):
    """Which documents are in the marked operand is settled when each is visited.

    1 and 2 are in the inner `weak-and` while its budget lasts; 3 is a hit through c alone.
    """
    text = "(strong-or (weak-and (term tag:a :optional-hits 2) tag:b :optional-weight 0.5) tag:c)"
    check({"a": {7}, "b": {1, 2, 3, 7}, "c": EIGHT}, text, [1, 2], limit=2, matched=8)
    check({"a": {7}, "b": {2, 3, 4, 7}, "c": EIGHT}, text, [1, 2, 3, 7], limit=4, matched=8)


@pytest.mark.parametrize(
    "text",
    [
        "(or tag:a (weak-and tag:b tag:c))",
        "(or tag:a (strong-or tag:b tag:c))",
        "(difference tag:a (weak-and tag:b tag:c))",
        "(extract author: (strong-or tag:b tag:c))",
        f"(nn visual:{'0' * 64} :k 3 :within (weak-and tag:b tag:c))",
        f"(difference tag:a (nn visual:{'0' * 64} :k 3))",
    ],
)
def test_partial_operators_are_refused_where_they_would_widen_what_is_found(text):
    """By the parser; the plan of a tree that was built otherwise is refused as well."""
    with pytest.raises(BadRequest, match="needed"):
        parse(text)


@pytest.mark.parametrize("order", Order)
def test_a_soft_answer_keeps_scores_beside_their_hits(worlds, order):
    """Whatever the pass over the hits reorders, each keeps its own columns."""
    expr = parse("(strong-or (term tag:cat :weight 2)[0.5] (term tag:dog)[0.5] (all))")
    view = worlds.view(worlds.world(5, [40, 70, 3]))
    found = retrieve(view, compile_plan(expr), order=order, limit=20).candidates

    for i, (part, local) in enumerate(
        zip(found.segments.tolist(), found.locals.tolist(), strict=True)
    ):
        columns = view.segments[part].segment.columns
        assert found.ids[i] == columns["ids"][local]
        assert found.sort_keys[i] == columns["sort_keys"][local]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(and (strong-or (term tag:a)[0.5] tag:b) (range width 5 2))", []),
        ("(difference (strong-or (term tag:a)[0.5] tag:b) (all))", []),
        ("(weak-and tag:b (strong-or (range width 5 2) (term (x))[0.5] :optional-hits 9))", [3, 5]),
        ("(strong-or (and (strong-or (term tag:a)[0.5] tag:b) (range width 5 2)) tag:b)", [3, 5]),
    ],
)
def test_a_share_in_a_branch_that_matches_nothing_is_unmet(check, text, expected):
    """Whatever is known before a list is read, what was asked for was not found."""
    text = text.replace("(term (x))", "(term tag:none)")
    check({"a": {1}, "b": {3, 5}}, text, expected, unmet=("operand 1: 0 of 4",))
