"""`alicorn index`: understand a folder, then stop."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import msgspec

from alicorn.command.console import out, say, say_json
from alicorn.command.indexing import bring_up_to_date, progress_of
from alicorn.command.library import Library, Progress
from alicorn.command.models import with_model
from alicorn.command.opening import chosen, lay_out_sample, remember, running_here
from alicorn.command.progress import ProgressBar
from alicorn.errors import ConfigError
from alicorn.log import SqliteLog
from understanding.photos.indexing import IndexingReport
from understanding.photos.sidecar import Shelf

__all__ = ["fill", "run"]


def run(
    *,
    photos: Path | None,
    library: Path | None,
    sample: bool,
    workers: int,
    as_json: bool,
    model: Path | None = None,
) -> None:
    """Understand what is new, make it searchable, print what was done."""
    opened = with_model(chosen(photos=photos, library=library, sample=sample), model)
    if opened.settings.world is not None:
        raise ConfigError(
            f"the library at {opened.path} is a synthetic world: it has no folder to index"
        )
    if sample:
        lay_out_sample(opened, say)
    # A server that runs stays known: this is no end of it, whatever library it has.
    remember(opened, running_here())
    report = fill(opened, workers=workers)
    done = report.progress
    if not done.total:
        say(
            f"found no photos in {opened.photos}, so there is nothing to search yet; "
            "put some there, or name another folder with --photos"
        )
    if report.unnameable:
        say(f"{report.unnameable} photos are left out, for their names are not UTF-8: rename them")
    for folder in report.unreadable_folders:
        say(
            f"the folder {folder} cannot be listed, so its photos stay as they were: let it be read"
        )
    if as_json:
        say_json(
            {
                "library": str(opened.path),
                "found": done.total,
                "understood": done.done,
                "known": done.known,
                "failed": [{"uri": f.uri, "reason": f.reason} for f in report.failures],
                "removed": [gone.uri for gone in report.gone],
                "left_out": report.unnameable,
                "unreadable_folders": list(report.unreadable_folders),
                "per_second": round(done.per_second, 2),
            }
        )
        return
    for failure in report.failures:
        say(f"not understood: {failure.uri}: {failure.reason}")
    out.print(
        f"{done.total} photos: {done.done} understood, {done.known} known, {done.failed} failed, "
        f"{len(report.gone)} removed\nlibrary: {opened.path}\n"
        f"search it: alicorn search WORD --library {opened.path}",
        markup=False,
    )


def fill(library: Library, *, workers: int, shelf: Shelf | None = None) -> IndexingReport:
    """Bring ``library`` up to date with its folder, and its shards with its log.

    Parameters
    ----------
    workers : int
        Worker processes; 0 is one a core.
    shelf : Shelf, optional
        Instead of the folder's own `shelf.toml`.
    """
    from alicorn.command.tiers import LocalTiers  # noqa: PLC0415

    log = SqliteLog(library.log_path)
    try:
        with ProgressBar(announce=False) as bar:

            def tell(progress: Progress) -> None:
                library.write_progress(progress)
                bar.tell(progress)

            report = bring_up_to_date(
                library,
                log,
                workers=workers or os.cpu_count() or 1,
                tell=tell,
                stop=threading.Event(),
                shelf=shelf,
            )
    except BaseException:
        # Also Ctrl-C: nobody is at work any more, and pages must not wait for it.
        stopped = msgspec.structs.replace(library.read_progress(), running=False, per_second=0.0)
        library.write_progress(stopped)
        raise
    finally:
        log.close()
    library.write_progress(progress_of(report.progress, running=False))
    try:
        with LocalTiers(library, writable=True) as tiers:
            tiers.catch_up()
    except ConfigError as error:
        # A server has the shards open; it follows the log by itself.
        say(f"left to the running server: {error}")
    return report
