"""`alicorn bench engine --only shard` at toy size: the answer is what its pieces give."""

from __future__ import annotations

import numpy as np
import pytest

import loadtest.shard
from alicorn.errors import AlicornError
from indexserver.scoring.features import CandidateFeatures
from loadtest.shard import shard_rows
from loadtest.workbench import Workbench


def test_a_whole_search_stands_beside_its_kernels(bench: Workbench) -> None:
    """The sum is measured in the same run, and its parts are told."""
    rows = {row.id: row for row in shard_rows(bench)}

    assert set(rows) == {f"shard/A/{name}" for name in ("and2_ff", "or10", "and_or10")}
    for row in rows.values():
        assert row.peer == "the sum of its kernels"
        assert row.ours is not None
        assert row.theirs is not None
        assert row.note is not None
        assert [part.split()[0] for part in row.note.split(", ")] == [
            *("retrieve", "features", "trees", "choose")
        ]


def test_bins_that_are_not_those_of_the_features_have_no_speed(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quick way must give the score of the plain one."""
    real = CandidateFeatures.bins
    monkeypatch.setattr(
        loadtest.shard.CandidateFeatures,
        "bins",
        lambda self, forest: np.roll(real(self, forest), 1, axis=0),
    )

    with pytest.raises(AlicornError, match=r"scores of .*no figures without the answer"):
        shard_rows(bench)
