"""`alicorn bench engine|shortlists|memory|flash|hamming|forest`: the index engine, part by part."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from alicorn.command.benchmark_report import tell_report
from alicorn.command.console import say
from alicorn.config.places import cache_home
from alicorn.errors import NotFound
from loadtest.report import Report
from loadtest.workbench import Scale, Workbench

__all__ = ["development_data", "measure"]

_DATA_FROM_REPOSITORY: Final = Path("..") / "shared" / "data"


def measure(
    run: Callable[[Workbench], Report],
    *,
    scale: Scale,
    only: Sequence[str] = (),
    cache: Path | None = None,
    data: Path | None = None,
    as_json: bool = False,
) -> None:
    """Run one benchmark of the engine and print its report.

    Parameters
    ----------
    run : callable
        As `loadtest.engine.run`.
    only : sequence of str
        Parts of row ids; empty for all rows.
    cache : Path, optional
        Keeps corpora and peers' indexes; the user's cache folder unless said.
    data : Path, optional
        The development data, for corpus C; `development_data` unless said.

    Raises
    ------
    NotFound
        If ``data`` has no captions.
    """
    folder = cache_home() / "bench" if cache is None else cache
    if data is not None and not (data / "captions").is_dir():
        raise NotFound(f"no captions in {data}: --data names the development data")
    with Workbench(
        scale=scale,
        folder=folder,
        data=development_data() if data is None else data,
        only=tuple(only),
        tell=say,
    ) as bench:
        report = run(bench)
    tell_report(report, as_json=as_json)


def development_data() -> Path | None:
    """Return the folder of the development data: ALICORN_DATA, or beside the checkout."""
    beside = Path(__file__).resolve().parents[2] / _DATA_FROM_REPOSITORY
    found = Path(os.environ.get("ALICORN_DATA", beside))
    return found if (found / "captions").is_dir() else None
