"""What was written since the last seal: small segments in memory, kept few.

Each batch of the log becomes a segment of the same form as those on disk. Neighbours of similar
size are merged at once, so n documents make about log2(n) segments and each is rewritten about
log2(n) times, however small the batches are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from alicorn.documents import PhotoDocument
from indexserver.merge import merge
from indexserver.postings.builder import build
from indexserver.postings.segment import Segment
from indexserver.view import SegmentView

__all__ = ["with_batch", "without"]

# A segment is merged with the one before it unless that is more than twice as large.
_RATIO = 2


def with_batch(
    parts: Sequence[SegmentView],
    documents: Iterable[PhotoDocument],
    *,
    first_sequence: int,
    last_sequence: int,
) -> tuple[SegmentView, ...]:
    """Return ``parts``, larger ones first, with ``documents`` added behind and merged in.

    Segments without a live document disappear.
    """
    batch = list(documents)
    found = [part for part in parts if part.live_documents]
    if batch:
        data = build(batch, first_sequence=first_sequence, last_sequence=last_sequence)
        found.append(SegmentView(Segment.read(data, f"live-{last_sequence}")))
    while len(found) > 1 and found[-2].live_documents <= _RATIO * found[-1].live_documents:
        merged = merge(found[-2:])
        found[-2:] = [SegmentView(Segment.read(merged, f"live-{last_sequence}"))]
    return tuple(found)


def without(part: SegmentView, document_ids: Iterable[int]) -> SegmentView:
    """Return ``part`` with those of ``document_ids`` that it holds dead."""
    found = part.segment.locals_of(np.fromiter(document_ids, dtype=np.uint64))
    dead = [local for local in found.tolist() if local >= 0 and part.is_live(local)]
    if not dead:
        return part
    live: npt.NDArray[np.bool_] = (
        np.ones(part.segment.documents, dtype=np.bool_) if part.live is None else part.live.copy()
    )
    live[dead] = False
    return SegmentView(part.segment, live, part.changes)
