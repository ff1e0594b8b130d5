"""Errors over a real port: the next process raises what this one raised."""

from __future__ import annotations

import inspect
from typing import Any

import grpc
import pytest

import alicorn.errors as tree
from alicorn.api.index.v1 import index_pb2, index_pb2_grpc
from alicorn.errors import AlicornError, BadRequest, CorruptIndex, MalformedQuery
from alicorn.rpc.servers import async_server, bind
from alicorn.rpc.status import error_of, status_of

ERRORS = [
    cls
    for _, cls in inspect.getmembers(tree, inspect.isclass)
    if issubclass(cls, AlicornError) and cls is not AlicornError
]


def _made(cls: type[AlicornError], message: str) -> AlicornError:
    if issubclass(cls, MalformedQuery):
        return cls(message, column=17)
    return cls(message)


def test_every_error_is_public() -> None:
    """`error_of` finds a class by its name among the public ones."""
    assert {cls.__name__ for cls in ERRORS} == set(tree.__all__) - {"AlicornError"}


@pytest.mark.parametrize("cls", ERRORS)
def test_every_error_has_a_status_of_its_own_meaning(cls: type[AlicornError]) -> None:
    """None is UNKNOWN or INTERNAL: those are for what we did not mean to raise."""
    code = status_of(_made(cls, "x"))

    assert code not in {grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL, grpc.StatusCode.OK}


def test_a_new_subclass_has_the_status_of_its_parent() -> None:
    """It must not leak out as UNKNOWN before somebody adds it to the table."""

    class Newer(CorruptIndex):
        pass

    assert status_of(Newer("x")) is grpc.StatusCode.DATA_LOSS


@pytest.mark.parametrize("cls", ERRORS)
def test_an_error_survives_a_real_call(raised_by: Any, cls: type[AlicornError]) -> None:
    """Class and message, whatever stands in the message."""
    error = _made(cls, "found “ünïcode” 100 %\nin two lines, needed ascii")

    again = error_of(raised_by(error))

    assert str(again) == str(error)
    # Its message already begins with the column, so it is not made again.
    expected = BadRequest if cls is MalformedQuery else cls
    assert type(again) is expected


@pytest.mark.parametrize("cls", ERRORS)
async def test_an_error_survives_a_real_asynchronous_call(
    failing_async: Any, cls: type[AlicornError]
) -> None:
    """The same on the servers that racks and tops are."""
    error = _made(cls, "found “ünïcode” 100 %")
    server = async_server([failing_async(error)])
    port = bind(server, "127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = index_pb2_grpc.IndexServiceStub(channel)
        with pytest.raises(grpc.RpcError) as raised:
            await stub.Search(index_pb2.SearchRequest(), timeout=5)
    await server.stop(None)

    again = error_of(raised.value)

    assert str(again) == str(error)
    assert type(again) is (BadRequest if cls is MalformedQuery else cls)


def test_a_message_of_any_length_arrives_as_its_error(raised_by: Any) -> None:
    """A refused expression of a megabyte must not become RESOURCE_EXHAUSTED by its own echo."""
    again = error_of(raised_by(BadRequest("é" * 100_000)))

    assert type(again) is BadRequest
    assert str(again).startswith("éééé")
    assert len(str(again)) < 2_000


def test_a_mistake_of_ours_is_internal_and_tells_nothing(raised_by: Any) -> None:
    """No traceback, no path, no value of ours leaves the process."""
    raised = raised_by(KeyError("secret"))

    assert raised.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in raised.details()
    assert type(error_of(raised)) is AlicornError


async def test_a_mistake_of_ours_is_internal_asynchronously_too(failing_async: Any) -> None:
    """The same on the servers that racks and tops are."""
    server = async_server([failing_async(KeyError("secret"))])
    port = bind(server, "127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = index_pb2_grpc.IndexServiceStub(channel)
        with pytest.raises(grpc.RpcError) as raised:
            await stub.Search(index_pb2.SearchRequest(), timeout=5)
    await server.stop(None)

    assert raised.value.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in raised.value.details()


def test_a_server_that_is_not_there_is_try_elsewhere() -> None:
    """What gRPC reports itself becomes the nearest error of the tree."""
    with grpc.insecure_channel("127.0.0.1:1") as channel:
        stub = index_pb2_grpc.IndexServiceStub(channel)
        with pytest.raises(grpc.RpcError) as raised:
            stub.Search(index_pb2.SearchRequest(), timeout=5)

    assert isinstance(error_of(raised.value), tree.TryElsewhere)


def test_a_class_that_is_not_an_error_is_not_made_of_metadata() -> None:
    """The name in the metadata comes from outside; only errors of the tree are looked up."""

    class Claimed(grpc.RpcError):
        def code(self) -> grpc.StatusCode:
            return grpc.StatusCode.NOT_FOUND

        def details(self) -> str:
            return "x"

        def trailing_metadata(self) -> Any:
            return (("alicorn-error", "annotations"),)

    assert type(error_of(Claimed())) is tree.NotFound
