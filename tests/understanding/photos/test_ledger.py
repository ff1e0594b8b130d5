"""The ledger: what is known survives, and every id that nothing stands for is reported."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from alicorn.documents import PhotoDocument, Tag
from alicorn.errors import ConfigError, CorruptData, OutOfSpace
from understanding.photos.ledger import Gone, Ledger
from understanding.photos.outcome import Failed, FailureKind
from understanding.photos.scan import FoundPhoto

CAT = PhotoDocument(content_hash=b"c" * 32, tags=(Tag("cat", 0.5),), visual=b"v" * 32, width=4)
DOG = PhotoDocument(content_hash=b"d" * 32)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def put(
    ledger: Ledger, uri: str, document: PhotoDocument, photo_id: int | None, *, owner: int = 1
) -> None:
    ledger.record_understood(
        FoundPhoto(uri, 10, 20), document, owner=owner, described=b"said", photo_id=photo_id
    )


def test_what_was_recorded_is_there_after_opening_again(tmp_path: Path) -> None:
    """DB: stopping and starting again continues."""
    with Ledger(tmp_path / "l") as ledger:
        put(ledger, "a.jpg", CAT, 7)
        ledger.record_failed(
            FoundPhoto("b.jpg", 1, 2), Failed("b.jpg", FailureKind.UNREADABLE, "damaged")
        )
    with Ledger(tmp_path / "l") as ledger:
        cat, broken = ledger.get("a.jpg"), ledger.get("b.jpg")

        assert ledger.files() == {"a.jpg": (10, 20), "b.jpg": (1, 2)}
        assert cat is not None
        assert (cat.document, cat.described, cat.photo_id) == (CAT, b"said", 7)
        assert broken is not None
        assert broken.document is None
        assert broken.failure == Failed("b.jpg", FailureKind.UNREADABLE, "damaged")
        assert ledger.failures() == [broken.failure]
        assert ledger.get("c.jpg") is None


def test_only_failures_that_may_pass_are_tried_again(ledger: Ledger) -> None:
    """A damaged file stays damaged; a forbidden one may be allowed tomorrow."""
    for kind in (FailureKind.UNREADABLE, FailureKind.TOO_COSTLY, FailureKind.UNAVAILABLE):
        uri = f"{kind.value}.jpg"
        ledger.record_failed(FoundPhoto(uri, 1, 1), Failed(uri, kind, "x"))

    assert ledger.retryable() == {"unavailable.jpg"}


def test_content_is_found_wherever_it_was(ledger: Ledger) -> None:
    """A moved file is recognised by its bytes, even after its old place was lost."""
    put(ledger, "a.jpg", CAT, 7)
    ledger.mark_stale(["a.jpg"])

    known = ledger.with_content(b"c" * 32)
    assert known is not None
    assert known.found.uri == "a.jpg"
    assert ledger.has_size(10)
    assert not ledger.has_size(11)
    assert ledger.with_content(b"x" * 32) is None
    assert not ledger.published_elsewhere(b"c" * 32, 1, "b.jpg")


def test_one_file_stands_for_the_copies_of_an_owner(ledger: Ledger) -> None:
    """Two people may own the same bytes: those are two photos."""
    put(ledger, "a.jpg", CAT, 7)

    assert ledger.published_elsewhere(b"c" * 32, 1, "b.jpg")
    assert not ledger.published_elsewhere(b"c" * 32, 1, "a.jpg")
    assert not ledger.published_elsewhere(b"c" * 32, 2, "b.jpg")


def test_an_id_that_no_file_carries_is_an_orphan_until_it_is_deleted(ledger: Ledger) -> None:
    """A crash between forgetting a file and deleting its photo must lose neither."""
    put(ledger, "a.jpg", CAT, 7)
    put(ledger, "b.jpg", DOG, 8)
    put(ledger, "b.jpg", DOG, 9, owner=2)
    ledger.forget(["a.jpg"])

    assert ledger.orphans() == [Gone(7, "a.jpg"), Gone(8, "b.jpg")]
    ledger.deleted(7)
    assert ledger.orphans() == [Gone(8, "b.jpg")]


def test_an_id_that_moved_to_another_file_is_no_orphan(ledger: Ledger) -> None:
    """A moved photo must not be deleted from under its new name."""
    put(ledger, "a.jpg", CAT, 7)
    put(ledger, "b.jpg", CAT, 7)
    ledger.forget(["a.jpg"])
    assert ledger.orphans() == []

    ledger.forget(["b.jpg"])
    put(ledger, "c.jpg", CAT, 7)
    assert ledger.orphans() == []


def test_a_failure_orphans_the_photo_that_the_file_was(ledger: Ledger) -> None:
    """A file that was overwritten by rubbish no longer shows its old picture."""
    put(ledger, "a.jpg", CAT, 7)
    ledger.record_failed(
        FoundPhoto("a.jpg", 1, 2), Failed("a.jpg", FailureKind.UNREADABLE, "damaged")
    )

    assert ledger.orphans() == [Gone(7, "a.jpg")]


def test_copies_without_a_carrier_are_offered_once(ledger: Ledger) -> None:
    """When the file that carried the id is gone, one of its copies takes over."""
    put(ledger, "b.jpg", CAT, None)
    put(ledger, "a.jpg", CAT, None)
    put(ledger, "z.jpg", CAT, 7)
    put(ledger, "o.jpg", CAT, None, owner=2)
    assert ledger.unpublished() == ["o.jpg"]

    ledger.forget(["z.jpg"])
    assert ledger.unpublished() == ["a.jpg", "o.jpg"]


def test_a_damaged_ledger_and_a_newer_one_are_named(tmp_path: Path) -> None:
    """The message must say which file to delete."""
    (tmp_path / "bad").write_bytes(b"no database at all" * 100)
    with pytest.raises(CorruptData, match=r"ledger .*bad: file is not a database"):
        Ledger(tmp_path / "bad")

    with sqlite3.connect(tmp_path / "new") as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(ConfigError, match="version 99, known is 1"):
        Ledger(tmp_path / "new")


def test_a_full_disk_is_named_and_damages_nothing(tmp_path: Path) -> None:
    """Bad input: a full disk."""
    with Ledger(tmp_path / "l") as ledger:
        put(ledger, "a.jpg", CAT, 7)
        # The database may not grow: what SQLite sees of a full disk.
        pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
        ledger._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(OutOfSpace, match="full"):  # noqa: PT012
            for n in range(10_000):
                put(ledger, f"{n}.jpg", CAT, n + 10)

        assert ledger.get("a.jpg") is not None
