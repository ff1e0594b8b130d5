"""Searches are counted by how they end, and their steps by how long they took."""

from __future__ import annotations

import pytest

from aggregator.direct import DirectDriver
from aggregator.exchange import Call, Calls, Lost, Policy, Work
from aggregator.top.measured import measured
from alicorn.api.rack.v1 import rack_pb2
from alicorn.api.search.v1 import search_pb2
from alicorn.errors import MalformedQuery, TryElsewhere, Unauthenticated
from alicorn.telemetry import Metrics

RUN = DirectDriver({}).run


def answering(answered: int) -> Policy[search_pb2.SearchResponse]:
    """Answer with what ``answered`` of two shards found, after some work."""
    yield Work(lambda: None)
    return search_pb2.SearchResponse(
        coverage=search_pb2.Coverage(shards=2, answered=answered),
        timings_ms={"retrieve": 3.0, "total": 8.0},
    )


def failing(error: Exception) -> Policy[search_pb2.SearchResponse]:
    """Fail after some work."""
    yield Work(lambda: None)
    raise error


def lines(metrics: Metrics) -> set[str]:
    """Return the searches' lines of what a scraper reads, without times of creation."""
    found = metrics.render().decode().splitlines()
    return {line for line in found if line.startswith("alicorn_search") and "_created" not in line}


@pytest.mark.parametrize(("answered", "outcome"), [(2, "complete"), (1, "partial"), (0, "partial")])
def test_a_search_is_complete_only_when_every_shard_answered(answered: int, outcome: str) -> None:
    """A cluster that loses a shard still answers, and somebody must see that it lost one."""
    metrics = Metrics()
    response = RUN(measured(answering(answered), metrics))

    assert response.coverage.answered == answered
    assert f'alicorn_searches_total{{outcome="{outcome}"}} 1.0' in lines(metrics)


def test_every_step_is_told_in_seconds() -> None:
    """The answer has milliseconds; Prometheus wants the unit of its names."""
    metrics = Metrics()
    RUN(measured(answering(2), metrics))

    assert {
        'alicorn_search_seconds_sum{step="retrieve"} 0.003',
        'alicorn_search_seconds_sum{step="total"} 0.008',
        'alicorn_search_seconds_count{step="total"} 1.0',
    } <= lines(metrics)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (MalformedQuery("expected )", column=3, expected=")"), "refused"),
        (Unauthenticated("found no viewer token"), "refused"),
        (TryElsewhere("no shard answered"), "failed"),
        (KeyError("a defect"), "failed"),
    ],
)
def test_a_mistyped_query_is_no_failure(error: Exception, outcome: str) -> None:
    """Who is woken by failures must not be woken by a missing bracket."""
    metrics = Metrics()
    with pytest.raises(type(error)):
        RUN(measured(failing(error), metrics))

    assert lines(metrics) == {
        "alicorn_searches_total" + f'{{outcome="{outcome}"}} 1.0',
    }


def test_a_measured_policy_asks_and_is_answered_as_before() -> None:
    """Counting must change no search: effects go out, answers and losses come in."""

    def asking() -> Policy[search_pb2.SearchResponse]:
        call = Call("rack", "Status", rack_pb2.StatusRequest(), 1.0)
        kept, lost = yield Calls((call, Call("gone", "Status", rack_pb2.StatusRequest(), 1.0)))
        assert isinstance(lost, Lost)
        return search_pb2.SearchResponse(query=f"{kept.expected} {lost.error}")

    def rack(method: str, request: object, allowed_s: float) -> rack_pb2.StatusResponse:
        return rack_pb2.StatusResponse(expected=2)

    def gone(method: str, request: object, allowed_s: float) -> rack_pb2.StatusResponse:
        raise TryElsewhere("nobody is there")

    driver = DirectDriver({"rack": rack, "gone": gone})
    plain = driver.run(measured(asking(), None))
    counted = driver.run(measured(asking(), Metrics()))

    assert plain.query == counted.query == "2 nobody is there"
