"""What the worker and its parent say to each other, over two pipes.

Each message is a frame: its length (u32, little-endian), then MessagePack. The parent sends
`Request`s, one at a time; the worker says `Ready` or `Refused` once when it starts, and answers a
request by a `Began` for every step and one `Answer` at the end:

    parent   Request(8 photos)
    worker                      Began(0) Began(1) ... Began(7) Began(8) Answer(8 outcomes)

`Began(n)` for n photos means that the classifier runs. Between two messages no more than the time
for one photo may pass, and the last `Began` says which photo a dead worker died of.
"""

from __future__ import annotations

import struct
from typing import Final, TypeAlias

import msgspec

from alicorn.documents.codec import decode, encode
from alicorn.errors import CorruptData
from understanding.photos.limits import Limits
from understanding.photos.outcome import Failed, FailureKind, Item, Outcome, Understood

__all__ = [
    "HEADER",
    "MAX_FRAME_BYTES",
    "Answer",
    "Began",
    "FromWorker",
    "ModelChoice",
    "Ready",
    "Refused",
    "Request",
    "WorkerSetup",
    "answer_of",
    "frame",
    "outcomes_of",
    "parse_from_worker",
    "parse_request",
]

HEADER: Final = struct.Struct("<I")
MAX_FRAME_BYTES: Final = 1 << 28
"""A longer frame is a worker that writes something else."""


class ModelChoice(msgspec.Struct, frozen=True):
    """A classifier of one's own, which must not become another between two photos."""

    path: str
    """Of its `model.toml`."""
    identity: str
    """`model_file.ModelFile.identity` of what was chosen."""


class WorkerSetup(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker needs to know before its first photo; travels as JSON on its command line."""

    engine: str
    """``module:callable`` that makes the engine."""
    threads: int
    cache_dir: str | None
    limits: Limits
    memory_bytes: int
    niceness: int
    watchdog_s: float
    """A step that takes longer ends the worker, even where its parent is gone."""
    model: ModelChoice | None = None
    """Instead of the shipped models."""


class Request(msgspec.Struct, frozen=True):
    """Understand these photos."""

    items: list[Item]


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The engine is loaded."""


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The engine cannot be loaded."""

    error: str
    """Name of a class of `alicorn.errors`."""
    message: str


class Began(msgspec.Struct, frozen=True, tag="began"):
    """The worker turns to the photo at this position; their number means the classifier."""

    at: int


class UnderstoodPhoto(msgspec.Struct, frozen=True, tag="understood"):
    """An `Understood`; the document as `alicorn.documents.codec` writes it."""

    document: bytes
    thumbnail: bytes | None


class FailedPhoto(msgspec.Struct, frozen=True, tag="failed"):
    """A `Failed`."""

    uri: str
    kind: FailureKind
    reason: str


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """One outcome for each photo of the request, in its order."""

    outcomes: list[UnderstoodPhoto | FailedPhoto]


FromWorker: TypeAlias = Ready | Refused | Began | Answer

_encoder: Final = msgspec.msgpack.Encoder()
_requests: Final = msgspec.msgpack.Decoder(Request)
_from_worker: Final[msgspec.msgpack.Decoder[FromWorker]] = msgspec.msgpack.Decoder(FromWorker)


def frame(message: Request | FromWorker) -> bytes:
    """Return ``message`` as a frame."""
    body = _encoder.encode(message)
    return HEADER.pack(len(body)) + body


def parse_request(body: bytes) -> Request:
    """Return the request in the body of a frame."""
    return _requests.decode(body)


def parse_from_worker(body: bytes) -> FromWorker:
    """Return the worker's message in the body of a frame.

    Raises
    ------
    CorruptData
        If it is none.
    """
    try:
        return _from_worker.decode(body)
    except msgspec.MsgspecError as error:
        raise CorruptData(f"the understanding worker wrote no message: {error}") from error


def answer_of(outcomes: list[Outcome]) -> Answer:
    """Return ``outcomes`` as they travel."""
    return Answer(
        [
            UnderstoodPhoto(encode(one.document), one.thumbnail)
            if isinstance(one, Understood)
            else FailedPhoto(one.uri, one.kind, one.reason)
            for one in outcomes
        ]
    )


def outcomes_of(answer: Answer) -> list[Outcome]:
    """Return the outcomes that travelled in ``answer``."""
    return [
        Understood(decode(one.document), one.thumbnail)
        if isinstance(one, UnderstoodPhoto)
        else Failed(one.uri, one.kind, one.reason)
        for one in answer.outcomes
    ]
