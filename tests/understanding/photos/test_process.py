"""The worker process: it may die of any photo, and the others never notice."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from alicorn.errors import AlicornError, ConfigError, MissingModel, TryElsewhere
from understanding.photos.outcome import Failed, FailureKind, Item, Outcome, Understood
from understanding.photos.process import Worker, WorkerConfig, WorkerPool

# An engine whose fate is in the names of the files. `once` leaves a mark, so that it happens to
# the first worker only.
ENGINE = """
import os, signal, sys, time
from pathlib import Path
from alicorn.documents import PhotoDocument
from alicorn.errors import MissingModel
from understanding.photos.outcome import Failed, FailureKind, Understood

class Engine:
    def understand(self, items, began):
        print("a library prints to stdout", flush=True)
        outcomes = []
        for at, item in enumerate(items):
            began(at)
            name = Path(item.path).name
            if name.startswith("once-"):
                if Path(item.path).exists():
                    outcomes.append(Understood(PhotoDocument(uri=item.uri), b"again"))
                    continue
                Path(item.path).touch()
            if "crash" in name:
                os.kill(os.getpid(), signal.SIGSEGV)
            if "exit" in name:
                os._exit(7)
            if "slow" in name:
                time.sleep(60)
            if "hog" in name:
                kept = []
                while True:
                    kept.append(bytearray(50_000_000))
            if "bad" in name:
                outcomes.append(Failed(item.uri, FailureKind.UNREADABLE, "damaged"))
                continue
            outcomes.append(Understood(PhotoDocument(uri=item.uri), b"thumbnail"))
        began(len(items))
        if any("model" in item.path for item in items):
            os.kill(os.getpid(), signal.SIGKILL)
        return outcomes

def make(threads, *, cache_dir, limits, model):
    return Engine()

def refuse(threads, *, cache_dir, limits, model):
    raise MissingModel("weights are missing: install them")

def dies(threads, *, cache_dir, limits, model):
    os._exit(3)

def says(threads, *, cache_dir, limits, model):
    raise MissingModel(f"{threads} {cache_dir} {limits.max_pixels} {os.nice(0)} "
                       f"{os.environ['OMP_NUM_THREADS']}")
"""

Configured = Callable[..., WorkerConfig]


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configured:
    """Make configurations whose engine is the one above."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "fated_engine.py").write_text(ENGINE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"))

    def made(engine: str = "make", **options: object) -> WorkerConfig:
        options = {"photo_timeout_s": 10.0, "memory_bytes": 1 << 30, **options}
        return WorkerConfig(engine=f"fated_engine:{engine}", **options)  # type: ignore[arg-type]

    return made


@pytest.fixture
def worker(configured: Configured) -> Iterator[Worker]:
    with Worker(configured()) as running:
        yield running


def items(tmp_path: Path, *names: str) -> list[Item]:
    return [Item(str(tmp_path / name), name) for name in names]


def seen(outcomes: list[Outcome]) -> list[str]:
    """Each outcome in a word: its uri, or why not."""
    return [
        one.document.uri if isinstance(one, Understood) else f"{one.uri}: {one.kind.value}"
        for one in outcomes
    ]


def test_outcomes_come_back_in_order(worker: Worker, tmp_path: Path) -> None:
    """What a library prints must not get between the messages either."""
    outcomes = worker.understand(items(tmp_path, "a", "bad", "c"))

    assert seen(outcomes) == ["a", "bad: unreadable", "c"]
    assert outcomes[1] == Failed("bad", FailureKind.UNREADABLE, "damaged")
    assert isinstance(outcomes[0], Understood)
    assert outcomes[0].thumbnail == b"thumbnail"
    assert worker.understand([]) == []


def test_one_process_serves_many_batches(worker: Worker, tmp_path: Path) -> None:
    """Loading the models again for every batch would take longer than the photos."""
    worker.understand(items(tmp_path, "a"))
    pid = worker.pid
    worker.understand(items(tmp_path, "b"))

    assert worker.pid == pid


@pytest.mark.parametrize(
    ("fate", "reason"),
    [
        ("crash", "ended the worker: killed by SIGSEGV"),
        ("exit", "ended the worker: exit status 7"),
    ],
)
def test_the_photo_that_kills_its_worker_is_named_and_the_others_live(
    worker: Worker, tmp_path: Path, fate: str, reason: str
) -> None:
    """Bad input: a decoder in C may crash; one photo is lost, and says why."""
    outcomes = worker.understand(items(tmp_path, "a", fate, "c", "d"))

    assert seen(outcomes) == ["a", f"{fate}: too-costly", "c", "d"]
    assert outcomes[1] == Failed(fate, FailureKind.TOO_COSTLY, reason)


def test_a_photo_that_takes_too_long_is_given_up(configured: Configured, tmp_path: Path) -> None:
    """Bad input: a decoder that never ends must not end the indexing."""
    with Worker(configured(photo_timeout_s=0.4)) as worker:
        outcomes = worker.understand(items(tmp_path, "a", "slow", "c"))

    assert outcomes[1] == Failed("slow", FailureKind.TOO_COSTLY, "took longer than 0.4 s")
    assert seen(outcomes) == ["a", "slow: too-costly", "c"]


def test_a_photo_that_needs_too_much_memory_is_given_up(
    configured: Configured, tmp_path: Path
) -> None:
    """Bad input: the limit holds for the worker, and the machine does not swap."""
    with Worker(configured(memory_bytes=400 << 20)) as worker:
        outcomes = worker.understand(items(tmp_path, "a", "hog", "c"))

    assert seen(outcomes) == ["a", "hog: too-costly", "c"]


def test_two_deadly_photos_in_a_batch_are_both_named(worker: Worker, tmp_path: Path) -> None:
    """The first death must not hide the second."""
    outcomes = worker.understand(items(tmp_path, "crash1", "a", "crash2", "b"))

    assert seen(outcomes) == ["crash1: too-costly", "a", "crash2: too-costly", "b"]


def test_a_photo_is_tried_twice_before_it_is_blamed(worker: Worker, tmp_path: Path) -> None:
    """The kernel may have killed the worker for somebody else's memory."""
    outcomes = worker.understand(items(tmp_path, "a", "once-crash", "c"))

    assert seen(outcomes) == ["a", "once-crash", "c"]


def test_a_worker_killed_between_batches_is_replaced(worker: Worker, tmp_path: Path) -> None:
    """An administrator tidies up; nothing is lost."""
    worker.understand(items(tmp_path, "a"))
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)

    assert seen(worker.understand(items(tmp_path, "b", "c"))) == ["b", "c"]


def test_a_worker_killed_in_the_middle_is_replaced(configured: Configured, tmp_path: Path) -> None:
    """Bad input: a worker killed in the middle; the photo in work is tried again."""
    with Worker(configured()) as worker:
        worker.start()

        def kill() -> None:
            while not (tmp_path / "once-slow").exists():
                time.sleep(0.01)
            assert worker.pid is not None
            os.kill(worker.pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        outcomes = worker.understand(items(tmp_path, "a", "once-slow", "c"))
        killer.join()

    assert seen(outcomes) == ["a", "once-slow", "c"]


def test_workers_that_die_of_no_photo_raise(worker: Worker, tmp_path: Path) -> None:
    """A fault of the model must not mark every photo of the folder as too costly for ever."""
    with pytest.raises(TryElsewhere, match="died 4 times in a row: ended the worker: killed by"):
        worker.understand(items(tmp_path, *[f"model{n}" for n in range(8)]))


def test_a_missing_model_is_raised_as_what_it_is(configured: Configured) -> None:
    """The user must read how to repair it, not that a thousand photos failed."""
    with (
        Worker(configured("refuse")) as worker,
        pytest.raises(MissingModel, match="weights are missing: install them"),
    ):
        worker.start()


@pytest.mark.parametrize(
    ("engine", "message"),
    [("dies", "did not start: ended the worker: exit status 3"), ("none", "cannot be imported")],
)
def test_a_worker_that_cannot_start_says_why(
    configured: Configured, tmp_path: Path, engine: str, message: str
) -> None:
    """With the limits it had, since too little memory is the usual cause."""
    with (
        Worker(configured(engine)) as worker,
        pytest.raises(ConfigError, match=message),
    ):
        worker.understand(items(tmp_path, "a"))


def test_the_configuration_reaches_the_worker(configured: Configured) -> None:
    """Threads, cache, limits and priority are set by the parent alone."""
    nice = os.nice(0)
    with (
        Worker(configured("says", threads=2, cache_dir=Path("/c"), niceness=3)) as worker,
        pytest.raises(AlicornError, match=rf"2 /c 80000000 {min(nice + 3, 19)} 2"),
    ):
        worker.start()


def test_closing_ends_the_process_and_gives_up_the_photo_in_work(
    configured: Configured, tmp_path: Path
) -> None:
    """Ctrl-C must not wait for a slow photo, nor leave a process behind."""
    worker = Worker(configured())
    worker.start()
    outcomes: list[Outcome] = []
    busy = threading.Thread(
        target=lambda: outcomes.extend(worker.understand(items(tmp_path, "once-slow", "b")))
    )
    busy.start()
    while not (tmp_path / "once-slow").exists():
        time.sleep(0.01)
    pid = worker.pid
    assert pid is not None
    worker.close()
    busy.join(5)

    assert not busy.is_alive()
    assert seen(outcomes) == ["once-slow: unavailable", "b: unavailable"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert seen(worker.understand(items(tmp_path, "c"))) == ["c: unavailable"]
    with pytest.raises(TryElsewhere, match="closed"):
        worker.start()


def test_a_pool_shares_a_batch_and_keeps_its_order(configured: Configured, tmp_path: Path) -> None:
    """Two cores understand twice as many photos, in the same order."""
    with WorkerPool(configured(), workers=2) as pool:
        outcomes = pool.understand(items(tmp_path, "a", "bad", "c", "crash", "e"))
        assert pool.understand([]) == []

    assert seen(outcomes) == ["a", "bad: unreadable", "c", "crash: too-costly", "e"]
    assert seen(pool.understand(items(tmp_path, "a"))) == ["a: unavailable"]


def test_wrong_settings_are_named() -> None:
    """Checked at birth, not in the worker."""
    with pytest.raises(ConfigError, match="threads must be positive, got 0"):
        WorkerConfig(threads=0)
    with pytest.raises(ConfigError, match=r"niceness must be in 0\.\.19, got 20"):
        WorkerConfig(niceness=20)
    with pytest.raises(ConfigError, match="workers must be at least 1, got 0"):
        WorkerPool(workers=0)


def test_the_real_engine_runs_in_a_worker(tmp_path: Path) -> None:
    """The whole way over the pipes, inside the default limits of memory."""
    Image.linear_gradient("L").resize((900, 600)).convert("RGB").save(tmp_path / "a.jpg")
    (tmp_path / "b.jpg").write_bytes(b"nothing")
    with Worker() as worker:
        good, bad = worker.understand(items(tmp_path, "a.jpg", "b.jpg"))

    assert isinstance(good, Understood)
    assert len(good.document.visual) == len(good.document.fingerprint) == 32
    assert good.document.tags
    assert bad == Failed("b.jpg", FailureKind.UNREADABLE, "not a picture, or damaged at its start")
