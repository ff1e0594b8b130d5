"""What a policy asks for and what it gets: the line between deciding and doing.

A policy is a generator. It yields an effect, the driver carries it out and sends the outcome back:

    answers = yield Calls((Call("index/0", "Search", request, 0.5), ...))   # a list, same order
    sight = yield Work(lambda: graph.sight(viewer, ids))                     # its result

A call that fails comes back as `Lost` with the reason: what is lost is decided by policy, not by an
exception in the driver. `Work` is for what blocks (a database read, a file), so that an event loop
can do it elsewhere; what it raises is raised in the policy.

Learnt from dask distributed's worker state machine: events in, instructions out, tested without a
cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from google.protobuf.message import Message

from alicorn.errors import AlicornError

__all__ = ["Answer", "Call", "Calls", "Effect", "Lost", "Policy", "Work"]

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Call:
    """One request to another tier."""

    target: str
    """Name of who is asked: "rack", or "index/0", as the driver's table has it."""
    method: str
    """Name of the RPC: "Search", "Fetch" or "Status"."""
    request: Message
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Calls:
    """Requests that may be made at the same time; answered in the same order."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """Something that blocks."""

    function: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Lost:
    """A call that got no answer."""

    target: str
    error: AlicornError


Answer: TypeAlias = Message | Lost
Effect: TypeAlias = Calls | Work
Policy: TypeAlias = Generator[Effect, Any, Result]
