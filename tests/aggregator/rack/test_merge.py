"""One merge: coverage adds up, and what is at fault is told apart from what is lost."""

from __future__ import annotations

import numpy as np
import pytest

from aggregator.rack.merge import KnownServer, Merge
from alicorn.api.index.v1 import index_pb2
from alicorn.errors import (
    AlicornError,
    BadRequest,
    CorruptIndex,
    DeadlineSpent,
    MalformedQuery,
    ShardLoading,
    TryElsewhere,
    UnknownEdge,
    Unsupported,
)
from alicorn.rpc.packed import pack, unpack


def _answer(*ids: int, documents: int, answered: int = 1, cuts: tuple[str, ...] = ()) -> object:
    n = len(ids)
    return index_pb2.SearchResponse(
        hits=index_pb2.Hits(
            count=n,
            ids=pack(np.array(ids, dtype=np.uint64)),
            sort_keys=pack(np.zeros(n, dtype=np.uint32)),
            scores=pack(np.array([100 - i for i in ids], dtype=np.int64)),
            score_unit=65_536,
            concept_scores=pack(np.zeros(n, dtype=np.int64)),
        ),
        coverage=index_pb2.Coverage(
            shards=1,
            answered=answered,
            documents=documents,
            documents_answered=documents * answered,
            cuts=cuts,
        ),
        matched=n,
    )


@pytest.fixture
def merge() -> Merge:
    servers = [KnownServer("a", 1, 10), KnownServer("b", 1, 20), KnownServer("c", 2, 30)]
    return Merge(3, {server.target: server for server in servers})


def test_a_page_of_all_answers_is_whole(merge: Merge) -> None:
    """Coverage, matches and cuts are summed, and N cuts the hits (PS-41)."""
    merge.answered(_answer(1, 4, documents=11, cuts=("retrieve-limit",)))
    merge.answered(_answer(2, documents=22))
    merge.answered(_answer(3, 5, documents=33, cuts=("deadline", "retrieve-limit")))

    page = merge.page()

    assert unpack(page.hits.ids, np.uint64).tolist() == [1, 2, 3]
    assert page.matched == 5
    assert (page.coverage.shards, page.coverage.answered) == (3, 3)
    assert (page.coverage.documents, page.coverage.documents_answered) == (66, 66)
    assert list(page.coverage.cuts) == ["deadline", "retrieve-limit"]


def test_a_lost_server_counts_with_what_was_known_of_it(merge: Merge) -> None:
    """The page comes without it and says so: its shards were asked, its documents missed."""
    merge.answered(_answer(1, documents=11))
    merge.lost("b", DeadlineSpent("too late"))
    merge.lost("c", ShardLoading("not yet"))

    page = merge.page()

    assert unpack(page.hits.ids, np.uint64).tolist() == [1]
    assert (page.coverage.shards, page.coverage.answered) == (4, 1)
    assert (page.coverage.documents, page.coverage.documents_answered) == (61, 11)


def test_a_shard_that_answered_in_part_is_not_counted_as_answered(merge: Merge) -> None:
    """A server may itself have lost a shard to the deadline."""
    merge.answered(_answer(1, documents=11, answered=0, cuts=("deadline",)))

    page = merge.page()

    assert (page.coverage.shards, page.coverage.answered) == (1, 0)
    assert page.coverage.documents_answered == 0


@pytest.mark.parametrize(
    "error",
    [
        BadRequest("no"),
        UnknownEdge("no such edge"),
        MalformedQuery("no", column=3),
        Unsupported("operator nn is not served yet"),
    ],
)
def test_a_fault_of_the_request_ends_the_search(merge: Merge, error: AlicornError) -> None:
    """Every server would say the same, so an answer in part would only hide the mistake."""
    merge.answered(_answer(1, documents=11))

    with pytest.raises(type(error)) as raised:
        merge.lost("b", error)

    assert raised.value is error


@pytest.mark.parametrize(
    "error", [DeadlineSpent("late"), TryElsewhere("gone"), CorruptIndex("bad")]
)
def test_when_nobody_answered_the_first_reason_is_the_error(
    merge: Merge, error: AlicornError
) -> None:
    """There is no page of nothing: an empty one would look like no matches."""
    merge.lost("a", error)
    merge.lost("b", TryElsewhere("second"))

    with pytest.raises(type(error)) as raised:
        merge.page()

    assert raised.value is error


def test_a_rack_without_servers_says_so() -> None:
    """A wrong cluster.toml must not look like an empty library."""
    with pytest.raises(TryElsewhere, match="no index server"):
        Merge(10, {}).page()
