"""The photo evaluation on a library of a few made-up paths."""

from __future__ import annotations

import json

import msgspec
import pytest

from alicorn.errors import BadRequest
from ranker.evaluation import evaluate_photos
from ranker.training.judgements import Judgements

PANDAS = [f"caltech101/panda/{i}.jpg" for i in range(4)]
HORSES = [f"caltech101/sea_horse/{i}.jpg" for i in range(20)]
UNJUDGED = [f"coco/{i}.jpg" for i in range(30)]
JUDGEMENTS = Judgements.of(PANDAS + HORSES + UNJUDGED)


def spaced(label: str) -> str:
    return label.replace("_", " ")


def test_only_judged_photos_count() -> None:
    """Nobody knows what the others show, so they neither help nor harm."""
    answers = {
        "panda": [*UNJUDGED, PANDAS[0], HORSES[0], PANDAS[1], PANDAS[1]],
        "sea horse": [*HORSES[:15], *PANDAS],
    }
    asked: list[str] = []

    def search(query: str) -> list[str]:
        asked.append(query)
        return answers[query]

    report = evaluate_photos(search, JUDGEMENTS, ["panda", "sea_horse"], query_of=spaced)
    panda, horse = report.rows

    assert asked == ["panda", "sea horse"]
    assert (panda.relevant, panda.returned, panda.precision_at_10) == (4, 3, 0.2)
    assert panda.average_precision == pytest.approx((1 + 2 / 3) / 4)
    assert (panda.reciprocal_rank, panda.recall_at_100) == (1.0, 0.5)
    assert (horse.precision_at_10, horse.recall_at_100) == (1.0, 0.75)
    assert report.means["precision_at_10"].mean == pytest.approx(0.6)
    assert report.ceiling == pytest.approx(0.7)
    assert report.judged == 24


def test_the_report_is_json_with_the_labels_in_it() -> None:
    """The issue asks for the list of labels beside the figure."""
    report = evaluate_photos(lambda _: [], JUDGEMENTS, ["sea_horse"], query_of=spaced)
    written = json.loads(msgspec.json.encode(report))

    assert written["labels"] == ["sea_horse"]
    assert written["means"]["precision_at_10"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert written["rows"][0]["query"] == "sea horse"


@pytest.mark.parametrize("labels", [[], ["panda", "unicorn"]])
def test_a_label_without_photos_is_refused(labels: list[str]) -> None:
    """It would count 0 and look like a bad search."""
    with pytest.raises(BadRequest, match="labels must each match a judged photo"):
        evaluate_photos(lambda _: [], JUDGEMENTS, labels, query_of=spaced)
