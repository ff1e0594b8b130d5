"""What a person reads when a request fails, and with which status: one table of all errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from alicorn import errors

__all__ = ["FAILURES", "NOT_TAKEN_IN", "UNEXPECTED", "Failure", "failure_of"]


@dataclass(frozen=True, slots=True)
class Failure:
    """How one kind of error is told."""

    status: int
    """HTTP status."""
    kind: str
    """Short name, for programs."""
    heading: str
    """What happened, for people."""
    advice: tuple[str, ...]
    """What to do next, a sentence each."""
    tells: bool = True
    """Whether the error's own message is shown."""
    retry_after_s: int = 0
    """Seconds after which trying again makes sense; 0 when it does not."""
    renews: bool = False
    """Whether the page tries again by itself after `retry_after_s`."""


UNEXPECTED: Final = Failure(
    500,
    "internal",
    "Something went wrong here",
    ("Try again; your photos are safe.", "If it stays, the server's log says more."),
    tells=False,
)
"""Errors that nobody raised on purpose: nothing of them is shown."""

FAILURES: Final[Mapping[type[errors.AlicornError], Failure]] = {
    errors.AlicornError: UNEXPECTED,
    errors.BadRequest: Failure(
        400,
        "bad-request",
        "This search cannot be answered",
        ("Use a few plain words, such as “dog beach”.", "Keep it under 1,000 characters."),
    ),
    errors.MalformedQuery: Failure(
        400,
        "malformed-query",
        "This expression does not parse",
        ("Look at the column named above.", "Or search with plain words instead."),
    ),
    errors.ConfigError: Failure(
        500,
        "settings",
        "A setting of this server is in the way",
        ("Change what is named above, and try again.",),
    ),
    errors.UnknownEdge: Failure(
        400,
        "unknown-edge",
        "This filter is not known",
        ("Known filters are tag, text, author, place, year, month, camera and album.",),
    ),
    errors.UnknownViewer: Failure(
        404,
        "unknown-viewer",
        "Nobody here goes by that number",
        ("Choose one of the people in the corner of the page.",),
    ),
    errors.Unsupported: Failure(
        501,
        "unsupported",
        "This server cannot do that yet",
        ("Leave out the operator named above.",),
    ),
    errors.Unauthenticated: Failure(
        401,
        "unauthenticated",
        "Please sign in",
        (
            "Open this page from your gallery again, so that it knows who you are.",
            "If you started it with --key, open the address that it printed.",
        ),
    ),
    errors.Forbidden: Failure(
        403, "forbidden", "That is not open to you", ("Go back to your own search.",)
    ),
    errors.NotFound: Failure(
        404,
        "not-found",
        "There is nothing here",
        ("The photo may have been moved or removed, or may not be shared with you.",),
    ),
    errors.TryElsewhere: Failure(
        503,
        "unavailable",
        "The search server does not answer",
        ("It may be starting: try again in a moment.", "“alicorn status” says which part is away."),
        retry_after_s=2,
    ),
    errors.ShardLoading: Failure(
        503,
        "loading",
        "Almost ready",
        ("The search is being prepared; this page looks again by itself.",),
        tells=False,
        retry_after_s=2,
        renews=True,
    ),
    errors.DeadlineSpent: Failure(
        504,
        "deadline",
        "That took too long",
        ("Try again, or search for fewer words.",),
        retry_after_s=2,
    ),
    errors.OutOfSpace: Failure(
        507,
        "out-of-space",
        "The server is out of room",
        ("Free some room on its disk; nothing that was stored is lost.",),
    ),
    errors.CorruptData: Failure(
        500,
        "corrupt",
        "A part of the index is damaged",
        (
            "The server's log names the file and says how it is rebuilt.",
            "Your photos themselves are untouched.",
        ),
        tells=False,
    ),
}

NOT_TAKEN_IN: Final = Failure(
    400,
    "bad-request",
    "This was not taken in",
    ("Photos are JPEG, PNG, WebP, GIF, HEIC and other pictures; send them once more.",),
)
"""A refused request, where it was to bring photos and asked nothing."""


def failure_of(error: Exception) -> Failure:
    """How ``error`` is told: by the nearest listed ancestor of its class."""
    for cls in type(error).__mro__:
        if issubclass(cls, errors.AlicornError) and cls in FAILURES:
            return FAILURES[cls]
    return UNEXPECTED
