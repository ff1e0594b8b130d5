"""`alicorn status`."""

from __future__ import annotations

from pathlib import Path

from rich.filesize import decimal

from alicorn.api.search.v1 import search_pb2
from alicorn.command.asking import asked
from alicorn.command.console import out, say_json
from webtier.json_view import status_json

__all__ = ["run"]


def run(*, library: Path | None, server: str | None, token: str, as_json: bool) -> None:
    """Print what is served."""
    request = search_pb2.GetStatusRequest(viewer=search_pb2.Viewer(token=token))
    with asked(library, server) as backend:
        response = backend.get_status(request)
    if as_json:
        say_json(status_json(response))
        return
    if not response.HasField("understanding"):
        out.print(f"{response.library}: with viewer tokens no numbers are told", markup=False)
        told = len(response.shards)
        out.print(f"{told} of {response.shards_expected} shards answer", markup=False)
        return
    out.print(f"{response.library}: {response.documents} photos searchable", markup=False)
    if response.understanding.message:
        out.print(response.understanding.message, markup=False)
    for shard in response.shards:
        parts = ", ".join(
            f"{part} {decimal(size)}" for part, size in sorted(shard.bytes_by_part.items())
        )
        out.print(
            f"shard {shard.shard}: {shard.documents} photos in {shard.segments} segments "
            f"up to entry {shard.sequence} of the log ({parts})",
            markup=False,
        )
    if missing := response.shards_expected - len(response.shards):
        out.print(f"{missing} of {response.shards_expected} shards do not answer", markup=False)
