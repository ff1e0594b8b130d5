"""The JSON API over HTTP."""

from __future__ import annotations

import pytest

from alicorn.api.search.v1 import search_pb2 as pb


def test_a_search_answers_in_the_promised_shape(client):
    """PS-38, PS-48: modules in page order, each with ranked photos."""
    answer = client.get("/api/search?q=cat").json()

    assert list(answer) == [
        "query",
        "understood",
        "expression",
        "modules",
        "coverage",
        "timings_ms",
        "notices",
        "related",
    ]
    assert [module["name"] for module in answer["modules"]] == ["social", "public"]
    assert {"id", "uri", "score", "tags", "similar", "why"} <= set(
        answer["modules"][0]["photos"][0]
    )


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        ({}, "bad-request"),
        ({"q": "   "}, "bad-request"),
        ({"q": "x" * 10_000}, "bad-request"),
        ({"q": "cat", "limit": "0"}, "bad-request"),
        ({"q": "cat", "limit": "501"}, "bad-request"),
        ({"q": "cat", "limit": "9" * 5_000}, "bad-request"),
        ({"q": "cat", "limit": "٣"}, "bad-request"),
        ({"q": "cat", "as": "sql"}, "bad-request"),
        ({"q": "(and tag:cat", "as": "expression"}, "malformed-query"),
    ],
)
def test_bad_requests_are_refused_in_words(client, params, kind):
    """Each with its kind for programs, a message, and what to do next."""
    response = client.get("/api/search", params=params)

    assert response.status_code == 400
    error = response.json()["error"]
    assert error["kind"] == kind
    assert error["message"]
    assert error["next"]


def test_the_limit_of_the_address_is_kept(client):
    """Fewer photos when fewer are wanted."""
    answer = client.get("/api/search?q=cat&limit=1").json()

    assert [len(module["photos"]) for module in answer["modules"]] == [1, 1]


def test_an_explanation_is_that_of_the_same_search(client):
    """Rank and module agree with the page that asked."""
    answer = client.get("/api/explain?q=cat&photo=3").json()

    assert (answer["rank"], answer["module"]) == (2, "social")
    assert [step["stage"] for step in answer["steps"]] == ["word", "first stage", "sight"]


def test_what_one_may_not_see_is_not_explained(client):
    """Hidden and absent answer alike, byte for byte."""
    hidden = client.get("/api/explain?q=cat&photo=3&viewer=3")
    absent = client.get("/api/explain?q=cat&photo=999&viewer=3")

    assert hidden.status_code == absent.status_code == 404
    assert hidden.json()["error"]["kind"] == absent.json()["error"]["kind"] == "not-found"


@pytest.mark.parametrize("photo", ["", "x", "-1", str(2**64), "9" * 5_000])
def test_an_explanation_needs_the_number_of_a_photo(client, photo):
    """Numbers beyond 64 bits are no ids."""
    assert client.get("/api/explain", params={"q": "cat", "photo": photo}).status_code == 400


def test_the_status_tells_how_far_understanding_has_come(client, backend):
    """PS-05: the page and the terminal watch the same figures."""
    backend.understanding = pb.Understanding(found=9, done=4, running=True, per_second=2.5)
    status = client.get("/api/status").json()

    assert status["understanding"] == {
        "found": 9,
        "done": 4,
        "failed": 0,
        "per_second": 2.5,
        "running": True,
        "message": "",
    }


def test_an_unknown_address_answers_in_json_below_the_api(client):
    """A program must not have to read a page."""
    response = client.get("/api/nothing")

    assert response.status_code == 404
    assert response.json()["error"]["kind"] == "not-found"


def test_metrics_count_requests_by_route_and_never_by_id(client):
    """Figures for dashboards; a path would tell who looked at what."""
    client.get("/thumb/1")
    client.get("/thumb/987654321")
    figures = client.get("/metrics").text

    assert 'alicorn_web_requests_total{route="thumbnail",status="200"} 1.0' in figures
    assert 'alicorn_web_requests_total{route="thumbnail",status="404"} 1.0' in figures
    assert "987654321" not in figures
