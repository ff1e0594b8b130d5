"""What docs/*.md tell people to type is typed: every ```sh block, in an empty home for each file.

The home has a folder `Pictures` with five photos. A line of `alicorn` is run in this process, any
other one by bash, and a block with a here-document by bash as a whole. `alicorn up` is started,
goes on until the next one or the end of the file, and has ports of its own in place of 8737. A line
that ends with the comment ``# fails`` must fail. What stands in a ```text block after it is what it
prints: numbers may differ, and a fifth of the words. Blocks marked ``no-run`` are only parsed, by
`tests/test_readme.py`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from alicorn.command.main import app
from alicorn.command.sample.photographs import lay_out

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))
NEVER_RUN = ("make", "sudo", "docker", "pip")
MOST_NOT_RUN = 0.25

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{4,}")

PICTURES = {
    "breakfast.png": "espresso.png",
    "dahlia.jpg": "dahlia.jpg",
    "palace.jpg": "summer-palace.jpg",
    "2024/cat.png": "chelsea.png",
    "2024/cat-sent.jpg": "chelsea-sent.jpg",
}


@dataclass(frozen=True)
class Typed:
    """One line, or a block with a here-document, and what it is said to print."""

    text: str
    printed: str = ""
    fails: bool = False


def typed(document: Path) -> list[Typed]:
    """Return what ``document`` says to type, in its order."""
    found: list[Typed] = []
    fenced = _FENCE.finditer(document.read_text("utf-8"))
    blocks = [(block["info"].strip(), block["body"]) for block in fenced]
    following = [*blocks[1:], ("", "")][: len(blocks)]
    for (info, body), (info_after, after) in zip(blocks, following, strict=True):
        if info != "sh":
            continue
        whole = body.replace("\\\n", " ")
        lines = [whole] if "<<" in whole else whole.splitlines()
        wanted = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
        printed = after if info_after == "text" else ""
        for number, line in enumerate(wanted, start=1):
            last = number == len(wanted)
            found.append(
                Typed(line.strip(), printed if last else "", line.rstrip().endswith("# fails"))
            )
    return found


RUNNABLE = [document for document in DOCUMENTS if typed(document)]


@pytest.mark.parametrize(
    "name", ["how-ranking-works.md", "troubleshooting.md", "your-own-photos.md"]
)
def test_nearly_all_of_a_users_document_can_be_run(name: str) -> None:
    """A document whose every block were `no-run` would pass without being tried."""
    text = (ROOT / "docs" / name).read_text("utf-8")
    infos = [block["info"].strip() for block in _FENCE.finditer(text)]

    assert infos.count("sh") >= 5
    assert infos.count("sh no-run") <= MOST_NOT_RUN * infos.count("sh")


@pytest.fixture(scope="session")
def sample_photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photographs")
    lay_out(folder, lambda _: None)
    return folder


@pytest.fixture
def home(
    tmp_path: Path, sample_photographs: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Give a home with pictures, where everything is kept at its usual place."""
    for name, source in PICTURES.items():
        picture = tmp_path / "Pictures" / name
        picture.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sample_photographs / source, picture)
    for name in [name for name in os.environ if name.startswith(("XDG_", "ALICORN_TOKEN"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    )
    # Where somebody types: the examples of settings are found in deploy/, as in a checkout.
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Server:
    """At most one `alicorn up`."""

    def __init__(self, home: Path) -> None:
        self._told = home / "up.txt"
        self._process: subprocess.Popen[bytes] | None = None
        self.address = ""

    def start(self, line: str) -> None:
        self.stop()
        command = f"exec {line.partition('#')[0]} --no-open --http-port 0 --grpc-port 0"
        with self._told.open("wb") as out:
            self._process = subprocess.Popen(["bash", "-euc", command], stdout=out, stderr=out)
        self._wait(lambda: "http://" in self._told.read_text("utf-8"), line)
        found = re.search(r"http://(127\.0\.0\.1:\d+)", self._told.read_text("utf-8"))
        assert found is not None
        self.address = found[1]
        self._wait(self._is_ready, line)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(60) == 0, self._told.read_text("utf-8")
        self._process = None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _wait(self, condition, line: str) -> None:
        deadline = time.monotonic() + 240
        while not condition():
            assert self._process is not None
            assert self._process.poll() is None, f"{line}: {self._told.read_text('utf-8')}"
            assert time.monotonic() < deadline, f"{line}: {self._told.read_text('utf-8')}"
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        """Whether its kernels are loaded and its photos understood."""
        with suppress(urllib.error.URLError):
            for page in ("api/status", "api/search?q=(all)&as=expression"):
                with urllib.request.urlopen(f"http://{self.address}/{page}", timeout=10) as answer:
                    body = answer.read().decode()
                if '"running":true' in body or '"found":0' in body:
                    return False
            return True
        return False


def run(line: str) -> tuple[int, str]:
    """Return exit status and everything printed."""
    words = shlex.split(line, comments=True) if "<<" not in line else []
    if words[:1] == ["alicorn"] and not re.search(r"[|&;<>$`]", line):
        words = [os.path.expanduser(word) for word in words]  # noqa: PTH111
        result = CliRunner().invoke(app, words[1:])
        assert isinstance(result.exception, SystemExit | None), f"{line}: {result.exception!r}"
        return result.exit_code, result.stdout + result.stderr
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    return done.returncode, done.stdout + done.stderr


def strange(printed: str, really: str) -> set[str]:
    """Return words of ``printed`` that are not in ``really``, if they are more than a fifth."""
    words = set(_WORD.findall(printed.lower()))
    other = words - set(_WORD.findall(really.lower()))
    return other if len(other) > len(words) / 5 else set()


@pytest.mark.slow
# The first one may have to compile the kernels.
@pytest.mark.timeout(600)
@pytest.mark.parametrize("document", RUNNABLE, ids=lambda path: path.name)
def test_the_lines_of_each_document_run_and_print_what_it_says(document: Path, home: Path) -> None:
    """A reader types them one after the other, so they share their home, and what runs there."""
    server = Server(home)
    try:
        for each in typed(document):
            line = each.text
            if line.split()[0] in NEVER_RUN:
                continue
            if server.address:
                line = line.replace("127.0.0.1:8737", server.address)
            if line.startswith("alicorn up") and not each.fails:
                server.start(line)
                continue
            status, printed = run(line)

            assert (status != 0) == each.fails, f"{line}\n{printed}"
            assert strange(each.printed, printed) == set(), f"{line}\n{printed}"
        server.stop()
    finally:
        server.kill()
