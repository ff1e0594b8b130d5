"""`alicorn search` and `alicorn explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.table import Table

from alicorn.api.search.v1 import search_pb2
from alicorn.command.asking import asked
from alicorn.command.console import out, say, say_json
from webtier.json_view import explain_json, local_time, search_json

__all__ = ["explain", "run"]

_TAGS_SHOWN: Final = 4


def run(
    query: str,
    *,
    library: Path | None,
    server: str | None,
    viewer: int,
    token: str,
    limit: int,
    expression: bool,
    cutoff: bool,
    folding: bool,
    as_json: bool,
) -> None:
    """Search and print the modules, social above public."""
    request = search_pb2.SearchRequest(
        query=query,
        viewer=search_pb2.Viewer(id=viewer, token=token),
        limit=limit,
        is_expression=expression,
        without_cutoff=not cutoff,
        without_folding=not folding,
    )
    with asked(library, server) as backend:
        response = backend.search(request)
    if as_json:
        say_json(search_json(response))
        return
    for module in response.modules:
        _print_module(module)
    for notice in response.notices:
        say(notice)
    if response.related:
        say(f"near in meaning: {', '.join(response.related)}")
    shown = sum(len(module.photos) for module in response.modules)
    coverage = response.coverage
    say(
        f"{shown} photos · {response.timings_ms['total']:.0f} ms · "
        f"{coverage.answered} of {coverage.shards} shards · {response.expression}"
    )


def _print_module(module: search_pb2.Module) -> None:
    table = Table(title=module.title, title_justify="left", box=None, pad_edge=False)
    for heading in ("id", "photo", "tags", "why"):
        table.add_column(heading, overflow="fold")
    for photo in module.photos:
        name = photo.uri + (f"  (+{len(photo.similar)} similar)" if photo.similar else "")
        taken = local_time(photo.taken_at) if photo.HasField("taken_at") else None
        lines = [name, photo.caption, f"{taken:%d %b %Y}" if taken else ""]
        table.add_row(
            str(photo.id),
            "\n".join(line for line in lines if line),
            ", ".join(tag.concept for tag in photo.tags[:_TAGS_SHOWN]),
            "\n".join(photo.why),
        )
    out.print(table, markup=False)


def explain(
    query: str,
    photo: int,
    *,
    library: Path | None,
    server: str | None,
    viewer: int,
    token: str,
    expression: bool,
    as_json: bool,
) -> None:
    """Print the chain from the word to the rank of one photo."""
    request = search_pb2.ExplainRequest(
        search=search_pb2.SearchRequest(
            query=query,
            viewer=search_pb2.Viewer(id=viewer, token=token),
            is_expression=expression,
        ),
        photo_id=photo,
    )
    with asked(library, server) as backend:
        response = backend.explain(request)
    if as_json:
        say_json(explain_json(response))
        return
    for step in response.steps:
        value = f"  {step.value:.4g}" if step.HasField("value") else ""
        out.print(f"{step.stage:>13}  {step.text}{value}", markup=False)
    out.print(
        f"{'rank':>13}  {response.rank} in {response.module}"
        if response.rank
        else f"{'rank':>13}  not shown",
        markup=False,
    )
