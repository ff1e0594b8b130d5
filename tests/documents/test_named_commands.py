"""What the documents tell people to type exists, and the files that they name are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from alicorn.command.main import app

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    *("README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md", "deploy/README.md"),
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
)
GROUPS = {"train", "evaluate", "bench", "serve"}


def code(document: str) -> list[str]:
    """Return every line of code of a document, in a block or between backticks."""
    text = (ROOT / document).read_text()
    fence = re.compile(r"^```.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
    blocks = [line for block in fence.findall(text) for line in block.splitlines()]
    return [*blocks, *re.findall(r"`([^`\n]+)`", fence.sub("", text))]


def commands() -> list[tuple[str, str]]:
    """Return each call of `alicorn`, its subcommand and long options, and who names it."""
    found = {}
    for document in DOCUMENTS:
        for line in code(document):
            if match := re.search(r"(?:^|alicorn )alicorn ([a-z][a-z-]*)((?: .*)?)$", line):
                first, rest = match[1], match[2].split()
                words = [first, rest[0]] if first in GROUPS and rest else [first]
                flags = sorted({w for w in rest if re.fullmatch(r"--[a-z-]+", w)})
                found[" ".join([*words, *flags])] = document
    return sorted((call, document) for call, document in found.items())


@pytest.mark.parametrize(("call", "document"), commands())
def test_every_named_command_and_option_exists(call: str, document: str) -> None:
    """A renamed command leaves no sentence behind that sends people astray."""
    words = [word for word in call.split() if not word.startswith("--")]
    flags = [word for word in call.split() if word.startswith("--")]
    told = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})

    assert told.exit_code == 0, document
    assert [flag for flag in flags if flag not in told.output] == [], document


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_named_make_target_exists(document: str) -> None:
    """As with commands."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {m[1] for line in code(document) if (m := re.match(r"make ([a-z]+)", line))}

    assert named <= targets


def test_every_file_that_training_makes_is_there() -> None:
    """The table of CONTRIBUTING.md names what ships, by its path."""
    table = [
        line for line in (ROOT / "CONTRIBUTING.md").read_text().splitlines() if "train" in line
    ]
    named = [
        path
        for line in table
        if line.startswith("| `")
        for path in re.findall(r"`([\w/.-]+/[\w.-]+\.\w+)`", line.split(" | ")[0])
    ]

    assert len(named) >= 8
    assert [path for path in named if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_inside_the_repository_leads_somewhere(document: str) -> None:
    """A moved file is found by whoever moved it, not by a reader."""
    text = (ROOT / document).read_text()
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)

    assert [link for link in links if not (ROOT / document).parent.joinpath(link).exists()] == []
