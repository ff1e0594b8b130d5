"""Places against the rule in words: share by share, hit by hit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexserver.execution.soft.places import keep
from indexserver.execution.soft.visit import Hits


def hits_in(operands, count):
    """Return ``count`` hits, those in ``operands[i]`` in the operand of share i."""
    words = np.zeros((count, -(-len(operands) // 64)), dtype=np.uint64)
    for share, positions in enumerate(operands):
        for position in positions:
            words[position, share >> 6] |= np.uint64(1 << (share & 63))
    return Hits(
        np.zeros(count, dtype=np.int32),
        np.arange(count, dtype=np.uint32),
        words,
        np.empty((count, 0), dtype=np.uint64),
    )


def slow_keep(operands, quotas, limit, ranked):
    """Return what is kept and how many hits each share got."""
    kept, met = set(), []
    for inside, quota in zip(operands, quotas, strict=True):
        got = 0
        for position in [p for p in ranked if p in inside][:quota]:
            if position in kept or len(kept) < limit:
                kept.add(position)
                got += 1
        met.append(got)
    for position in ranked:
        if len(kept) < limit:
            kept.add(position)
    return sorted(kept), met


@st.composite
def questions(draw):
    count = draw(st.integers(0, 30))
    shares = draw(st.sampled_from([0, 1, 2, 3, 65]))
    inside = st.sets(st.integers(0, count - 1)) if count else st.just(set())
    operands = [draw(inside) for _ in range(shares)]
    limit = draw(st.integers(1, 40))
    quotas = [draw(st.integers(0, limit)) for _ in range(shares)]
    scores = draw(st.lists(st.integers(0, 5), min_size=count, max_size=count))
    return operands, quotas, limit, scores


@given(question=questions(), static=st.booleans())
def test_places_are_given_away_as_the_rule_says(question, static):
    """Whoever is kept, and which shares are said to be unmet: PS-18."""
    operands, quotas, limit, scores = question
    count = len(scores)
    ranked = sorted(range(count), key=lambda p: (0 if static else -scores[p], p))
    expected, met = slow_keep(operands, quotas, limit, ranked)

    points = None if static else np.array(scores, dtype=np.int64)
    found = keep(hits_in(operands, count), quotas, limit, points)

    assert expected == found.positions.tolist()
    assert found.unmet == tuple(
        f"operand {i}: {got} of {quota}"
        for i, (got, quota) in enumerate(zip(met, quotas, strict=True), start=1)
        if got < quota
    )


@given(question=questions(), more=st.integers(1, 10), data=st.data())
def test_what_is_settled_is_not_changed_by_hits_behind(question, more, data):
    """The pass ends there, so what it has not seen must not matter."""
    operands, quotas, limit, scores = question
    count = len(scores)
    before = keep(hits_in(operands, count), quotas, limit)
    if before.settled:
        behind = st.sets(st.integers(count, count + more - 1))
        longer = [inside | data.draw(behind) for inside in operands]

        after = keep(hits_in(longer, count + more), quotas, limit)

        assert before.positions.tolist() == after.positions.tolist()
        assert before.unmet == after.unmet
