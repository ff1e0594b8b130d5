"""Protobuf to and from the shard's own requests and answers.

Defaults and limits of `alicorn.api.index.v1` are checked here, so that what a shard gets is whole.
Hits travel as packed little-endian arrays (`alicorn.rpc.packed`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from alicorn.api.index.v1 import index_pb2
from alicorn.documents.schema import edges_of
from alicorn.errors import BadRequest
from alicorn.query import MAX_IDS, check_edges
from alicorn.rpc.packed import pack, unpack
from indexserver.execution.answers import Order
from indexserver.execution.deadline import Deadline
from indexserver.execution.plans import parsed
from indexserver.scoring.context import RankingContext
from indexserver.scoring.scorers import CONCEPT_SCORER
from indexserver.search import HitColumns, Hits, ShardSearch
from indexserver.shard import ShardStatus
from ranker.features import FIRST_STAGE

__all__ = ["MAX_BATCH", "MAX_FETCH", "parse_fetch", "parse_search", "render_hits", "render_status"]

MAX_BATCH: Final = 256
MAX_FETCH: Final = 10_000

_RETRIEVE_LIMIT: Final = 1_000
_LIMIT: Final = 100
_VERTICAL: Final = "photos"

_ORDERS: Final = {
    index_pb2.ORDER_UNSPECIFIED: Order.CONCEPT,
    index_pb2.ORDER_STATIC: Order.STATIC,
    index_pb2.ORDER_CONCEPT: Order.CONCEPT,
}


def parse_search(
    request: index_pb2.SearchRequest,
    deadline_s: float | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> ShardSearch:
    """Return the search that ``request`` asks for, with its defaults filled in.

    Parameters
    ----------
    deadline_s : float, optional
        Seconds from now until the answer must be there; None is no limit.

    Raises
    ------
    MalformedQuery
        If the expression does not parse; knows the column.
    UnknownEdge
        If it names an edge type that photos do not have.
    BadRequest
        If a field is out of its range.
    """
    deadline = Deadline.after(deadline_s, clock)
    if request.order not in _ORDERS:
        raise BadRequest(f"order must be static or concept, got {request.order}")
    expression = parsed(request.expression)
    check_edges(expression, edges_of(_VERTICAL))
    return ShardSearch(
        expression=expression,
        id_arrays=_id_arrays(request.id_arrays),
        order=_ORDERS[request.order],
        retrieve_limit=request.retrieve_limit or _RETRIEVE_LIMIT,
        scorers=tuple(request.scorers) or (CONCEPT_SCORER,),
        limit=request.limit or _LIMIT,
        with_features=request.with_features,
        with_columns=request.with_columns,
        ranking=_ranking(request.ranking),
        deadline=deadline,
    )


def parse_fetch(request: index_pb2.FetchRequest) -> list[int]:
    """Return the ids that ``request`` asks for, in its order.

    Raises
    ------
    BadRequest
        If there are more than `MAX_FETCH`.
    """
    ids = unpack(request.ids, np.uint64, name="ids")
    if ids.size > MAX_FETCH:
        raise BadRequest(f"at most {MAX_FETCH} ids can be fetched at once, got {ids.size}")
    return [int(document_id) for document_id in ids]


def render_hits(hits: Hits) -> index_pb2.Hits:
    """Return the message for ``hits``."""
    return index_pb2.Hits(
        count=hits.count,
        ids=pack(hits.ids),
        sort_keys=pack(hits.sort_keys),
        scores=pack(hits.scores),
        score_unit=hits.score_unit,
        concept_scores=pack(hits.concept_scores),
        features=b"" if hits.features is None else pack(hits.features),
        feature_names=() if hits.features is None else FIRST_STAGE.names,
        columns=None if hits.columns is None else _render_columns(hits.columns),
    )


def render_status(status: ShardStatus) -> index_pb2.ShardStatus:
    """Return the message for ``status``."""
    return index_pb2.ShardStatus(
        shard=status.shard,
        shards=status.shards,
        documents=status.documents,
        segments=status.segments,
        sequence=status.sequence,
        bytes_by_part=status.bytes_by_part,
    )


def _render_columns(columns: HitColumns) -> index_pb2.Columns:
    return index_pb2.Columns(
        authors=pack(columns.authors),
        audiences=pack(columns.audiences),
        taken_at=pack(columns.taken_at),
        fingerprints=pack(columns.fingerprints),
        fingerprint_qualities=pack(columns.fingerprint_qualities),
        visual=pack(columns.visual),
    )


def _id_arrays(packed: Sequence[bytes]) -> tuple[npt.NDArray[np.uint64], ...]:
    arrays = tuple(unpack(data, np.uint64, name=f"id_arrays[{i}]") for i, data in enumerate(packed))
    together = sum(array.size for array in arrays)
    if together > MAX_IDS:
        raise BadRequest(f"at most {MAX_IDS} ids fit in a request, got {together}")
    return arrays


def _ranking(message: index_pb2.RankingContext) -> RankingContext:
    return RankingContext(
        now=message.now or None,
        visual=message.visual,
        joint=message.joint,
        viewer=message.viewer,
        friends=unpack(message.friends, np.uint64, name="ranking.friends"),
    )
