"""The answers as JSON: one shape for the API, the page's own scripts and `alicorn search --json`.

{"query", "understood": [{"text", "concepts", "start", "end", "kind", "language"}], "expression",
 "modules": [{"name", "title", "photos": [{"id", "uri", "score", "tags": [{"concept",
   "confidence", "family"}], "similar": [{"id", "uri", "reason"}], "why", "author", "author_name",
   "caption", "taken_at", "place", "width", "height"}]}],
 "coverage": {"shards", "answered", "share", "cuts"}, "timings_ms": {step: milliseconds},
 "notices", "related"}
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from alicorn.api.search.v1 import search_pb2 as pb

__all__ = ["explain_json", "local_time", "photo_json", "search_json", "status_json"]

_EPOCH: Final = datetime(1970, 1, 1)


def local_time(seconds: int) -> datetime | None:
    """Naive local time ``seconds`` after 1970-01-01; None where the calendar ends."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def search_json(response: pb.SearchResponse) -> dict[str, Any]:
    """Return an answer in the shape of the module's docstring, photos and modules in page order."""
    return {
        "query": response.query,
        "understood": [
            {
                "text": phrase.text,
                "concepts": list(phrase.concepts),
                "start": phrase.start,
                "end": phrase.end,
                "kind": phrase.kind,
                "language": phrase.language,
            }
            for phrase in response.understood
        ],
        "expression": response.expression,
        "modules": [
            {
                "name": module.name,
                "title": module.title,
                "photos": [photo_json(photo) for photo in module.photos],
            }
            for module in response.modules
        ],
        "coverage": {
            "shards": response.coverage.shards,
            "answered": response.coverage.answered,
            "share": response.coverage.share,
            "cuts": list(response.coverage.cuts),
        },
        "timings_ms": {
            step: round(milliseconds, 3)
            for step, milliseconds in sorted(response.timings_ms.items())
        },
        "notices": list(response.notices),
        "related": list(response.related),
    }


def photo_json(photo: pb.Photo) -> dict[str, Any]:
    """Return one photo; `taken_at` is naive ISO 8601 or null, `features` there only when asked."""
    taken = local_time(photo.taken_at) if photo.HasField("taken_at") else None
    found: dict[str, Any] = {
        "id": photo.id,
        "uri": photo.uri,
        "score": photo.score,
        "tags": [
            # Four decimals: float32 would print digits that nobody measured.
            {
                "concept": tag.concept,
                "confidence": round(tag.confidence, 4),
                "family": tag.family,
            }
            for tag in photo.tags
        ],
        "similar": [
            {"id": copy.id, "uri": copy.uri, "reason": copy.reason} for copy in photo.similar
        ],
        "why": list(photo.why),
        "author": photo.author,
        "author_name": photo.author_name,
        "caption": photo.caption,
        "taken_at": None if taken is None else taken.isoformat(),
        "place": photo.place,
        "width": photo.width,
        "height": photo.height,
    }
    if photo.features:
        found["features"] = list(photo.features)
    return found


def explain_json(response: pb.ExplainResponse) -> dict[str, Any]:
    """Return the chain from word to rank, in order; `value` is null where there is no number."""
    return {
        "module": response.module,
        "rank": response.rank,
        "steps": [
            {
                "stage": step.stage,
                "text": step.text,
                "value": step.value if step.HasField("value") else None,
            }
            for step in response.steps
        ],
    }


def status_json(response: pb.GetStatusResponse) -> dict[str, Any]:
    """Return what is served and how far understanding has come, shards by number."""
    understanding = response.understanding
    return {
        "library": response.library,
        "version": response.version,
        "sample": response.sample,
        "documents": response.documents,
        "understanding": {
            "found": understanding.found,
            "done": understanding.done,
            "failed": understanding.failed,
            "per_second": round(understanding.per_second, 2),
            "running": understanding.running,
            "message": understanding.message,
        },
        "shards_expected": response.shards_expected,
        "shards": [
            {
                "shard": shard.shard,
                "documents": shard.documents,
                "segments": shard.segments,
                "sequence": shard.sequence,
                "bytes_by_part": dict(sorted(shard.bytes_by_part.items())),
            }
            for shard in sorted(response.shards, key=lambda shard: shard.shard)
        ],
    }
