"""The rack as a plain generator: events in, instructions out, no sockets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aggregator.direct import DirectDriver
from aggregator.exchange import Calls, Lost
from aggregator.rack.handler import RackHandler
from aggregator.rack.merge import KnownServer
from aggregator.rack.policy import DEFAULT_LIMIT, MAX_LIMIT, Rack
from alicorn.api.index.v1 import index_pb2
from alicorn.api.photo.v1 import photo_pb2
from alicorn.api.rack.v1 import rack_pb2
from alicorn.errors import (
    BadRequest,
    CorruptData,
    DeadlineSpent,
    ShapeError,
    TryElsewhere,
    Unsupported,
)
from alicorn.rpc.packed import pack, unpack


def _answer(ids: list[int], documents: int = 5) -> index_pb2.SearchResponse:
    n = len(ids)
    return index_pb2.SearchResponse(
        hits=index_pb2.Hits(
            count=n,
            ids=pack(np.array(ids, dtype=np.uint64)),
            sort_keys=pack(np.zeros(n, dtype=np.uint32)),
            scores=pack(-np.array(ids, dtype=np.int64)),
            score_unit=65_536,
            concept_scores=pack(np.zeros(n, dtype=np.int64)),
        ),
        coverage=index_pb2.Coverage(
            shards=1, answered=1, documents=documents, documents_answered=documents
        ),
    )


def _ended(policy: Any, answers: list[Any]) -> Any:
    """Give ``policy`` the answers to its calls and return what it returns."""
    with pytest.raises(StopIteration) as stop:
        policy.send(answers)
    return stop.value.value


@pytest.fixture
def rack() -> Rack:
    return Rack([KnownServer("a", 1, 7), KnownServer("b", 1, 9)], shard_timeout_s=0.5)


def _asked(limit: int = 0) -> rack_pb2.SearchRequest:
    return rack_pb2.SearchRequest(
        request=index_pb2.SearchRequest(expression="tag:cat"), limit=limit
    )


def test_every_server_gets_the_same_question_at_the_same_time(rack: Rack) -> None:
    """One effect with all calls, so that a driver may make them together."""
    effect = next(rack.search(_asked(), 10.0))

    assert isinstance(effect, Calls)
    assert [(call.target, call.method) for call in effect.calls] == [
        ("a", "Search"),
        ("b", "Search"),
    ]
    assert all(call.request == _asked().request for call in effect.calls)


@pytest.mark.parametrize(("allowed_s", "expected"), [(10.0, 0.5), (0.2, 0.195)])
def test_a_server_gets_the_shard_timeout_or_what_is_left(
    rack: Rack, allowed_s: float, expected: float
) -> None:
    """And the rack keeps something to merge and answer with."""
    effect = next(rack.search(_asked(), allowed_s))

    assert [expected, expected] == pytest.approx([call.timeout_s for call in effect.calls])


@pytest.mark.parametrize("allowed_s", [0.005, 0.0, -1.0])
def test_without_time_nobody_is_asked(rack: Rack, allowed_s: float) -> None:
    """Work that nobody waits for only makes others late."""
    for policy in (
        rack.search(_asked(), allowed_s),
        rack.fetch(rack_pb2.FetchRequest(), allowed_s),
        rack.status(allowed_s),
    ):
        with pytest.raises(DeadlineSpent):
            next(policy)


def test_answers_are_merged_and_cut(rack: Rack) -> None:
    """PS-41 by hand, through the generator."""
    policy = rack.search(_asked(limit=3), 1.0)
    next(policy)

    page = _ended(policy, [_answer([1, 4]), _answer([2, 3])])

    assert unpack(page.hits.ids, np.uint64).tolist() == [1, 2, 3]


def test_the_default_limit_and_its_bound(rack: Rack) -> None:
    """0 means the default; more than the bound is the caller's mistake, told before any call."""
    policy = rack.search(_asked(), 1.0)
    next(policy)
    page = _ended(policy, [_answer(list(range(1, 900))), _answer([])])

    assert page.hits.count == DEFAULT_LIMIT
    with pytest.raises(BadRequest, match=str(MAX_LIMIT)):
        next(rack.search(_asked(MAX_LIMIT + 1), 1.0))


def test_a_lost_server_is_counted_with_what_it_last_reported(rack: Rack) -> None:
    """Its documents are known from its last answer, not from the start."""
    first = rack.search(_asked(), 1.0)
    next(first)
    _ended(first, [_answer([1], documents=70), _answer([2], documents=90)])
    second = rack.search(_asked(), 1.0)
    next(second)

    page = _ended(second, [_answer([1], documents=71), Lost("b", TryElsewhere("gone"))])

    assert (page.coverage.shards, page.coverage.answered) == (2, 1)
    assert (page.coverage.documents, page.coverage.documents_answered) == (161, 71)


def test_a_server_that_answers_nonsense_is_lost_and_not_the_callers_fault(rack: Rack) -> None:
    """The page comes from the others; nobody is told to change a request that is fine."""
    policy = rack.search(_asked(), 1.0)
    next(policy)
    nonsense = _answer([5, 6])
    nonsense.hits.count = 3

    page = _ended(policy, [nonsense, _answer([2])])

    assert unpack(page.hits.ids, np.uint64).tolist() == [2]
    assert (page.coverage.shards, page.coverage.answered) == (2, 1)


def test_when_all_answer_nonsense_it_is_corrupt_data(rack: Rack) -> None:
    """A ShapeError would be an INVALID_ARGUMENT, and blame the caller."""
    policy = rack.search(_asked(), 1.0)
    next(policy)
    nonsense = _answer([5, 6])
    nonsense.hits.count = 3

    with pytest.raises(CorruptData):
        policy.send([nonsense, nonsense])


def test_documents_come_in_the_order_asked(rack: Rack) -> None:
    """Whoever holds them; unknown ones are left out, and so are those nobody asked for."""
    ids = np.array([9, 3, 7, 1], dtype=np.uint64)
    policy = rack.fetch(rack_pb2.FetchRequest(ids=pack(ids)), 1.0)
    effect = next(policy)
    assert {call.method for call in effect.calls} == {"Fetch"}

    def documents(*ids: int) -> index_pb2.FetchResponse:
        return index_pb2.FetchResponse(documents=[photo_pb2.PhotoDocument(id=i) for i in ids])

    answer = _ended(policy, [documents(7, 8), documents(9, 1)])

    assert [document.id for document in answer.found.documents] == [9, 7, 1]


def test_fetching_needs_one_server_that_answers(rack: Rack) -> None:
    """With none, the reason is told instead of an empty answer."""
    policy = rack.fetch(rack_pb2.FetchRequest(ids=b""), 1.0)
    next(policy)

    with pytest.raises(TryElsewhere, match="gone"):
        policy.send([Lost("a", TryElsewhere("gone")), Lost("b", DeadlineSpent("late"))])


def test_a_server_that_is_lost_while_fetching_is_told(rack: Rack) -> None:
    """A page that is shorter than what was found must be able to say why."""
    policy = rack.fetch(rack_pb2.FetchRequest(ids=pack(np.array([7], dtype=np.uint64))), 1.0)
    next(policy)
    found = index_pb2.FetchResponse(documents=[photo_pb2.PhotoDocument(id=7)])

    answer = _ended(policy, [found, Lost("b", DeadlineSpent("late"))])

    assert ([document.id for document in answer.found.documents], answer.lost) == ([7], 1)


def test_ids_that_are_no_ids_are_refused(rack: Rack) -> None:
    """Half an id is a broken caller."""
    with pytest.raises(ShapeError, match="ids"):
        next(rack.fetch(rack_pb2.FetchRequest(ids=b"\1\2\3"), 1.0))


def test_the_status_of_every_shard_that_answers_is_in_order(rack: Rack) -> None:
    """And how many there should be, so that a missing one can be seen."""
    policy = rack.status(1.0)
    next(policy)
    answer = _ended(
        policy,
        [
            index_pb2.StatusResponse(shards=[index_pb2.ShardStatus(shard=1)]),
            index_pb2.StatusResponse(shards=[index_pb2.ShardStatus(shard=0)]),
        ],
    )

    assert [shard.shard for shard in answer.shards] == [0, 1]
    assert answer.expected == 2


def test_the_direct_driver_turns_errors_of_handlers_into_lost_calls(rack: Rack) -> None:
    """Through the same policy, with handlers instead of answers by hand."""

    def broken(method: str, request: Any, allowed_s: float) -> Any:
        raise TryElsewhere("this one is loading")

    driver = DirectDriver({"a": broken, "b": lambda *_: _answer([2])})

    page = driver.run(rack.search(_asked(), 1.0))

    assert (page.coverage.shards, page.coverage.answered) == (2, 1)


def test_a_handler_refuses_what_a_rack_does_not_do(rack: Rack) -> None:
    """A message of another service is named, not answered by accident."""
    handler = RackHandler(rack, {})

    with pytest.raises(Unsupported, match="Search, Fetch and Status"):
        handler("Search", index_pb2.SearchRequest(), 1.0)
