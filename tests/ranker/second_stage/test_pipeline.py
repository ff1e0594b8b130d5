"""The second stage as a whole: its order, its switches, its explanations."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.errors import NotFound
from ranker.features import FIRST_STAGE, SECOND_STAGE
from ranker.scores import SCORE_ONE
from ranker.second_stage import pipeline
from ranker.second_stage.cutoff import Cutoff
from ranker.second_stage.fold import Reason
from ranker.second_stage.model import SecondStageModel
from ranker.second_stage.net import Network
from ranker.second_stage.pipeline import Options, explain, rerank


def model_of(
    feature: str, threshold: float = 0.0, described: float | None = None
) -> SecondStageModel:
    """Make a network whose score is one feature, through two layers."""
    width = len(SECOND_STAGE)
    first = np.zeros((width, 2))
    first[SECOND_STAGE.index(feature)] = 1.0
    network = Network(
        mean=np.zeros(width),
        scale=np.ones(width),
        weights=(first, np.eye(2), np.ones((2, 1))),
        biases=(np.zeros(2), np.zeros(2), np.zeros(1)),
    )
    cutoffs = [
        Cutoff(slope=1.0, intercept=0.0, threshold=least)
        for least in (threshold, threshold if described is None else described)
    ]
    return SecondStageModel(network, *cutoffs)


def test_the_steps_run_in_order(make_candidates, monkeypatch) -> None:
    """PS-44: set signals, then folding, then the network, the cut-off, and the consensus last."""
    calls: list[str] = []

    def spy(module, name: str) -> None:
        real = getattr(module, name)

        def called(*args, **kwargs):
            calls.append(name)
            return real(*args, **kwargs)

        monkeypatch.setattr(module, name, called)

    for module, name in (
        (pipeline, "set_signals"),
        (pipeline, "fold"),
        (Network, "score"),
        (Cutoff, "keeps"),
        (pipeline, "agreed"),
    ):
        spy(module, name)
    reranked = rerank(make_candidates(5), model_of("quality"))

    assert calls == ["set_signals", "fold", "score", "keeps", "agreed"]
    assert reranked.steps == ("signals", "folding", "network", "cut-off", "consensus")


def test_a_description_has_a_cut_off_of_its_own(make_candidates) -> None:
    """PS-19: one photo is meant among all that have some of the words."""
    candidates = make_candidates(30)
    candidates.features[:, FIRST_STAGE.index("matched_phrases")] = (
        [0.8] * 10 + [0.4] * 10 + [0.3] * 10
    )
    model = model_of("quality", threshold=1.0, described=0.0)
    described = Options(described=True, without_folding=True)

    assert not len(rerank(candidates, model).ids)
    found = rerank(candidates, model, described)
    assert sorted(found.order.tolist()) == list(range(20)), "half of what the best one meets"
    assert found.cut.tolist() == [False] * 20 + [True] * 10
    everything = Options(described=True, without_folding=True, without_cutoff=True)
    assert len(rerank(candidates, model, everything).ids) == 30


def test_the_network_gives_score_and_order(make_candidates) -> None:
    """PS-47: whatever the first stage thought."""
    candidates = make_candidates(30)
    candidates.visual[:] = 0
    reranked = rerank(candidates, model_of("quality"))
    quality = candidates.feature("quality")

    assert reranked.order.tolist() == np.argsort(-quality).tolist()
    assert reranked.scores == pytest.approx(np.sort(quality)[::-1] * SCORE_ONE, abs=1)


def test_results_that_look_alike_move_together(make_candidates) -> None:
    """PS-45: of pictures; texts that answer look like nothing in common, and keep their order."""
    candidates = make_candidates(9)
    candidates.visual[:] = candidates.visual[0]
    candidates.visual[1] = ~candidates.visual[0]
    shown = candidates.features[:, FIRST_STAGE.index("shown_phrases")]
    candidates.features[:, FIRST_STAGE.index("quality")] = np.linspace(0.9, 0.8, 9)
    shown[:] = 0.5
    of_pictures = rerank(candidates, model_of("quality"))
    shown[:] = 0.0
    of_texts = rerank(candidates, model_of("quality"))

    assert of_pictures.order.tolist() == [0, 2, 3, 4, 5, 6, 7, 8, 1]
    assert of_texts.order.tolist() == list(range(9))
    assert (np.diff(of_pictures.scores) <= 0).all()
    assert "consensus" not in of_texts.steps


def test_equal_scores_stand_newest_first_then_by_id(make_candidates) -> None:
    """Replicas must agree on a page; ids above 2^63 are ids too."""
    candidates = make_candidates(
        4,
        ids=np.array([2**64 - 1, 3, 2**63, 9], np.uint64),
        sort_keys=np.array([5, 2**32 - 1, 5, 5], np.uint32),
    )
    candidates.features[:] = 0.25

    assert rerank(candidates, model_of("quality")).ids.tolist() == [3, 9, 2**63, 2**64 - 1]


def test_near_copies_are_folded_before_the_network_scores(make_candidates) -> None:
    """PS-46: the copy that the network would like better stays behind the first stage's choice."""
    candidates = make_candidates(3)
    candidates.fingerprints[2] = candidates.fingerprints[0]
    candidates.features[2] = 1.0
    reranked = rerank(candidates, model_of("quality"))

    assert int(candidates.ids[2]) not in reranked.ids.tolist()
    at = reranked.order.tolist().index(0)
    assert [(a.id, a.reason) for a in reranked.similar[at]] == [
        (int(candidates.ids[2]), Reason.SAME_PICTURE)
    ]
    assert np.isnan(reranked.probabilities[2])


def test_poor_matches_are_not_shown(make_candidates) -> None:
    """PS-19: off-topic photos are taken away, and nothing is left when nothing is good."""
    candidates = make_candidates(20)
    half = rerank(candidates, model_of("quality", threshold=0.62))
    good = candidates.feature("quality") >= np.log(0.62 / 0.38)

    assert half.cut.tolist() == (~good).tolist()
    assert set(half.order.tolist()) == set(np.flatnonzero(good).tolist())
    assert len(rerank(candidates, model_of("quality", threshold=0.99)).order) == 0


def test_each_switch_switches_its_own_step_off(make_candidates) -> None:
    """Evaluations compare stages one by one."""
    candidates = make_candidates(6)
    candidates.fingerprints[4] = candidates.fingerprints[1]
    model = model_of("quality", threshold=0.6)

    def steps(**switches: bool) -> tuple[str, ...]:
        return rerank(candidates, model, Options(**switches)).steps

    assert steps(without_cutoff=True) == ("signals", "folding", "network", "consensus")
    assert steps(without_folding=True) == ("signals", "network", "cut-off", "consensus")
    assert steps(without_second_stage=True) == ("signals", "folding")
    everything = rerank(candidates, model, Options(without_cutoff=True, without_folding=True))
    assert sorted(everything.order.tolist()) == list(range(6))


@pytest.mark.parametrize("missing", [True, False])
def test_without_the_network_the_first_stage_order_stays(make_candidates, missing: bool) -> None:
    """A cluster without a second-stage model still answers."""
    candidates = make_candidates(6)
    model = None if missing else model_of("quality", threshold=1.0)
    reranked = rerank(candidates, model, Options(without_second_stage=not missing))

    assert reranked.order.tolist() == list(range(6))
    assert reranked.scores.tolist() == candidates.scores.tolist()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_tiny_sets_pass(make_candidates, n: int) -> None:
    """Most personal queries have few visible results."""
    assert len(rerank(make_candidates(n), model_of("quality")).ids) == n


def test_what_is_not_among_the_candidates_leaves_no_trace(make_candidates) -> None:
    """PS-44: over visible candidates only; hiding photos first equals their never having been."""
    everything = make_candidates(25)
    visible = everything.take(np.arange(25) % 3 > 0)
    alone = make_candidates(25).take(np.arange(25) % 3 > 0)
    a, b = rerank(visible, model_of("outlier")), rerank(alone, model_of("outlier"))

    assert a.ids.tobytes() == b.ids.tobytes()
    assert a.scores.tobytes() == b.scores.tobytes()


def test_every_candidate_can_be_explained(make_candidates) -> None:
    """The chain from word to rank does not break here: shown, folded or cut."""
    candidates = make_candidates(8)
    candidates.visual[:] = 0
    candidates.fingerprints[7] = candidates.fingerprints[0]
    candidates.features[0] = 0.9
    candidates.features[3] = 0.0
    reranked = rerank(candidates, model_of("quality", threshold=0.5001))
    shown, cut, folded = (explain(candidates, reranked, int(candidates.ids[i])) for i in (0, 3, 7))

    assert (shown.first_rank, shown.cut, shown.folded_under) == (1, False, None)
    assert reranked.ids[shown.rank - 1] == candidates.ids[0]
    assert shown.score == pytest.approx(0.9, abs=1e-4)
    assert [a.id for a in shown.absorbed] == [int(candidates.ids[7])]
    assert (cut.rank, cut.cut) == (0, True)
    assert cut.probability == pytest.approx(0.5)
    assert (folded.rank, folded.folded_under) == (0, int(candidates.ids[0]))
    assert (folded.reason, folded.probability) == (Reason.SAME_PICTURE, None)
    with pytest.raises(NotFound, match="photo 5 is not among the 8 candidates"):
        explain(candidates, reranked, 5)
