"""The JSON shape that the API and the command line promise."""

from __future__ import annotations

from alicorn.api.search.v1 import search_pb2 as pb
from webtier.json_view import explain_json, local_time, search_json, status_json


def test_an_answer_has_exactly_the_promised_keys():
    """Scripts read these names; a new or missing key is a change of the contract."""
    photo = pb.Photo(id=2**64 - 1, uri="a.jpg", score=0.5, why=["shows cat"], author=3)
    photo.tags.add(concept="cat", confidence=0.1)
    photo.similar.add(id=2, uri="b.jpg", reason="same moment")
    response = pb.SearchResponse(
        query="cat",
        understood=[
            pb.Phrase(text="chat", concepts=["cat"], start=3, end=7, kind="concept", language="fr")
        ],
        expression="tag:cat",
        modules=[pb.Module(name="social", title="Yours", photos=[photo])],
        coverage=pb.Coverage(shards=2, answered=1, share=0.5, cuts=["deadline"]),
        timings_ms={"total": 1.23456, "fetch": 0.5},
        related=["tiger"],
    )
    expected = {
        "query": "cat",
        "understood": [
            {
                "text": "chat",
                "concepts": ["cat"],
                "start": 3,
                "end": 7,
                "kind": "concept",
                "language": "fr",
            }
        ],
        "expression": "tag:cat",
        "modules": [
            {
                "name": "social",
                "title": "Yours",
                "photos": [
                    {
                        "id": 2**64 - 1,
                        "uri": "a.jpg",
                        "score": 0.5,
                        "tags": [{"concept": "cat", "confidence": 0.1, "family": ""}],
                        "similar": [{"id": 2, "uri": "b.jpg", "reason": "same moment"}],
                        "why": ["shows cat"],
                        "author": 3,
                        "author_name": "",
                        "caption": "",
                        "taken_at": None,
                        "place": "",
                        "width": 0,
                        "height": 0,
                    }
                ],
            }
        ],
        "coverage": {"shards": 2, "answered": 1, "share": 0.5, "cuts": ["deadline"]},
        "timings_ms": {"fetch": 0.5, "total": 1.235},
        "notices": [],
        "related": ["tiger"],
    }

    assert expected == search_json(response)


def test_features_appear_only_when_there_are_any():
    """Rows for training are asked for; nobody else pays for them."""
    with_row = pb.SearchResponse(modules=[pb.Module(photos=[pb.Photo(features=[1.0, 2.0])])])
    without = pb.SearchResponse(modules=[pb.Module(photos=[pb.Photo()])])

    assert search_json(with_row)["modules"][0]["photos"][0]["features"] == [1.0, 2.0]
    assert "features" not in search_json(without)["modules"][0]["photos"][0]


def test_a_time_at_the_epoch_is_a_time_and_not_unknown():
    """Presence counts, not the value: 0 is midnight of 1970-01-01."""
    response = pb.SearchResponse(modules=[pb.Module(photos=[pb.Photo(taken_at=0)])])

    assert search_json(response)["modules"][0]["photos"][0]["taken_at"] == "1970-01-01T00:00:00"


def test_times_outside_the_calendar_are_unknown():
    """A broken clock in a camera must not break a page."""
    assert local_time(2**62) is None
    assert local_time(-(2**62)) is None


def test_an_explanation_keeps_order_and_absent_values():
    """A step without a number shows none, which is not the same as zero."""
    response = pb.ExplainResponse(
        steps=[
            pb.Step(stage="word", text="cat"),
            pb.Step(stage="first stage", text="s", value=0.0),
        ],
        rank=1,
        module="social",
    )
    expected = {
        "module": "social",
        "rank": 1,
        "steps": [
            {"stage": "word", "text": "cat", "value": None},
            {"stage": "first stage", "text": "s", "value": 0.0},
        ],
    }

    assert expected == explain_json(response)


def test_a_status_lists_shards_by_number():
    """Shards answer in any order; a reader compares two statuses line by line."""
    response = pb.GetStatusResponse(
        shards=[pb.Shard(shard=1), pb.Shard(shard=0, bytes_by_part={"postings": 9})]
    )
    status = status_json(response)

    assert [shard["shard"] for shard in status["shards"]] == [0, 1]
    assert status["shards"][0]["bytes_by_part"] == {"postings": 9}
