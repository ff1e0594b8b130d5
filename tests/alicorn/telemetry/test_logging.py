"""Log lines: one form for all, readable by machines or by people."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from alicorn.errors import ConfigError
from alicorn.telemetry import configure_logging


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_line_is_a_json_object_where_no_terminal_is() -> None:
    """A collector reads what a service writes; names may be in any script."""
    stream = io.StringIO()
    configure_logging(stream=stream)
    structlog.get_logger("indexserver.shard").info(
        "shard opened", photos=4021, folder="Fotos – 写真"
    )
    (line,) = lines(stream)

    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "shard opened",
        "photos": 4021,
        "folder": "Fotos – 写真",
        "level": "info",
        "logger": "indexserver.shard",
    }


def test_libraries_lines_come_out_in_the_same_form() -> None:
    """One parser is enough for a whole process."""
    stream = io.StringIO()
    configure_logging(stream=stream)
    logging.getLogger("uvicorn.error").warning("port %d is taken", 8080)
    (line,) = lines(stream)

    assert (line["event"], line["level"]) == ("port 8080 is taken", "warning")


def test_an_exception_stays_on_its_line() -> None:
    """A traceback over many lines would be many broken objects."""
    stream = io.StringIO()
    configure_logging(stream=stream)
    try:
        raise ConfigError("shards must be positive, got 0")
    except ConfigError:
        structlog.get_logger("command").exception("cannot start")
    (line,) = lines(stream)

    assert line["exception"][0]["exc_type"] == "ConfigError"


def test_lines_below_the_level_are_dropped() -> None:
    """Debug lines cost little when nobody reads them."""
    stream = io.StringIO()
    configure_logging(stream=stream, level="warning")
    logger = structlog.get_logger("any")
    logger.info("quiet")
    logger.warning("loud")

    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_a_terminal_gets_lines_for_people() -> None:
    """Who starts it by hand reads it by eye."""
    stream = Terminal()
    configure_logging(stream=stream)
    structlog.get_logger("any").info("shard opened", photos=3)

    assert "shard opened" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_a_second_call_replaces_the_first() -> None:
    """Otherwise every line would come twice, also from loggers that are in use."""
    logger = structlog.get_logger("any")
    first, second = io.StringIO(), io.StringIO()
    configure_logging(stream=first)
    logger.info("one")
    configure_logging(stream=second)
    logger.info("two")

    assert (
        [line["event"] for line in lines(first)],
        [line["event"] for line in lines(second)],
    ) == (["one"], ["two"])


def test_standard_output_stays_free(capsys: pytest.CaptureFixture[str]) -> None:
    """`search --json` prints its answer there, and nothing else may."""
    configure_logging()
    structlog.get_logger("any").info("hello")
    captured = capsys.readouterr()

    assert captured.out == ""
    assert "hello" in captured.err


def test_an_unknown_level_is_a_config_error() -> None:
    """The message says which there are."""
    with pytest.raises(ConfigError, match="debug, info, warning, error, got 'loud'"):
        configure_logging(level="loud")


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_a_traceback_has_no_local_variables(stream: io.StringIO) -> None:
    """They hold tokens, secrets, what people search for and what their photos are called."""

    def failing(token: str) -> None:
        raise ValueError(f"a token of {len(token)} characters")

    configure_logging(stream=stream)
    secret = "v1.3.1999999999." + "x" * 16
    try:
        failing(secret)
    except ValueError:
        structlog.get_logger("test").exception("a request failed")
        logging.getLogger("uvicorn.error").exception("a request failed")
    told = stream.getvalue()

    assert told.count("a token of 32 characters") >= 2
    assert "failing" in told
    assert "1999999999" not in told
