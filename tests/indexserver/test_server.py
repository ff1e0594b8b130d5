"""A real gRPC server on a free port: every call, and errors as statuses."""

from __future__ import annotations

import itertools
from contextlib import contextmanager

import grpc
import numpy as np
import pytest

from alicorn.api.index.v1 import index_pb2, index_pb2_grpc
from alicorn.log import PutDocument
from alicorn.rpc.packed import pack, unpack
from alicorn.rpc.servers import bind, sync_server
from indexserver.config import ShardConfig
from indexserver.handler import IndexHandler
from indexserver.server import IndexServicer
from indexserver.shard import Shard


@pytest.fixture(scope="module")
def handler(tmp_path_factory, worlds):
    rows = worlds.documents(2, 50)
    with Shard(ShardConfig(directory=tmp_path_factory.mktemp("shard"))).open() as shard:
        shard.apply([worlds.entry(i + 1, PutDocument(d)) for i, d in enumerate(rows)])
        yield IndexHandler([shard])


@contextmanager
def served(handler):
    """Serve ``handler`` on a free port and give a stub of it."""
    server = sync_server([IndexServicer(handler)], threads=2)
    port = bind(server, "127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield index_pb2_grpc.IndexServiceStub(channel)
    server.stop(None).wait()


@pytest.fixture(scope="module")
def stub(handler):
    with served(handler) as found:
        yield found


def test_a_search_over_the_wire_is_the_handlers(stub, handler):
    """The servicer decides nothing."""
    request = index_pb2.SearchRequest(expression="(or tag:cat tag:dog)", with_columns=True)

    answer = stub.Search(request, timeout=30)

    assert answer.hits.count > 0
    assert answer.hits == handler.search(request).hits


def test_every_call_of_the_contract_is_served(stub):
    """Completeness: no method answers UNIMPLEMENTED."""
    request = index_pb2.SearchRequest(expression="(all)")
    ids = unpack(stub.Search(request).hits.ids, np.uint64)
    served = {
        method.name for method in index_pb2.DESCRIPTOR.services_by_name["IndexService"].methods
    }

    assert served == {"Search", "SearchBatch", "Fetch", "Status"}
    assert stub.SearchBatch(index_pb2.SearchBatchRequest(requests=[request])).results[0].response
    assert len(stub.Fetch(index_pb2.FetchRequest(ids=pack(ids[:3]))).documents) == 3
    assert stub.Status(index_pb2.StatusRequest()).shards[0].documents == 50


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        ({"expression": "(and"}, grpc.StatusCode.INVALID_ARGUMENT, "column"),
        ({"expression": "tgg:cat"}, grpc.StatusCode.INVALID_ARGUMENT, "tag"),
        ({"expression": "(apply author: tag:cat)"}, grpc.StatusCode.UNIMPLEMENTED, "apply"),
        ({"expression": "(all)", "limit": 20_000}, grpc.StatusCode.INVALID_ARGUMENT, "limit"),
    ],
)
def test_errors_have_their_status(stub, request_, code, message):
    """A caller decides by the code, a person by the message."""
    with pytest.raises(grpc.RpcError) as caught:
        stub.Search(index_pb2.SearchRequest(**request_))

    assert caught.value.code() is code
    assert message in caught.value.details()


def test_a_call_whose_time_is_over_is_refused(handler):
    """The caller's deadline travels to the shard: by this clock it is over at the first look."""
    late = IndexHandler(handler._shards, clock=itertools.count(0, 1_000).__next__)
    with served(late) as stub, pytest.raises(grpc.RpcError) as caught:
        stub.Search(index_pb2.SearchRequest(expression="(all)"), timeout=60)

    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "before any shard found anything" in caught.value.details()
