"""How long each call took and how it ended, as the server saw it: interceptors for both servers.

Only methods of the server's own services are told, so that the names are a fixed set: a call to a
method that does not exist is counted nowhere, and a probe of health is no request.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias

import grpc

__all__ = ["AsyncMeter", "Observe", "SyncMeter"]

Observe: TypeAlias = Callable[[str, str, float], None]
"""Takes "/package.Service/Method", the name of the gRPC code, and seconds; thread-safe."""

_CODES: Final = {code.value[0]: code.name for code in grpc.StatusCode}


class SyncMeter(grpc.ServerInterceptor):
    """Tells ``observe`` of every unary call of a synchronous server.

    Parameters
    ----------
    services : sequence of str
        Full names of the services that are measured.
    observe : callable
    """

    def __init__(self, services: Sequence[str], observe: Observe) -> None:
        self._prefixes = tuple(f"/{service}/" for service in services)
        self._observe = observe

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Any],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Return the method's handler, measured where it is one of ours."""
        handler = continuation(handler_call_details)
        method: str = handler_call_details.method
        if handler is None or not handler.unary_unary or not method.startswith(self._prefixes):
            return handler
        answer = handler.unary_unary

        def measured(request: Any, context: Any) -> Any:
            started = time.perf_counter()
            ended = "UNKNOWN"
            try:
                response = answer(request, context)
                ended = "OK"
                return response
            finally:
                self._observe(method, _set(context) or ended, time.perf_counter() - started)

        return _with(handler, measured)


class AsyncMeter(grpc.aio.ServerInterceptor):
    """Tells ``observe`` of every unary call of an asynchronous server; as `SyncMeter`."""

    def __init__(self, services: Sequence[str], observe: Observe) -> None:
        self._prefixes = tuple(f"/{service}/" for service in services)
        self._observe = observe

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Return the method's handler, measured where it is one of ours."""
        handler = await continuation(handler_call_details)
        method: str = handler_call_details.method
        if handler is None or not handler.unary_unary or not method.startswith(self._prefixes):
            return handler
        answer = handler.unary_unary

        async def measured(request: Any, context: Any) -> Any:
            started = time.perf_counter()
            ended = "UNKNOWN"
            try:
                response = await answer(request, context)
                ended = "OK"
                return response
            except asyncio.CancelledError:
                # The caller went away, or its deadline is over.
                ended = "CANCELLED"
                raise
            finally:
                self._observe(method, _set(context) or ended, time.perf_counter() - started)

        return _with(handler, measured)


def _with(handler: Any, answer: Callable[[Any, Any], Any]) -> Any:
    """Return ``handler`` with another function behind the same messages."""
    return grpc.unary_unary_rpc_method_handler(
        answer, handler.request_deserializer, handler.response_serializer
    )


def _set(context: Any) -> str | None:
    """Return the name of the code that the servicer set; None where it set none.

    A synchronous context has the code itself, an asynchronous one its number and 0 before any.
    """
    code = context.code()
    number = code.value[0] if isinstance(code, grpc.StatusCode) else code
    return _CODES[number] if number else None
