"""Log lines on standard error: for people at a terminal, as JSON for machines.

Standard output belongs to a command's answer. Lines of libraries that use `logging` (the web
server, gRPC) come out in the same form, so that a collector needs one parser:

    {"event": "shard opened", "photos": 4021, "level": "info", "logger": "indexserver.shard",
     "timestamp": "2026-01-31T09:30:00.000000Z"}
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Final, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import ExcInfo, Processor

from alicorn.errors import ConfigError
from alicorn.telemetry.terminal import harmless, harmless_event

__all__ = ["LEVELS", "configure_logging"]

LEVELS: Final = ("debug", "info", "warning", "error")
"""Names of levels, the most talkative first."""

_SHARED: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


def configure_logging(*, level: str = "info", stream: TextIO | None = None) -> None:
    """Send the log lines of this process to ``stream``; a later call replaces an earlier one.

    Parameters
    ----------
    level : str
        One of `LEVELS`; lines below it are dropped.
    stream : TextIO or None
        None means standard error. A terminal gets lines for people, anything else JSON.

    Raises
    ------
    ConfigError
        If ``level`` is unknown.
    """
    if level not in LEVELS:
        raise ConfigError(f"log level must be one of {', '.join(LEVELS)}, got {level!r}")
    target = sys.stderr if stream is None else stream
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(target),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Loggers are made at import; without this a later call would not reach those in use.
        cache_logger_on_first_use=False,
    )


def _renderers(stream: TextIO) -> list[Processor]:
    # Never with local variables, which are there by default: they hold tokens, secrets, what
    # people search for and what their photos are called.
    if stream.isatty():
        console = structlog.dev.ConsoleRenderer(colors=True, exception_formatter=_write_traceback)
        return [harmless_event, console]
    return [
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
    ]


def _write_traceback(stream: TextIO, error: ExcInfo) -> None:
    stream.write("\n" + harmless("".join(traceback.format_exception(*error))))
