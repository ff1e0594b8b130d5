"""Leads through the steps: says, shows, does, and waits for Enter where somebody can press it."""

from __future__ import annotations

import sys
from typing import Any, Final

from rich.table import Table

from alicorn.command.console import out, say, say_json
from alicorn.command.tour.copies import COPIES
from alicorn.command.tour.friendship import FRIENDSHIP
from alicorn.command.tour.search import SEARCH
from alicorn.command.tour.shard import SHARD
from alicorn.command.tour.stage import ANA, Stage, staged
from alicorn.command.tour.step import Outcome, Step
from alicorn.command.tour.why import WHY
from alicorn.errors import AlicornError
from alicorn.telemetry import configure_logging

__all__ = ["STEPS", "run"]

STEPS: Final = (SEARCH, WHY, FRIENDSHIP, SHARD, COPIES)

_WIDEST: Final = 92
"""Columns of running text: longer lines are hard to read."""


def run(*, yes: bool, as_json: bool) -> None:
    """Play every step on a stage of its own.

    Parameters
    ----------
    yes : bool
        Go on without asking; so it is without a terminal, too.
    as_json : bool
        Print one document at the end, and nothing else on stdout.

    Raises
    ------
    AlicornError
        If a step's claim does not hold; the message names both.
    """
    # The warning of the shard that step 4 stops; the step tells of it in its own words.
    configure_logging(level="error")
    waits = not yes and not as_json and sys.stdin.isatty() and sys.stdout.isatty()
    with staged() as stage:
        if not as_json:
            _paragraph(
                "Five steps on a sample shelf of its own. Nothing of yours is looked at, and "
                "nothing stays changed."
            )
        told = []
        for number, step in enumerate(STEPS, start=1):
            if not as_json:
                _before(number, step, stage)
            try:
                outcome = step.play(stage)
            except AlicornError as error:
                raise AlicornError(f"step {number}, {step.title.lower()}: {error}") from error
            if as_json:
                told.append(_document(number, step, stage, outcome))
                continue
            _after(step, outcome)
            if waits and number < len(STEPS):
                _wait()
        if as_json:
            say_json({"shelf": str(stage.kept.path), "viewer": ANA, "steps": told})
            return
        out.print("\nThat was the tour; every step held what it said.", markup=False)
        say(f"the commands above work with --library {stage.kept.path} at their end")


def _before(number: int, step: Step, stage: Stage) -> None:
    out.print(f"\n[bold]{number} of {len(STEPS)}  {step.title}[/]")
    _paragraph(step.says)
    for line in step.typed(stage):
        out.print(f"    {line}", style="cyan", markup=False)


def _after(step: Step, outcome: Outcome) -> None:
    table = Table(box=None, pad_edge=False, show_edge=False)
    for heading in outcome.columns:
        table.add_column(heading, overflow="fold")
    for row in outcome.rows:
        table.add_row(*row)
    out.print()
    out.print(table, markup=False)
    for line in outcome.lines:
        out.print(line, markup=False)
    out.print()
    _paragraph(step.notice, style="italic")


def _paragraph(text: str, style: str = "") -> None:
    """Print running text, broken between words."""
    out.print(text, style=style, markup=False, soft_wrap=False, width=min(out.width, _WIDEST))


def _wait() -> None:
    """Wait for Enter; the end of the input is as good."""
    say("Enter goes on, Ctrl-C ends the tour")
    sys.stdin.readline()


def _document(number: int, step: Step, stage: Stage, outcome: Outcome) -> dict[str, Any]:
    return {
        "step": number,
        "title": step.title,
        "says": step.says,
        "typed": step.typed(stage),
        "notice": step.notice,
        "found": outcome.found,
        "columns": list(outcome.columns),
        "rows": [list(row) for row in outcome.rows],
    }
