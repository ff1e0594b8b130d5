"""`alicorn explain --plan`: what a query's plan does on the shards of a library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.table import Table

from aggregator.top.rewrite import Circle, is_browsing, modules_of
from alicorn.api.search.v1 import search_pb2
from alicorn.command.asking import opened
from alicorn.command.console import out, say, say_json
from alicorn.command.tiers import LocalTiers
from alicorn.config.serving import ServingConfig
from alicorn.documents.hitdata import WEIGHT_ONE
from alicorn.documents.schema import edges_of
from alicorn.errors import Unsupported
from alicorn.query import Expr, check_edges, parse
from indexserver.execution.explain import Explained, ExplainedNode, explain
from indexserver.execution.retrieve import Order

__all__ = ["run"]

_NOBODY: Final = Circle(0, np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.uint64))
_CODE: Final = re.compile("([0-9a-f]{8})[0-9a-f]{56}")


def run(
    query: str, *, library: Path | None, server: str | None, expression: bool, as_json: bool
) -> None:
    """Plan ``query``, run it and its parts, and print what each took.

    Raises
    ------
    Unsupported
        If a server is named: segments are looked at where they lie.
    """
    if server is not None:
        raise Unsupported(
            f"found --server {server}, needed --library or neither: "
            "a plan is explained on the files of a library, which a server may have open"
        )
    with opened(library) as tiers:
        expr = _expression(query, tiers, expression=expression)
        found = explain(
            [shard.view for shard in tiers.shards],
            expr,
            order=Order.STATIC if is_browsing(expr) else Order.CONCEPT,
            limit=ServingConfig().retrieve_limit,
        )
        shards = len(tiers.shards)
    if as_json:
        say_json(_document(found, shards))
    else:
        _print(found, shards)


def _expression(query: str, tiers: LocalTiers, *, expression: bool) -> Expr:
    """Return ``query`` if it is an expression, else what the public module asks for its words."""
    if expression or query.lstrip().startswith("("):
        expr = parse(query)
        check_edges(expr, edges_of("photos"))
        return expr
    response = tiers.search.search(search_pb2.SearchRequest(query=query, limit=1))
    for notice in response.notices:
        say(notice)
    return modules_of(parse(response.expression), _NOBODY)[0].expression


def _print(found: Explained, shards: int) -> None:
    out.print(found.expression, markup=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("node", overflow="fold")
    for heading in ("estimated", "found", "windows", "time"):
        table.add_column(heading, justify="right")
    for depth, node in _rows(found.roots):
        table.add_row(
            "  " * depth + _label(node),
            f"{node.estimated:,}",
            f"{node.found:,}",
            f"{node.windows:,}",
            _time(node.time_us),
        )
    if found.roots:
        out.print(table, markup=False)
    if found.soft:
        say(
            "weak-and and strong-or choose among what the tree finds, photo by photo; "
            "'beside' it is what only they look at"
        )
    how = "first in static order" if found.order is Order.STATIC else "best by concept score"
    least = "" if found.exact else "at least "
    say(
        f"{least}{found.matched:,} found, the {found.limit:,} {how} of each shard, "
        f"in {_time(found.time_us)} · {found.documents:,} photos in {found.windows:,} windows of "
        f"{found.segments:,} segments of {shards:,} shards"
    )


def _rows(nodes: tuple[ExplainedNode, ...], depth: int = 0) -> Iterator[tuple[int, ExplainedNode]]:
    for node in nodes:
        yield depth, node
        yield from _rows(node.operands, depth + 1)


def _label(node: ExplainedNode) -> str:
    text = _CODE.sub("\\1…", node.label)
    if node.weight not in {None, WEIGHT_ONE}:
        text += f" :weight {node.weight / WEIGHT_ONE:g}"
    return f"{node.role} {text}".lstrip()


def _time(microseconds: float) -> str:
    if microseconds < 1_000:
        return f"{microseconds:.1f} us"
    return f"{microseconds / 1_000:.2f} ms"


def _document(found: Explained, shards: int) -> dict[str, Any]:
    return {
        "expression": found.expression,
        "order": found.order.value,
        "limit": found.limit,
        "shards": shards,
        "segments": found.segments,
        "documents": found.documents,
        "windows": found.windows,
        "soft": found.soft,
        "matched": found.matched,
        "exact": found.exact,
        "time_us": round(found.time_us, 1),
        "plan": [_node(node) for node in found.roots],
    }


def _node(node: ExplainedNode) -> dict[str, Any]:
    return {
        "node": node.label,
        "role": node.role,
        "weight": None if node.weight is None else node.weight / WEIGHT_ONE,
        "estimated": node.estimated,
        "found": node.found,
        "windows": node.windows,
        "time_us": round(node.time_us, 1),
        "operands": [_node(inner) for inner in node.operands],
    }
