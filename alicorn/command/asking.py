"""Whom a command asks: a server over gRPC, or a library opened in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from alicorn.client import SearchClient
from alicorn.command.console import say
from alicorn.command.library import open_library
from alicorn.command.opening import last_library, running_here, sample_here
from alicorn.config.serving import ServingConfig
from alicorn.errors import ConfigError
from webtier.backend import SearchBackend

if TYPE_CHECKING:
    from alicorn.command.tiers import LocalTiers

__all__ = ["asked", "opened"]


@contextmanager
def asked(library: Path | None, server: str | None) -> Iterator[SearchBackend]:
    """Yield who answers: ``server``, else ``library``, else what runs or was used last here.

    Raises
    ------
    ConfigError
        If both are named, or the library is not there.
    """
    if library is not None and server is not None:
        raise ConfigError("found --library and --server, needed one of them")
    if server is None and library is None and (running := running_here()) is not None:
        server = running.grpc
    if server is not None:
        with SearchClient(server) as client:
            yield client
        return
    with opened(library) as tiers:
        yield tiers.search


@contextmanager
def opened(library: Path | None) -> Iterator[LocalTiers]:
    """Yield the tiers of ``library``, else of the one used last, else of the sample shelf.

    Read-only: a server may have it open.

    Raises
    ------
    ConfigError
        If the library is not there.
    """
    found = open_library(library) if library is not None else last_library() or sample_here(say)
    from alicorn.command.index import fill  # noqa: PLC0415
    from alicorn.command.tiers import LocalTiers  # noqa: PLC0415

    if found.settings.sample and not found.log_path.exists():
        say("understanding the sample shelf, once")
        fill(found, workers=0)
    # One question: kernels are loaded while it is answered, so it may take longer than served ones.
    patient = ServingConfig(shard_timeout_s=60.0, search_timeout_s=60.0)
    with LocalTiers(found, serving=patient, writable=False) as tiers:
        tiers.catch_up()
        yield tiers
