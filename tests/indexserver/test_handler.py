"""Messages in, messages out: limits, merging of shards, coverage, batches."""

from __future__ import annotations

import numpy as np
import pytest

from alicorn.api.index.v1 import index_pb2
from alicorn.documents.codec import from_proto
from alicorn.errors import (
    BadRequest,
    ConfigError,
    DeadlineSpent,
    MalformedQuery,
    ShapeError,
    UnknownEdge,
)
from alicorn.log import PutDocument
from alicorn.query import parse
from alicorn.rpc.packed import pack, unpack, unpack_rows
from indexserver.config import ShardConfig
from indexserver.handler import IndexHandler
from indexserver.shard import Shard
from ranker.features import FIRST_STAGE


@pytest.fixture(scope="module")
def rows(worlds):
    return worlds.documents(11, 120)


def opened(folder, rows, worlds, count):
    entries = [worlds.entry(i + 1, PutDocument(d)) for i, d in enumerate(rows)]
    shards = []
    for number in range(count):
        config = ShardConfig(
            directory=folder / f"{number}-of-{count}",
            shard=number,
            shards=count,
        )
        shard = Shard(config).open()
        shard.apply(entries[:70])
        shard.seal()
        shard.apply(entries[70:])
        shards.append(shard)
    return shards


@pytest.fixture(scope="module")
def handlers(tmp_path_factory, rows, worlds):
    folder = tmp_path_factory.mktemp("shards")
    made = {count: opened(folder, rows, worlds, count) for count in (1, 3)}
    yield {count: IndexHandler(shards) for count, shards in made.items()}
    for shards in made.values():
        for shard in shards:
            shard.close()


def request(expression="(or tag:cat tag:dog)", **fields):
    return index_pb2.SearchRequest(expression=expression, **fields)


@pytest.mark.parametrize("order", [index_pb2.ORDER_CONCEPT, index_pb2.ORDER_UNSPECIFIED])
@pytest.mark.parametrize(
    "expression", ["(or tag:cat tag:dog)", "(all)", "(difference (prefix tag:be) tag:beach)"]
)
def test_three_shards_answer_as_one_byte_for_byte(handlers, expression, order):
    """How the collection is cut must not be seen; hits, scores and columns are the same."""
    asked = request(expression, order=order, limit=200, with_columns=True, with_features=True)

    one, three = handlers[1].search(asked), handlers[3].search(asked)

    assert one.hits == three.hits
    assert one.matched == three.matched
    assert (three.coverage.shards, three.coverage.answered) == (3, 3)
    assert one.coverage.documents == three.coverage.documents == 120


def test_each_shard_gives_its_best_and_the_best_of_all_come_first(handlers):
    """PS-40: M is a shard's; three shards in a process give what three processes give a rack."""
    one = handlers[1].search(request(limit=9)).hits
    three = handlers[3].search(request(limit=9)).hits

    assert one.count == 9
    assert 9 < three.count <= 27
    assert three.ids.startswith(one.ids)


def test_hits_travel_as_packed_arrays(handlers, oracle, worlds, rows):
    """Every array has n entries, in the units that the contract names."""
    expr = parse("(or tag:cat tag:dog)")
    world = oracle.World([oracle.Part(rows)])
    expected, matched, _ = oracle.search(world, expr, static=False, limit=500)

    answer = handlers[3].search(request(limit=500, with_columns=True, with_features=True))

    hits = answer.hits
    ids = unpack(hits.ids, np.uint64, count=hits.count)
    assert expected == list(
        zip(ids.tolist(), unpack(hits.concept_scores, np.int64).tolist(), strict=True)
    )
    assert hits.score_unit == 650_250_000
    assert hits.scores == hits.concept_scores
    assert answer.matched == matched
    by_id = {document.id: document for document in rows}
    assert unpack(hits.sort_keys, np.uint32).tolist() == [by_id[i].sort_key for i in ids.tolist()]
    assert tuple(hits.feature_names) == FIRST_STAGE.names
    features = unpack_rows(hits.features, np.float32, rows=hits.count)
    assert features.shape == (hits.count, len(FIRST_STAGE))
    columns = hits.columns
    assert unpack(columns.authors, np.uint64).tolist() == [by_id[i].author for i in ids.tolist()]
    assert columns.visual == b"".join(by_id[i].visual or bytes(32) for i in ids.tolist())
    assert len(columns.fingerprints) == 32 * hits.count
    assert len(columns.fingerprint_qualities) == len(columns.audiences) == hits.count
    assert len(columns.taken_at) == 8 * hits.count


def test_defaults_are_those_of_the_contract(handlers):
    """0 means 100 hits, no columns, no features, the concept score alone."""
    answer = handlers[1].search(request("(all)"))

    assert answer.hits.count == 100
    assert not answer.hits.features
    assert not answer.hits.HasField("columns")
    assert list(answer.coverage.cuts) == []


def test_a_retrieve_limit_that_cut_is_said(handlers):
    """The answer says how complete it is."""
    answer = handlers[3].search(request("(all)", retrieve_limit=5))

    assert list(answer.coverage.cuts) == ["retrieve-limit"]
    assert answer.hits.count == 15
    assert answer.matched == 120


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        (request(""), MalformedQuery, "column 1"),
        (request("(and tag:cat"), MalformedQuery, "column 13"),
        (request("tgg:cat"), UnknownEdge, "tag"),
        (request("friend:5"), UnknownEdge, "friend"),
        (request(limit=10_001), BadRequest, "limit must be in 1..10000"),
        (request(retrieve_limit=100_001), BadRequest, "retrieve_limit"),
        (request(scorers=["best"]), BadRequest, "unknown scorer 'best'"),
        (request(order=9), BadRequest, "order"),
        (request(id_arrays=[b"1234567"]), ShapeError, "id_arrays"),
        (request(id_arrays=[bytes(8_000_008)]), BadRequest, "1000000 ids"),
        (request("(ids author: @1)"), BadRequest, "@1"),
        (request(ranking=index_pb2.RankingContext(visual=b"xy")), BadRequest, "visual"),
        (request(ranking=index_pb2.RankingContext(friends=b"xy")), ShapeError, "friends"),
    ],
)
def test_a_bad_request_is_refused_by_what_is_wrong(handlers, asked, error, message):
    """Nothing is corrected in silence."""
    with pytest.raises(error, match=message):
        handlers[1].search(asked)


def test_ids_travel_in_packed_arrays(handlers, rows):
    """Thousands of operands without text."""
    people = np.array([1, 3], dtype=np.uint64)

    answer = handlers[3].search(request("(ids author: @0)", id_arrays=[pack(people)], limit=500))

    expected = sorted(d.id for d in rows if d.author in (1, 3))
    assert expected == sorted(unpack(answer.hits.ids, np.uint64).tolist())


class Clock:
    """Moves by one second each time it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_time_that_is_over_is_an_error_or_a_marked_part(handlers):
    """Either nothing was found in time, or the coverage says what is missing."""
    seen = set()
    for seconds in range(1, 80):
        handler = IndexHandler(handlers[3]._shards, clock=Clock())
        try:
            answer = handler.search(request(), float(seconds))
        except DeadlineSpent:
            seen.add("error")
            continue
        partial = "deadline" in answer.coverage.cuts
        assert partial == (answer.coverage.answered < 3)
        assert partial == (answer.coverage.documents_answered < answer.coverage.documents)
        seen.add("partial" if partial else "whole")

    assert seen == {"error", "partial", "whole"}


def test_a_batch_answers_each_request_by_itself(handlers):
    """One malformed query spoils no other."""
    batch = index_pb2.SearchBatchRequest(requests=[request(), request("(and"), request("(nn x)")])

    results = handlers[1].search_batch(batch).results

    assert results[0].response.hits == handlers[1].search(request()).hits
    assert results[1].error.startswith("INVALID_ARGUMENT: column ")
    assert results[2].error.startswith("INVALID_ARGUMENT")
    with pytest.raises(BadRequest, match="at most 256"):
        handlers[1].search_batch(index_pb2.SearchBatchRequest(requests=[request()] * 257))


def test_an_operator_that_shards_do_not_run_is_unimplemented_by_name(handlers):
    """The code tells a caller that another server may know it: `apply` is the aggregator's."""
    batch = index_pb2.SearchBatchRequest(requests=[request("(apply author: tag:cat)")])

    (result,) = handlers[1].search_batch(batch).results

    assert result.error.startswith("UNIMPLEMENTED: operator apply ")


def test_extracted_ids_of_several_shards_stand_once(handlers):
    """An author has photos on many shards and is one person."""
    wanted = request("(extract author: (or tag:cat tag:dog))")
    one, three = (handlers[count].search(wanted) for count in (1, 3))

    ids = unpack(one.hits.ids, np.uint64, name="ids").tolist()

    assert ids == unpack(three.hits.ids, np.uint64, name="ids").tolist()
    assert ids == sorted(set(ids))
    assert ids
    assert 0 not in ids


def test_extracted_ids_have_no_features(handlers):
    """They are people, not photos: a model of photos says nothing of them."""
    with pytest.raises(BadRequest, match="extract gives ids"):
        handlers[1].search(request("(extract author: tag:cat)", with_features=True))


def test_fetch_returns_documents_in_the_order_asked(handlers, rows):
    """Unknown ids are left out; repeats come twice."""
    wanted = [rows[5].id, 999_999, rows[2].id, rows[5].id]

    answer = handlers[3].fetch(index_pb2.FetchRequest(ids=pack(np.array(wanted, dtype=np.uint64))))

    assert [rows[5], rows[2], rows[5]] == [from_proto(d) for d in answer.documents]
    with pytest.raises(BadRequest, match="at most 10000"):
        handlers[3].fetch(index_pb2.FetchRequest(ids=bytes(8 * 10_001)))


def test_the_status_lists_every_shard(handlers):
    """By number, with its bytes by part."""
    status = handlers[3].status()

    assert [shard.shard for shard in status.shards] == [0, 1, 2]
    assert sum(shard.documents for shard in status.shards) == 120
    assert {shard.sequence for shard in status.shards} == {120}
    assert all(shard.bytes_by_part["postings"] > 0 for shard in status.shards)


def test_a_server_without_shards_is_refused():
    """It would answer everything with nothing."""
    with pytest.raises(ConfigError, match="at least one shard"):
        IndexHandler([])
