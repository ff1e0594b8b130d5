"""The order everywhere, against Python's sort."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alicorn.documents.ordering import best_first, document_order

hits = st.lists(
    st.tuples(
        st.sampled_from([-(2**63), -(2**63) + 1, -1, 0, 1, 2**63 - 1]),
        st.sampled_from([0, 1, 2**32 - 1]),
        st.integers(0, 2**64 - 1),
    ),
    unique_by=lambda hit: hit[2],
)


@given(hits=hits)
def test_score_then_sort_key_then_id(hits: list[tuple[int, int, int]]) -> None:
    """PS-41: a merge is a sort; extremes of every type, so that nothing wraps."""
    scores = np.array([h[0] for h in hits], dtype=np.int64)
    keys = np.array([h[1] for h in hits], dtype=np.uint32)
    ids = np.array([h[2] for h in hits], dtype=np.uint64)
    by_score = sorted(range(len(hits)), key=lambda i: (-hits[i][0], -hits[i][1], hits[i][2]))
    by_rank = sorted(range(len(hits)), key=lambda i: (-hits[i][1], hits[i][2]))

    assert by_score == best_first(scores, keys, ids).tolist()
    assert by_rank == document_order(keys, ids).tolist()
