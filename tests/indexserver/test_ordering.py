"""The best of several scorers, against Python's sort."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexserver.ordering import best_of_each

hits = st.lists(
    st.tuples(
        st.sampled_from([-(2**63) + 1, -1, 0, 1, 2**63 - 1]),
        st.sampled_from([0, 1, 2**32 - 1]),
        st.integers(0, 2**64 - 1),
    ),
    unique_by=lambda hit: hit[2],
    min_size=1,
)


@given(hits=hits, limit=st.integers(1, 5))
def test_each_scorer_keeps_its_best_in_the_first_ones_order(hits, limit):
    """PS-39: a hit that only the second scorer likes comes back, too; no hit comes twice."""
    scores = np.array([h[0] for h in hits], dtype=np.int64)
    keys = np.array([h[1] for h in hits], dtype=np.uint32)
    ids = np.array([h[2] for h in hits], dtype=np.uint64)
    by_score = sorted(range(len(hits)), key=lambda i: (-hits[i][0], -hits[i][1], hits[i][2]))
    by_least = sorted(range(len(hits)), key=lambda i: (hits[i][0], -hits[i][1], hits[i][2]))

    both = best_of_each(np.stack([scores, -scores]), keys, ids, limit)

    union = {*by_score[:limit], *by_least[:limit]}
    assert [i for i in by_score if i in union] == both.tolist()
