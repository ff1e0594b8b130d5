"""How commands speak: results on stdout, everything else on stderr, exit status 0 only on success.

0  done            2  the request is wrong (arguments, query, settings)
1  it failed       3  a model or file is missing or damaged
                   4  no room, or nobody answered in time: try again
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.text import Text

from alicorn.errors import (
    AlicornError,
    BadRequest,
    ConfigError,
    CorruptData,
    DeadlineSpent,
    MissingModel,
    NotFound,
    OutOfSpace,
    TryElsewhere,
    Unsupported,
)
from alicorn.telemetry.terminal import harmless

__all__ = ["errors_told", "out", "say", "say_json", "talk"]

# JSON may hold these as they are, and terminals obey some of them.
_RAW_IN_JSON: Final = re.compile("[\x7f-\x9f]")


class _Console(Console):
    """A console on which what photos are called is text, wherever it stands."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return ``text`` as it is printed; rich comes here for every string, a table's too."""
        return super().render_str(harmless(text), **options)


out: Final = _Console(highlight=False, soft_wrap=True)
"""Results for people."""

talk: Final = _Console(stderr=True, highlight=False, soft_wrap=True)
"""Progress, notices and errors."""

_STATUS: Final[Mapping[type[AlicornError], int]] = {
    AlicornError: 1,
    BadRequest: 2,
    ConfigError: 2,
    NotFound: 2,
    Unsupported: 2,
    MissingModel: 3,
    CorruptData: 3,
    OutOfSpace: 4,
    TryElsewhere: 4,
    DeadlineSpent: 4,
}


def say(text: str) -> None:
    """Tell the person something beside the results."""
    talk.print(text, markup=False)


def say_json(document: Any) -> None:
    """Print the one JSON document of a command."""
    text = msgspec.json.format(msgspec.json.encode(document)).decode()
    sys.stdout.write(_RAW_IN_JSON.sub(lambda raw: f"\\u{ord(raw[0]):04x}", text) + "\n")
    sys.stdout.flush()


@contextmanager
def errors_told() -> Iterator[None]:
    """Turn errors into a line on stderr and an exit status."""
    try:
        yield
    except AlicornError as error:
        talk.print("[bold red]alicorn:[/] ", end="")
        talk.print(str(error), markup=False)
        raise SystemExit(exit_status(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except UnicodeEncodeError as error:
        # Bytes of the command line that are no text arrive as lone surrogates; nothing takes them.
        talk.print("[bold red]alicorn:[/] ", end="")
        talk.print(f"found {error.object!a}, needed text in UTF-8", markup=False)
        raise SystemExit(2) from None
    except BrokenPipeError:
        # Whoever read our output has gone, as `head` does.
        sys.stderr.close()
        raise SystemExit(0) from None
    except OSError as error:
        talk.print("[bold red]alicorn:[/] ", end="")
        talk.print(f"{error.filename or 'the system'}: {error.strerror}", markup=False)
        raise SystemExit(4) from None


def exit_status(error: AlicornError) -> int:
    """Return the exit status of the nearest listed ancestor of ``error``."""
    return next(_STATUS[cls] for cls in type(error).__mro__ if cls in _STATUS)
