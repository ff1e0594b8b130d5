"""What a photo is called does nothing to the terminal of whoever reads its name."""

from __future__ import annotations

import io
import sys
import unicodedata

import structlog

from alicorn.telemetry.logging import configure_logging
from alicorn.telemetry.terminal import harmless

HOSTILE = "\x1b]0;title\x07\x1b[2J\x9b31m\r\x7f\u202egpj.exe"


class Terminal(io.StringIO):
    """A stream that people read."""

    def isatty(self) -> bool:
        return True


def test_no_control_character_is_left() -> None:
    """Every character of category Cc but tab and line feed is written out; letters stay."""
    everything = "".join(chr(c) for c in range(sys.maxunicode + 1))

    left = harmless(everything)

    assert {c for c in left if unicodedata.category(c) == "Cc"} == {"\t", "\n"}
    assert not {c for c in left if unicodedata.bidirectional(c) in {"RLO", "LRO", "RLI", "LRI"}}
    assert harmless("Straße 日本 😀 👩\u200d🚀 [bold]") == "Straße 日本 😀 👩\u200d🚀 [bold]"


def test_a_log_line_on_a_terminal_shows_a_hostile_name_as_text() -> None:
    """`photo not understood` names the file; colours of our own stay colours."""
    terminal = Terminal()
    configure_logging(level="info", stream=terminal)
    try:
        structlog.get_logger("test").warning(f"said {HOSTILE}", uri=HOSTILE, hosts=[HOSTILE])
    finally:
        configure_logging(level="warning")
    line = terminal.getvalue()

    assert "\\x1b]0;title\\x07" in line
    for hostile in ("\x1b]", "\x1b[2J", "\x9b", "\x07", "\r", "\u202e"):
        assert hostile not in line


def test_a_traceback_on_a_terminal_shows_a_hostile_name_as_text() -> None:
    """Errors name files."""
    terminal = Terminal()
    configure_logging(level="info", stream=terminal)
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        structlog.get_logger("test").exception("a request failed")
    finally:
        configure_logging(level="warning")
    told = terminal.getvalue()

    assert "ValueError: \\x1b]0;title\\x07" in told
    assert not any(hostile in told for hostile in ("\x1b]", "\x1b[2J", "\x9b", "\x07", "\r"))
