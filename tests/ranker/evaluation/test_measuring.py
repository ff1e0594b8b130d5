"""Sets of queries on a few made-up paths: every figure worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ranker.evaluation.measuring import FIGURES, Measured, Query, measure, ratio_of_precisions
from ranker.training.judgements import Judgements

PANDAS = [f"caltech101/panda/{i}.jpg" for i in range(4)]
HORSES = [f"caltech101/sea_horse/{i}.jpg" for i in range(20)]
UNJUDGED = [f"coco/{i}.jpg" for i in range(30)]
JUDGEMENTS = Judgements.of(PANDAS + HORSES + UNJUDGED)


def asking(text: str, *labels: str, about: str = "") -> Query:
    return Query(text=text, about=about or text, labels=frozenset(labels))


PANDA = asking("panda", "panda")
HORSE = asking("sea horse", "sea_horse")


def measured(answers: dict[str, Sequence[str]], *queries: Query) -> Measured:
    found = measure(lambda query: answers[query.text], queries, JUDGEMENTS)
    assert found is not None
    return found


def test_only_judged_photos_count() -> None:
    """Nobody knows what the others show, so they neither help nor harm."""
    report = measured(
        {
            "panda": [*UNJUDGED, PANDAS[0], HORSES[0], PANDAS[1], PANDAS[1]],
            "sea horse": [*HORSES[:15], *PANDAS],
        },
        PANDA,
        HORSE,
    )
    panda, horse = report.rows

    assert (panda.relevant, panda.returned, panda.precision_at_10) == (4, 3, 0.2)
    assert panda.average_precision == pytest.approx((1 + 2 / 3) / 4)
    assert (panda.reciprocal_rank, panda.recall_at_10, panda.recall_at_100) == (1.0, 0.5, 0.5)
    assert (horse.precision_at_10, horse.recall_at_10, horse.recall_at_100) == (1.0, 0.5, 0.75)
    assert report.means["precision_at_10"].mean == pytest.approx(0.6)
    assert report.ceiling == pytest.approx(0.7)
    assert (report.queries, report.things, report.judged) == (2, 2, 24)
    assert set(report.means) == set(FIGURES)


def test_a_thing_counts_once_however_many_names_it_has() -> None:
    """A car has four French names; it must not weigh four times as much as a panda."""
    report = measured(
        {"panda": HORSES, "coon bear": PANDAS, "sea horse": HORSES[:10]},
        asking("panda", "panda", about="02510455"),
        asking("coon bear", "panda", about="02510455"),
        HORSE,
    )

    assert [row.precision_at_10 for row in report.rows] == [0.0, 0.4, 1.0]
    assert report.means["precision_at_10"].mean == pytest.approx((0.2 + 1) / 2)
    assert (report.queries, report.things) == (3, 2)
    assert report.ceiling == pytest.approx((0.4 + 1) / 2)


def test_several_labels_may_match_one_query() -> None:
    """Photos of everything below a broader term are what is asked for."""
    report = measured({"animal": [*PANDAS, *HORSES]}, asking("animal", "panda", "sea_horse"))

    assert report.rows[0].relevant == 24
    assert report.rows[0].precision_at_10 == report.rows[0].ndcg_at_10 == 1.0


def test_a_query_that_nothing_judged_matches_counts_nowhere() -> None:
    """It would count 0 and look like a bad search; and it is not even asked."""
    report = measured({"panda": PANDAS}, PANDA, asking("unicorn", "unicorn"))

    assert (report.queries, report.left_out) == (1, 1)
    assert measure(lambda _: [], [asking("unicorn", "unicorn")], JUDGEMENTS) is None


def test_names_are_compared_for_the_things_that_both_have() -> None:
    """A thing without a French name says nothing about French."""
    english = measured(
        {"panda": PANDAS, "sea horse": HORSES},
        asking("panda", "panda", about="p"),
        asking("sea horse", "sea_horse", about="s"),
    )
    french = measured(
        {"hippocampe": [*PANDAS, *HORSES]}, asking("hippocampe", "sea_horse", about="s")
    )
    neither = measured({"okapi": PANDAS}, asking("okapi", "panda", about="o"))
    ratio = ratio_of_precisions(french, english)

    assert ratio is not None
    assert (ratio.mean, ratio.low, ratio.high) == pytest.approx((0.6, 0.6, 0.6))
    assert ratio_of_precisions(neither, english) is None
