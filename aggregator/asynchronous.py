"""The driver for a cluster: calls are gRPC calls made at the same time, work runs in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias, TypeVar

import grpc
from google.protobuf.message import Message

from aggregator.exchange import Answer, Call, Calls, Lost, Policy
from alicorn.errors import AlicornError
from alicorn.rpc.status import error_of

__all__ = ["AsyncDriver", "AsyncStub", "stub_of"]

Result = TypeVar("Result")

AsyncStub: TypeAlias = Callable[[str, Message, float], Awaitable[Message]]
"""Takes the method's name, the request and the seconds allowed; raises `grpc.RpcError`."""


def stub_of(stub: Any) -> AsyncStub:
    """Return the caller for a generated asynchronous ``stub``."""

    async def call(method: str, request: Message, timeout_s: float) -> Message:
        answer: Message = await getattr(stub, method)(request, timeout=timeout_s)
        return answer

    return call


class AsyncDriver:
    """Runs policies inside an event loop."""

    def __init__(self, stubs: Mapping[str, AsyncStub]) -> None:
        self._stubs = stubs

    async def run(self, policy: Policy[Result]) -> Result:
        """Run ``policy`` to its end and return what it returns."""
        outcome: Any = None
        failure: AlicornError | None = None
        while True:
            try:
                effect = policy.throw(failure) if failure is not None else policy.send(outcome)
            except StopIteration as end:
                result: Result = end.value
                return result
            failure = None
            if isinstance(effect, Calls):
                outcome = await asyncio.gather(*(self._answer(call) for call in effect.calls))
                continue
            try:
                outcome = await asyncio.to_thread(effect.function)
            except AlicornError as error:
                failure = error

    async def _answer(self, call: Call) -> Answer:
        try:
            return await self._stubs[call.target](call.method, call.request, call.timeout_s)
        except grpc.RpcError as error:
            return Lost(call.target, error_of(error))
