"""The progress of understanding, for somebody at a terminal."""

from __future__ import annotations

from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from alicorn.command.console import say, talk
from alicorn.command.library import Progress

__all__ = ["ProgressBar"]


class ProgressBar:
    """Understanding on the terminal: a bar while there is work, a line when it is done.

    Parameters
    ----------
    announce : bool
        Say the line at the end; a command that prints a report of its own leaves it out.
    doing : str
        What stands before the bar.
    """

    def __init__(self, *, announce: bool = True, doing: str = "understanding photos") -> None:
        self._announce = announce
        self._doing = doing
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=talk,
            transient=True,
        )
        self._task: TaskID | None = None
        """While the bar is shown."""
        self._told = ""

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def tell(self, progress: Progress) -> None:
        """Show a step."""
        if progress.running:
            if not talk.is_terminal:
                return
            if self._task is None:
                self._task = self._bar.add_task(self._doing, total=None, rate="")
                self._bar.start()
            self._bar.update(
                self._task,
                total=progress.found,
                completed=progress.done + progress.failed,
                rate=f"{progress.per_second:.1f}/s" if progress.per_second else "",
            )
            return
        self._end()
        if self._announce and progress.message and progress.message != self._told:
            self._told = progress.message
            say(progress.message)

    def _end(self) -> None:
        # Rich ends a bar with an empty line where there is no terminal, also one that never began.
        if self._task is not None:
            self._bar.stop()
            self._task = None
