"""What `alicorn status` tells, and what it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from alicorn.api.search.v1 import search_pb2
from alicorn.command import status


class Backend:
    """Answers with one status."""

    def __init__(self, response: search_pb2.GetStatusResponse) -> None:
        self.response = response

    def get_status(self, _request: search_pb2.GetStatusRequest) -> search_pb2.GetStatusResponse:
        """Return it."""
        return self.response


def printed(
    response: search_pb2.GetStatusResponse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> str:
    """Return what the command prints of ``response``."""

    @contextmanager
    def asked(*_: object) -> Iterator[Backend]:
        yield Backend(response)

    monkeypatch.setattr(status, "asked", asked)
    status.run(library=None, server=None, token="", as_json=False)
    return capsys.readouterr().out


def test_numbers_that_are_not_told_are_not_called_zero(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """PS-37: with viewer tokens nobody learns how many photos there are, nor "none"."""
    told = printed(
        search_pb2.GetStatusResponse(
            library="Family", shards_expected=2, shards=[search_pb2.Shard(shard=0)]
        ),
        monkeypatch,
        capsys,
    )

    assert "0 photos" not in told
    assert "with viewer tokens no numbers are told" in told
    assert "1 of 2 shards answer" in told


def test_numbers_that_are_told_are_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new library has none, and says so."""
    told = printed(
        search_pb2.GetStatusResponse(
            library="Family",
            shards_expected=2,
            understanding=search_pb2.Understanding(message="there are no photos yet"),
        ),
        monkeypatch,
        capsys,
    )

    assert told.splitlines() == [
        "Family: 0 photos searchable",
        "there are no photos yet",
        "2 of 2 shards do not answer",
    ]
