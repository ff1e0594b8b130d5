"""Strangers' text on a terminal: names of files, captions and queries stay text.

A terminal obeys control characters: it moves the cursor, changes its title, writes to the clipboard
or answers as if somebody had typed. A file may be called so. Directions of writing (Unicode's
bidirectional overrides) make a name look like another one.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any, Final

__all__ = ["harmless", "harmless_event"]

_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def harmless(text: str) -> str:
    r"""Return ``text`` with every control character written out; tab and line feed stay.

    >>> print(harmless("\x1b]0;title\x07.jpg"))
    \x1b]0;title\x07.jpg
    """
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def harmless_event(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Write out the control characters in a log line's values: a processor of structlog."""
    return {name: _harmless_value(value) for name, value in event.items()}


def _harmless_value(value: Any) -> Any:
    # Others are printed by `repr`, which writes control characters out by itself.
    return harmless(value) if isinstance(value, str) else value
