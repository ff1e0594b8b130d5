"""Candidates and judged queries of any kind, for the ranker's tests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from ranker.features import FIRST_STAGE
from ranker.scores import SCORE_ONE
from ranker.second_stage.candidates import Candidates
from ranker.training.judged import JudgedQuery

MakeCandidates = Callable[..., Candidates]
MakeJudged = Callable[..., list[JudgedQuery]]


def _candidates(n: int, seed: int = 0, **changes: NDArray[np.generic]) -> Candidates:
    rng = np.random.default_rng(seed)
    arrays: dict[str, NDArray[np.generic]] = {
        "ids": rng.permutation(n).astype(np.uint64) + np.uint64(100),
        "sort_keys": rng.integers(0, 2**32, n).astype(np.uint32),
        "scores": np.sort(rng.integers(-5 * SCORE_ONE, 5 * SCORE_ONE, n))[::-1].copy(),
        "features": rng.random((n, len(FIRST_STAGE))).astype(np.float32),
        "authors": rng.integers(0, 5, n).astype(np.uint64),
        "taken_at": 1_600_000_000 + 1_000 * rng.permutation(n).astype(np.int64),
        "fingerprints": rng.integers(0, 256, (n, 32)).astype(np.uint8),
        "fingerprint_qualities": np.full(n, 90, np.uint8),
        "visual": rng.integers(0, 256, (n, 32)).astype(np.uint8),
    }
    return Candidates(**(arrays | changes))


@pytest.fixture(scope="session")
def make_candidates() -> MakeCandidates:
    """Candidates that have nothing in common, n of them, with some arrays changed."""
    return _candidates


def _judged(queries: int, n: int = 120, seed: int = 0, names: str = "q") -> list[JudgedQuery]:
    rng = np.random.default_rng(seed)
    out = []
    for number in range(queries):
        labels = (rng.random(n) < 0.2).astype(np.uint8)
        best = np.where(labels, rng.beta(4, 2, n), rng.beta(1.5, 5, n))
        features = np.zeros((n, len(FIRST_STAGE)), np.float32)
        for name, values in (
            ("concept_score", best),
            ("matched_phrases", np.ones(n)),
            ("shown_phrases", best),
            ("best_tag", best),
            ("best_weight", np.ones(n)),
            ("prominence", np.minimum(1, best * rng.uniform(1, 2, n))),
            ("tag_count", rng.integers(5, 50, n)),
            ("age_days", np.full(n, np.nan)),
            ("quality", rng.random(n)),
            ("aspect", np.where(labels, 1.5, 0.7)),
            ("hamming_visual", np.full(n, np.nan)),
            ("fingerprint_quality", rng.integers(40, 100, n)),
        ):
            features[:, FIRST_STAGE.index(name)] = values
        # Matches look alike, the others look like anything.
        theme = rng.integers(0, 256, 32)
        visual = rng.integers(0, 256, (n, 32))
        visual[labels > 0, 6:] = theme[6:]
        columns = _candidates(
            n,
            seed + number,
            features=features,
            visual=visual.astype(np.uint8),
            authors=np.ones(n, np.uint64),
        )
        out.append(JudgedQuery(f"{names}{number}", features, labels, columns))
    return out


@pytest.fixture(scope="session")
def make_judged() -> MakeJudged:
    """Judged queries in which matches have higher concept scores, mostly."""
    return _judged
