"""Progress on a terminal, and in a file that somebody reads later."""

from __future__ import annotations

import pytest

from alicorn.command.library import Progress
from alicorn.command.progress import ProgressBar

STEPS = (
    Progress(found=2, running=True, message="understanding"),
    Progress(found=2, done=1, per_second=3.0, running=True, message="understanding"),
    Progress(found=2, done=2, message="2 photos are ready"),
)


@pytest.mark.parametrize("announce", [True, False])
def test_without_a_terminal_only_the_end_is_told(
    announce: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log of `alicorn up` in a container is no place for bars, nor for empty lines."""
    with ProgressBar(announce=announce) as bar:
        for step in (*STEPS, STEPS[-1]):
            bar.tell(step)
    told = capsys.readouterr()

    assert told.out == ""
    assert told.err == ("2 photos are ready\n" if announce else "")
