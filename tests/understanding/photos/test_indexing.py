"""Indexing a folder: new, known, moved, copied, changed, gone and broken files."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import pytest
from PIL import Image

from alicorn.documents import AudienceKind, PhotoDocument
from alicorn.errors import ConfigError, NotFound
from understanding.photos.indexing import IndexingReport, Progress, index_folder
from understanding.photos.ledger import Gone, Ledger
from understanding.photos.outcome import Failed, FailureKind, Item, Outcome, Understood
from understanding.photos.process import Worker, WorkerConfig


@dataclass
class CountingWorker:
    """Understands by hashing, and remembers what it was asked; `act` runs before each photo."""

    asked: list[str] = field(default_factory=list)
    act: Callable[[str], None] = lambda _: None

    def understand(self, items: Sequence[Item]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for item in items:
            self.asked.append(item.uri)
            self.act(item.uri)
            try:
                data = Path(item.path).read_bytes()
            except FileNotFoundError:
                outcomes.append(Failed(item.uri, FailureKind.VANISHED, "no such file"))
                continue
            except OSError:
                outcomes.append(Failed(item.uri, FailureKind.UNAVAILABLE, "denied"))
                continue
            if data.startswith(b"broken"):
                outcomes.append(Failed(item.uri, FailureKind.UNREADABLE, "damaged"))
                continue
            digest = blake2b(data, digest_size=32).digest()
            outcomes.append(Understood(PhotoDocument(uri=item.uri, content_hash=digest), b"t"))
        return outcomes


@dataclass
class Log:
    """The log's rule of identity: the same content of the same owner keeps its id."""

    photos: dict[int, PhotoDocument] = field(default_factory=dict)
    thumbnails: set[bytes] = field(default_factory=set)
    next_id: int = 1
    puts: int = 0

    def put(self, understood: Understood) -> int:
        document = understood.document
        if understood.thumbnail is not None:
            self.thumbnails.add(document.content_hash)
        assert document.content_hash in self.thumbnails
        self.puts += 1
        key = (document.content_hash, document.author)
        for number, known in self.photos.items():
            if (known.content_hash, known.author) == key:
                self.photos[number] = document
                return number
        self.photos[self.next_id] = document
        self.next_id += 1
        return self.next_id - 1

    def remove(self, gone: Gone) -> None:
        self.photos.pop(gone.id, None)

    @property
    def uris(self) -> list[str]:
        return sorted(document.uri for document in self.photos.values())


@dataclass
class Library:
    """A folder, its ledger and its log."""

    folder: Path
    ledger: Ledger
    worker: CountingWorker = field(default_factory=CountingWorker)
    log: Log = field(default_factory=Log)
    progress: list[Progress] = field(default_factory=list)
    clock: int = 10**18

    def put(self, uri: str, content: str) -> Path:
        path = self.folder / uri
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        self.clock += 1_000
        os.utime(path, ns=(self.clock, self.clock))
        return path

    def run(self, stop: threading.Event | None = None) -> IndexingReport:
        self.worker.asked.clear()
        return index_folder(
            self.folder,
            self.ledger,
            self.worker,
            self.log.put,
            self.log.remove,
            progress=self.progress.append,
            stop=stop,
            batch=2,
        )


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    (tmp_path / "photos").mkdir()
    with Ledger(tmp_path / "ledger") as ledger:
        yield Library(tmp_path / "photos", ledger)


def test_new_photos_are_understood_newest_first(library: Library) -> None:
    """PS: each is searchable as soon as it is understood, the latest first."""
    for n in range(5):
        library.put(f"a/{n}.jpg", f"photo {n}")

    report = library.run()

    assert library.worker.asked == [f"a/{n}.jpg" for n in (4, 3, 2, 1, 0)]
    assert library.log.uris == [f"a/{n}.jpg" for n in range(5)]
    assert {document.album for document in library.log.photos.values()} == {"a"}
    assert {document.author for document in library.log.photos.values()} == {1}
    assert report.progress.done == 5
    assert not report.stopped
    done = [step.done for step in library.progress]
    assert done == [0, 2, 4, 5, 5]
    assert library.progress[-1].remaining == 0
    assert library.progress[1].per_second > 0


def test_an_empty_folder_is_done_at_once(library: Library) -> None:
    """Bad input: an empty folder, and a folder without photos."""
    (library.folder / "note.txt").write_text("no photo")

    report = library.run()

    assert report.progress == Progress(total=0)
    assert report.gone == report.failures == ()


def test_a_missing_folder_deletes_nothing(library: Library) -> None:
    """An unplugged disk is no wish to delete."""
    path = library.put("a.jpg", "a")
    library.run()
    path.unlink()
    library.folder.rmdir()

    with pytest.raises(NotFound, match="cannot be listed"):
        library.run()
    assert library.log.uris == ["a.jpg"]


def test_known_photos_are_not_understood_twice(library: Library) -> None:
    """Stopping and starting again continues."""
    library.put("a.jpg", "a")
    library.run()
    library.put("b.jpg", "b")

    report = library.run()

    assert library.worker.asked == ["b.jpg"]
    assert (report.progress.known, report.progress.done) == (1, 1)
    assert library.log.puts == 2


def test_a_moved_photo_stays_the_same_photo(library: Library) -> None:
    """Tidying into albums must cost nothing and lose no id."""
    path = library.put("a.jpg", "a")
    library.put("other.jpg", "b")
    library.run()
    (before,) = [n for n, document in library.log.photos.items() if document.uri == "a.jpg"]
    (library.folder / "beach").mkdir()
    path.rename(library.folder / "beach" / "b.jpg")

    report = library.run()

    assert library.worker.asked == []
    assert library.log.photos[before].uri == "beach/b.jpg"
    assert library.log.photos[before].album == "beach"
    assert library.log.uris == ["beach/b.jpg", "other.jpg"]
    assert report.gone == ()


def test_a_changed_photo_is_understood_again_and_the_old_one_removed(library: Library) -> None:
    """An edited picture is another picture."""
    library.put("a.jpg", "before")
    library.run()
    library.put("a.jpg", "after")

    report = library.run()

    assert library.worker.asked == ["a.jpg"]
    assert library.log.uris == ["a.jpg"]
    assert [gone.uri for gone in report.gone] == ["a.jpg"]
    assert library.ledger.orphans() == []


def test_a_touched_photo_is_only_hashed(library: Library) -> None:
    """A restored backup has new times and the old pictures."""
    library.put("a.jpg", "a")
    library.run()
    library.put("a.jpg", "a")

    library.run()

    assert library.worker.asked == []
    assert library.log.puts == 1


def test_a_deleted_photo_is_removed_before_anything_is_understood(library: Library) -> None:
    """Privacy: a deletion must not wait behind ten thousand new photos."""
    library.put("a.jpg", "a").chmod(0o600)
    library.run()
    (library.folder / "a.jpg").unlink()
    library.put("b.jpg", "b")
    seen: list[list[str]] = []
    library.worker.act = lambda _: seen.append(library.log.uris)

    report = library.run()

    assert seen == [[]]
    assert [gone.uri for gone in report.gone] == ["a.jpg"]
    assert library.log.uris == ["b.jpg"]


def test_exact_copies_are_one_photo_until_the_last_is_gone(library: Library) -> None:
    """A file in two folders is one picture of one owner; either may be deleted."""
    first = library.put("a.jpg", "same")
    second = library.put("b.jpg", "same")
    library.run()
    assert len(library.log.photos) == 1
    standing = library.log.uris[0]

    (first if standing == "a.jpg" else second).unlink()
    report = library.run()
    assert library.log.uris == ["b.jpg" if standing == "a.jpg" else "a.jpg"]
    assert report.gone == ()

    for path in (first, second):
        path.unlink(missing_ok=True)
    assert len(library.run().gone) == 1
    assert library.log.photos == {}


def test_a_copy_of_a_known_photo_is_not_understood(library: Library) -> None:
    """A second copy costs a hash."""
    library.put("a.jpg", "same")
    library.run()
    library.put("b.jpg", "same")

    library.run()

    assert library.worker.asked == []
    assert library.log.uris == ["a.jpg"]


def test_a_changed_shelf_is_published_without_understanding(library: Library) -> None:
    """Privacy: narrowing an audience counts at the next start, whatever else there is to do."""
    shelf = library.folder / "shelf.toml"
    shelf.write_text("[photos.'a.jpg']\naudience = 'public'\ncaption = 'hello'")
    library.put("a.jpg", "a")
    library.run()
    assert library.log.photos[1].audience.kind is AudienceKind.PUBLIC
    assert library.log.photos[1].caption == "hello"

    shelf.unlink()
    library.run()

    assert library.worker.asked == []
    assert library.log.photos[1].audience.kind is AudienceKind.ONLY_ME
    assert library.log.photos[1].caption == ""


def test_a_photo_that_changes_hands_leaves_nothing_with_its_old_owner(library: Library) -> None:
    """The old owner's photo is removed, not left beside the new one."""
    people = "[[people]]\nid = 1\nname = 'A'\n[[people]]\nid = 2\nname = 'B'\n"
    (library.folder / "shelf.toml").write_text(people)
    library.put("a.jpg", "a")
    library.run()
    (library.folder / "shelf.toml").write_text(people + "[photos.'a.jpg']\nowner = 2")

    report = library.run()

    assert library.worker.asked == []
    assert [document.author for document in library.log.photos.values()] == [2]
    assert report.gone == (Gone(1, "a.jpg"),)


def test_the_same_bytes_of_two_owners_are_two_photos(library: Library) -> None:
    """What one shows to friends says nothing about the other."""
    (library.folder / "shelf.toml").write_text(
        "[[people]]\nid = 1\nname = 'A'\n[[people]]\nid = 2\nname = 'B'\n"
        "[photos.'a.jpg']\nowner = 1\n[photos.'b.jpg']\nowner = 2\naudience = 'public'"
    )
    library.put("a.jpg", "same")
    library.put("b.jpg", "same")

    library.run()

    audiences = {d.author: d.audience.kind for d in library.log.photos.values()}
    assert audiences == {1: AudienceKind.ONLY_ME, 2: AudienceKind.PUBLIC}


def test_a_wrong_shelf_changes_nothing(library: Library) -> None:
    """Publishing by a file that is half understood could show what is private."""
    library.put("a.jpg", "a")
    (library.folder / "shelf.toml").write_text("[photos.'a.jpg']\nowner = 9")

    with pytest.raises(ConfigError, match="owner 9"):
        library.run()
    assert library.log.photos == {}


def test_broken_photos_are_named_counted_and_tried_once(library: Library) -> None:
    """Bad input: a corrupt image; the others are indexed, and it is not tried at every start."""
    library.put("bad.jpg", "broken")
    library.put("good.jpg", "good")

    report = library.run()
    assert report.failures == (Failed("bad.jpg", FailureKind.UNREADABLE, "damaged"),)
    assert (report.progress.done, report.progress.failed) == (1, 1)

    again = library.run()
    assert library.worker.asked == []
    assert (again.progress.known, again.progress.failed) == (1, 1)
    assert again.failures == report.failures

    library.put("bad.jpg", "repaired")
    assert library.run().failures == ()
    assert library.log.uris == ["bad.jpg", "good.jpg"]


def test_a_photo_that_was_overwritten_by_rubbish_is_removed(library: Library) -> None:
    """The index must not show a picture that is no longer there."""
    library.put("a.jpg", "a")
    library.run()
    library.put("a.jpg", "broken")

    library.run()

    assert library.log.photos == {}


def test_unavailable_photos_are_tried_again(library: Library) -> None:
    """Bad input: an unreadable file; permission may be given without the file changing."""
    path = library.put("a.jpg", "a")

    def deny(_: str) -> None:
        raise PermissionError

    class Denied(CountingWorker):
        def understand(self, items: Sequence[Item]) -> list[Outcome]:
            return [Failed(item.uri, FailureKind.UNAVAILABLE, "denied") for item in items]

    allowed, library.worker = library.worker, Denied()
    assert library.run().failures == (Failed("a.jpg", FailureKind.UNAVAILABLE, "denied"),)
    library.worker = allowed
    assert path.exists()

    assert library.run().failures == ()
    assert library.log.uris == ["a.jpg"]


def test_a_path_that_vanishes_midway_is_no_failure(library: Library) -> None:
    """Bad input: somebody deletes while Alicorn reads."""
    library.put("a.jpg", "a")
    library.run()
    library.put("a.jpg", "changed")
    library.put("b.jpg", "b")
    library.worker.act = lambda uri: (library.folder / uri).unlink()

    report = library.run()

    assert report.failures == ()
    assert report.progress.total == report.progress.done == 0
    # The old content of the changed file is gone with it.
    assert library.log.photos == {}


def test_a_stopped_run_is_continued_by_the_next(library: Library) -> None:
    """Ctrl-C loses at most the batch in work."""
    for n in range(6):
        library.put(f"{n}.jpg", str(n))
    stop = threading.Event()
    library.worker.act = lambda uri: stop.set() if uri == "3.jpg" else None

    report = library.run(stop)
    assert report.stopped
    assert library.worker.asked == ["5.jpg", "4.jpg", "3.jpg", "2.jpg"]

    assert not library.run().stopped
    assert library.worker.asked == ["1.jpg", "0.jpg"]
    assert len(library.log.photos) == 6


def test_a_stopped_run_deletes_nothing_that_may_have_moved(library: Library) -> None:
    """Half the moves are not known yet; a deletion then would lose ids."""
    library.put("a.jpg", "a")
    library.run()
    (library.folder / "a.jpg").rename(library.folder / "b.jpg")
    stop = threading.Event()
    stop.set()

    library.run(stop)
    assert library.log.uris == ["a.jpg"]

    library.run()
    assert library.log.uris == ["b.jpg"]
    assert list(library.log.photos) == [1]


def test_a_crash_between_publishing_and_recording_is_repaired(library: Library) -> None:
    """Publishing twice is harmless; never publishing would not be."""
    library.put("a.jpg", "a")
    recorded = library.ledger.record_understood

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    library.ledger.record_understood = crash  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        library.run()
    library.ledger.record_understood = recorded  # type: ignore[method-assign]

    library.run()

    assert list(library.log.photos) == [1]


def test_a_deletion_that_failed_is_asked_for_again(library: Library) -> None:
    """Privacy: a photo that should be gone stays due until its deletion was acknowledged."""
    library.put("a.jpg", "a")
    library.run()
    (library.folder / "a.jpg").unlink()
    removed = library.log.remove

    def fail(_: Gone) -> None:
        raise OSError

    library.log.remove = fail  # type: ignore[method-assign]
    with pytest.raises(OSError):  # noqa: PT011
        library.run()
    library.log.remove = removed  # type: ignore[method-assign]

    assert library.run().gone == (Gone(1, "a.jpg"),)
    assert library.log.photos == {}


def test_a_folder_that_may_not_be_listed_keeps_its_photos(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be seen just now is not deleted."""
    library.put("closed/a.jpg", "a")
    library.run()
    listing = os.scandir

    def guarded(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr(os, "scandir", guarded)
    report = library.run()

    assert report.unreadable_folders == ("closed",)
    assert library.log.uris == ["closed/a.jpg"]


def test_a_folder_of_every_bad_input_is_indexed_by_the_real_worker(library: Library) -> None:
    """Bad input: each is named with its reason, and the good photo among them is found."""
    Image.linear_gradient("L").resize((300, 200)).save(library.folder / "good.jpg")
    Image.new("1", (10_000, 10_000)).save(library.folder / "huge.png")
    (library.folder / "zero.jpg").touch()
    (library.folder / "text.jpg").write_text("not a picture")
    data = (library.folder / "good.jpg").read_bytes()
    (library.folder / "cut.jpg").write_bytes(data[: len(data) // 2])
    with Worker(WorkerConfig()) as worker:
        report = index_folder(
            library.folder, library.ledger, worker, library.log.put, library.log.remove
        )

    assert library.log.uris == ["good.jpg"]
    assert library.log.photos[1].tags
    reasons = {failed.uri: failed.reason for failed in report.failures}
    assert set(reasons) == {"cut.jpg", "huge.png", "text.jpg", "zero.jpg"}
    assert "100.0 megapixels, at most 80.0" in reasons["huge.png"]
    assert reasons["zero.jpg"] == "the file is empty"
    assert reasons["text.jpg"].startswith("not a picture")
    assert reasons["cut.jpg"].startswith("damaged: ")
