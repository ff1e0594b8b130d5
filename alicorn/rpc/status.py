"""Errors as gRPC statuses, and back.

One table maps the error tree to codes and looks up ancestors, so that a new subclass never leaks
out as UNKNOWN. The class name travels as trailing metadata, so that a caller in the next process
raises what the callee raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, Final, NoReturn, TypeVar, cast

import grpc
import structlog

import alicorn.errors as tree
from alicorn.errors import AlicornError

__all__ = ["abort", "abort_async", "error_of", "guarded", "guarded_async", "status_of"]

_log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

_KIND_KEY: Final = "alicorn-error"

# Trailers over 8 KiB may be refused, and what is not ASCII takes three bytes for one.
_MAX_MESSAGE_BYTES: Final = 2_000

_STATUS: Final[Mapping[type[AlicornError], grpc.StatusCode]] = {
    tree.BadRequest: grpc.StatusCode.INVALID_ARGUMENT,
    tree.UnknownViewer: grpc.StatusCode.NOT_FOUND,
    tree.Unsupported: grpc.StatusCode.UNIMPLEMENTED,
    tree.Unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    tree.Forbidden: grpc.StatusCode.PERMISSION_DENIED,
    tree.NotFound: grpc.StatusCode.NOT_FOUND,
    tree.TryElsewhere: grpc.StatusCode.UNAVAILABLE,
    tree.DeadlineSpent: grpc.StatusCode.DEADLINE_EXCEEDED,
    tree.OutOfSpace: grpc.StatusCode.RESOURCE_EXHAUSTED,
    tree.ConfigError: grpc.StatusCode.FAILED_PRECONDITION,
    tree.MissingModel: grpc.StatusCode.FAILED_PRECONDITION,
    tree.CorruptData: grpc.StatusCode.DATA_LOSS,
    tree.UnreadablePhoto: grpc.StatusCode.INVALID_ARGUMENT,
}

_ERROR: Final[Mapping[grpc.StatusCode, type[AlicornError]]] = {
    grpc.StatusCode.INVALID_ARGUMENT: tree.BadRequest,
    grpc.StatusCode.UNIMPLEMENTED: tree.Unsupported,
    grpc.StatusCode.UNAUTHENTICATED: tree.Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: tree.Forbidden,
    grpc.StatusCode.NOT_FOUND: tree.NotFound,
    grpc.StatusCode.UNAVAILABLE: tree.TryElsewhere,
    grpc.StatusCode.DEADLINE_EXCEEDED: tree.DeadlineSpent,
    grpc.StatusCode.RESOURCE_EXHAUSTED: tree.OutOfSpace,
    grpc.StatusCode.FAILED_PRECONDITION: tree.ConfigError,
    grpc.StatusCode.DATA_LOSS: tree.CorruptData,
}


def status_of(error: AlicornError) -> grpc.StatusCode:
    """Return the code of the nearest listed ancestor of ``error``."""
    codes = (_STATUS[cls] for cls in type(error).__mro__ if cls in _STATUS)
    return next(codes, grpc.StatusCode.INTERNAL)


def error_of(error: grpc.RpcError) -> AlicornError:
    """Return the error that the callee raised, or the nearest to what gRPC reports."""
    code = error.code()
    message = error.details() or code.name.lower().replace("_", " ")
    # Synchronous and asynchronous calls give different containers of the same pairs.
    metadata = cast("Iterable[tuple[str, str | bytes]]", error.trailing_metadata() or ())
    kind = dict(metadata).get(_KIND_KEY)
    named = getattr(tree, kind, None) if isinstance(kind, str) and kind in tree.__all__ else None
    if named is tree.MalformedQuery:
        # Its message already begins with the column.
        return tree.BadRequest(message)
    found = named if named is not None else _ERROR.get(code, AlicornError)
    made: AlicornError = found(message)
    return made


def abort(context: grpc.ServicerContext, error: AlicornError) -> NoReturn:
    """End a synchronous call with the status of ``error``."""
    context.set_trailing_metadata(((_KIND_KEY, type(error).__name__),))
    context.abort(status_of(error), _told(error))
    raise AssertionError  # abort raises


async def abort_async(context: grpc.aio.ServicerContext[Any, Any], error: AlicornError) -> NoReturn:
    """End an asynchronous call with the status of ``error``."""
    context.set_trailing_metadata(((_KIND_KEY, type(error).__name__),))
    await context.abort(status_of(error), _told(error))
    raise AssertionError  # abort raises


def _told(error: AlicornError) -> str:
    """Return the message as it may travel: valid UTF-8, and cut where it only echoes its cause."""
    data = str(error).encode("utf-8", "backslashreplace")
    if len(data) <= _MAX_MESSAGE_BYTES:
        return data.decode()
    return data[:_MAX_MESSAGE_BYTES].decode("utf-8", "ignore") + " ..."


def guarded(context: grpc.ServicerContext, work: Callable[[], Answer]) -> Answer:
    """Run ``work`` for a synchronous servicer; errors become statuses, never tracebacks."""
    try:
        return work()
    except AlicornError as error:
        abort(context, error)
    except Exception:
        _log.exception("a request failed")
        context.abort(grpc.StatusCode.INTERNAL, "internal error; the server's log has more")
        raise


async def guarded_async(
    context: grpc.aio.ServicerContext[Any, Any], work: Coroutine[Any, Any, Answer]
) -> Answer:
    """Await ``work`` for an asynchronous servicer; errors become statuses, never tracebacks."""
    try:
        return await work
    except AlicornError as error:
        await abort_async(context, error)
    except asyncio.CancelledError:
        raise
    except Exception:
        _log.exception("a request failed")
        await context.abort(grpc.StatusCode.INTERNAL, "internal error; the server's log has more")
        raise
