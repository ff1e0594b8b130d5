"""The worker's loop over its pipes, in this process: messages in, messages out."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import pytest

from alicorn.documents import PhotoDocument
from alicorn.errors import CorruptData
from understanding.photos.messages import (
    HEADER,
    Answer,
    Began,
    FromWorker,
    Request,
    frame,
    outcomes_of,
    parse_from_worker,
)
from understanding.photos.outcome import Failed, FailureKind, Item, Outcome, Understood
from understanding.photos.worker import main, serve


class Echo:
    """Understands even positions."""

    def understand(self, items: list[Item], began: Callable[[int], None]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for at, item in enumerate(items):
            began(at)
            if at % 2:
                outcomes.append(Failed(item.uri, FailureKind.UNREADABLE, "odd"))
            else:
                outcomes.append(Understood(PhotoDocument(uri=item.uri, width=at), None))
        return outcomes


def messages(data: bytes) -> list[FromWorker]:
    found = []
    while data:
        (length,) = HEADER.unpack(data[: HEADER.size])
        found.append(parse_from_worker(data[HEADER.size : HEADER.size + length]))
        data = data[HEADER.size + length :]
    return found


def test_every_step_is_announced_before_the_answer() -> None:
    """The parent blames by the last step it heard of."""
    request = frame(Request([Item("/p/a", "a"), Item("/p/b", "b")]))
    out = io.BytesIO()

    serve(Echo(), io.BytesIO(request + request), out, watchdog_s=0.0)

    first = messages(out.getvalue())[:3]
    assert first[:2] == [Began(0), Began(1)]
    assert isinstance(first[2], Answer)
    assert outcomes_of(first[2]) == [
        Understood(PhotoDocument(uri="a"), None),
        Failed("b", FailureKind.UNREADABLE, "odd"),
    ]
    assert len(messages(out.getvalue())) == 6


@pytest.mark.parametrize("rest", [b"", b"\0\0"])
def test_the_end_of_the_requests_ends_the_worker(rest: bytes) -> None:
    """A parent that died in the middle of a message leaves no worker behind."""
    out = io.BytesIO()
    serve(Echo(), io.BytesIO(rest), out, watchdog_s=0.0)

    assert out.getvalue() == b""


def test_what_is_no_message_is_refused() -> None:
    """A parent must not act on rubbish."""
    with pytest.raises(CorruptData, match="wrote no message"):
        parse_from_worker(struct.pack("<I", 7))


def test_a_worker_without_a_setup_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody starts it by hand."""
    assert main([]) == 2
    assert "usage:" in capsys.readouterr().err
