"""The README's commands do what it says: every ```sh block is run, in an empty home.

A block whose info string is ``sh no-run`` is parsed, and its commands must exist. Lines of `make`,
`sudo` and `docker` are never run from here. A line that serves until it is stopped (`alicorn up`)
is started, waited for until its address is told, and stopped.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from alicorn.command.main import app

_ROOT = Path(__file__).resolve().parents[1]
_README = _ROOT / "README.md"
_DOCUMENTS = sorted(
    [*_ROOT.glob("*.md"), *(_ROOT / "docs").rglob("*.md"), _ROOT / "deploy" / "README.md"]
)
_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_NEVER_RUN = {"make", "sudo", "docker"}


@dataclass(frozen=True)
class _Block:
    info: str
    body: str

    @property
    def lines(self) -> list[str]:
        """Commands, continued lines joined, without comments."""
        whole = self.body.replace("\\\n", " ").splitlines()
        return [
            line.strip() for line in whole if line.strip() and not line.lstrip().startswith("#")
        ]


def _blocks(document: Path) -> list[_Block]:
    found = _FENCE.finditer(document.read_text("utf-8"))
    return [_Block(match["info"].strip(), match["body"]) for match in found]


def _shell(document: Path) -> list[_Block]:
    return [block for block in _blocks(document) if block.info.split(" ")[:1] == ["sh"]]


def _words(line: str) -> list[str]:
    return shlex.split(line, comments=True)


_RUN = [
    line
    for block in _shell(_README)
    if block.info == "sh"
    for line in block.lines
    if _words(line)[0] not in _NEVER_RUN
]


def _subcommands() -> set[str]:
    """Return every way to go on after `alicorn`: "search", "train", "train itq" ..."""
    found: set[str] = set()

    def walk(group: typer.core.TyperGroup, above: str) -> None:
        for name, command in group.commands.items():
            path = f"{above} {name}".strip()
            found.add(path)
            if isinstance(command, typer.core.TyperGroup):
                walk(command, path)

    walk(typer.main.get_group(app), "")
    return found


def _targets() -> set[str]:
    """Return the Makefile's targets that are no files."""
    phony = re.search(r"^\.PHONY: (.+)$", (_ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert phony is not None
    return set(phony[1].split())


def _check_exists(words: list[str]) -> None:
    if words[0] == "make":
        named = [word for word in words[1:] if "=" not in word and not word.startswith("-")]

        assert set(named) <= _targets()
    if words[0] == "alicorn" and len(words) > 1 and not words[1].startswith("-"):
        assert {words[1], " ".join(words[1:3])} & _subcommands(), words


def test_the_readme_has_the_two_commands_and_blocks_to_run() -> None:
    """A README without them would make every other test here pass."""
    everything = [line for block in _shell(_README) for line in block.lines]

    assert any(line.startswith("make run") for line in everything)
    assert any(line.startswith("make test") for line in everything)
    assert any(line.startswith("alicorn search") for line in _RUN)


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: str(path.relative_to(_ROOT)))
def test_every_shell_block_parses_and_names_commands_that_exist(document: Path) -> None:
    """Run or not: a typing mistake in a document costs every reader a minute."""
    for block in _shell(document):
        parsed = subprocess.run(
            ["bash", "-n"], input=block.body, text=True, capture_output=True, check=False
        )

        assert parsed.returncode == 0, parsed.stderr
        assert block.info in {"sh", "sh no-run"}
        for line in block.lines:
            if line.startswith(("make ", "alicorn ")):
                _check_exists(_words(line))


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: str(path.relative_to(_ROOT)))
def test_every_command_that_is_mentioned_exists(document: Path) -> None:
    """Commands in running text grow old first."""
    text = _FENCE.sub("", document.read_text("utf-8"))
    for mentioned in re.findall(r"`((?:make|alicorn) [^`]+)`", text):
        _check_exists(mentioned.split())


def test_every_python_block_of_the_readme_is_python_that_imports() -> None:
    """Its imports are run; what needs a server is only parsed."""
    for block in _blocks(_README):
        if block.info == "python":
            tree = ast.parse(block.body)
            imports = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
            exec(compile(ast.Module(imports, []), "README.md", "exec"), {})


def test_every_local_link_of_the_documents_leads_somewhere() -> None:
    """ARCHITECTURE, decisions, images: read on means that there is something to read."""
    broken = []
    for document in _DOCUMENTS:
        text = _FENCE.sub("", document.read_text("utf-8"))
        for target in re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", text):
            if "://" not in target and not (document.parent / target).exists():
                broken.append(f"{document.relative_to(_ROOT)}: {target}")

    assert broken == []


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an empty home that the README's lines share, in their order."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    """Give a shell in which `alicorn` is this environment's, and `python` too."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "LANG": "C.UTF-8",
    }


@pytest.mark.slow
def test_the_lines_of_the_readme_run_one_after_the_other(
    home: Path, environment: dict[str, str]
) -> None:
    """What a reader types first, typed here: each ends well, and says something."""
    for line in _RUN:
        if _words(line)[:2] == ["alicorn", "up"]:
            _start_and_stop(line, home, environment)
            continue
        done = subprocess.run(
            ["bash", "-euc", line],
            env=environment,
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

        assert done.returncode == 0, f"{line}: {done.stderr}"
        assert done.stdout + done.stderr, line


def _start_and_stop(line: str, home: Path, environment: dict[str, str]) -> None:
    """Run a line that serves until it is stopped; free ports, so that nobody is in its way."""
    told = home / "up.txt"
    with (
        told.open("wb") as out,
        subprocess.Popen(
            ["bash", "-euc", f"exec {line} --http-port 0 --grpc-port 0"],
            env=environment,
            cwd=home,
            stdout=out,
        ) as process,
    ):
        deadline = time.monotonic() + 120
        while "http://" not in told.read_text("utf-8") and time.monotonic() < deadline:
            assert process.poll() is None, line
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)

        assert process.wait(60) == 0, line
        assert "http://" in told.read_text("utf-8"), line
