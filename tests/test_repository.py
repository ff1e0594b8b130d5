"""The repository itself: what it says of machines, its layers, its documents, its public names."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from alicorn.command.main import app

_ROOT = Path(__file__).resolve().parents[1]
_ROOMS = ("alicorn", "understanding", "indexserver", "aggregator", "ranker", "webtier", "loadtest")


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "-C", str(_ROOT), "ls-files", "-z"], capture_output=True, check=True, text=True
    )
    return [_ROOT / name for name in listed.stdout.split("\0") if name and (_ROOT / name).is_file()]


def _texts() -> dict[Path, str]:
    found = {}
    for path in _tracked():
        try:
            found[path] = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
    return found


def _module(path: Path) -> str:
    return ".".join(path.relative_to(_ROOT).with_suffix("").parts).removesuffix(".__init__")


def _sources() -> list[Path]:
    """Return the tracked Python files of the rooms; generated stubs are others' style."""
    return [
        path
        for path in _tracked()
        if path.suffix == ".py"
        and path.relative_to(_ROOT).parts[0] in _ROOMS
        and path.relative_to(_ROOT).parts[:2] != ("alicorn", "api")
    ]


# ---------------------------------------------------------------- what it says

# Split, so that this file does not hold what it looks for.
_FOREIGN = {
    "a folder of one machine": r"(?<![\w.-])/(?:home|root|Users|work|tmp)/" + r"[a-z]\w+",
    "a left-over mark": r"(?:#|//|/\*)\s*(?:" + "TO" + "DO|FIX" + "ME|X" + "XX" + r")\b",
    "an index of one's own": r"(?:extra-)?index" + r"-url|PIP_IND" + "EX",
    "a key": r"-----BEGIN [A-Z ]*PRIVATE " + "KEY|gh" + r"[pousr]_\w{30}",
}


@pytest.mark.parametrize("what", _FOREIGN)
def test_no_tracked_file_holds_what_belongs_to_one_machine(what: str) -> None:
    """Paths, indexes and marks of whoever wrote it mean nothing to whoever reads it."""
    pattern = re.compile(_FOREIGN[what])
    found = [
        f"{path.relative_to(_ROOT)}: {match[0]}"
        for path, text in _texts().items()
        if (match := pattern.search(text))
    ]

    assert found == []


def test_every_text_file_is_utf_8_with_unix_lines_and_an_end() -> None:
    """Diffs stay about what changed."""
    wrong = [
        str(path.relative_to(_ROOT))
        for path, text in _texts().items()
        if "\r" in text
        or (text and not text.endswith("\n") and path.suffix in {".py", ".md", ".toml"})
    ]

    assert wrong == []


# ---------------------------------------------------------------- layout


def test_every_folder_of_the_house_says_what_it_is() -> None:
    """The folder tree is the architecture: each has a docstring, and its public names if any."""
    wrong = []
    for folder in sorted({path.parent for path in _sources()}):
        init = folder / "__init__.py"
        tree = ast.parse(init.read_text("utf-8")) if init.is_file() else ast.Module([], [])
        is_data = [path.name for path in folder.glob("*.py")] == ["__init__.py"]
        if not ast.get_docstring(tree) or (_listed(tree) is None and not is_data):
            wrong.append(str(folder.relative_to(_ROOT)))

    assert wrong == []


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) else []


def test_no_file_is_named_after_nothing() -> None:
    """One concept a file, named after it."""
    nameless = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}

    assert [str(path) for path in _sources() if path.name in nameless] == []


def _listed(tree: ast.Module) -> list[str] | None:
    """Return what `__all__` has; None without one."""
    for node in tree.body:
        value = getattr(node, "value", None)
        names = {target.id for target in _targets(node) if isinstance(target, ast.Name)}
        if "__all__" in names and isinstance(value, ast.List | ast.Tuple):
            return [ast.literal_eval(element) for element in value.elts]
    return None


def _trees() -> dict[str, tuple[Path, ast.Module]]:
    return {_module(path): (path, ast.parse(path.read_text("utf-8"))) for path in _sources()}


def test_every_name_in_all_exists_and_stands_there_once() -> None:
    """`__all__` is what a reader trusts."""
    wrong = []
    for module, (path, tree) in _trees().items():
        defined = {node.name for node in ast.walk(tree) if isinstance(node, _DEFINES)}
        assigned = {
            target.id
            for node in tree.body
            for target in _targets(node)
            if isinstance(target, ast.Name)
        }
        imported = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        parts = (
            {entry.stem for entry in path.parent.iterdir()} if path.stem == "__init__" else set()
        )
        listed = _listed(tree) or []
        wrong += [f"{module}.{n}" for n in listed if listed.count(n) > 1]
        wrong += [f"{module}.{n}" for n in listed if n not in defined | assigned | imported | parts]

    assert wrong == []


def _room(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[: 2 if parts[0] == "alicorn" else 1])


_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def test_every_name_that_another_room_uses_is_listed() -> None:
    """Public is what others import: used, and not in `__all__`, is a promise that nobody made."""
    trees = _trees()
    lists = {module: _listed(tree) for module, (_, tree) in trees.items()}
    packages = {module for module, (path, _) in trees.items() if path.stem == "__init__"}
    wrong = set()
    for module, (_, tree) in trees.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or node.module not in lists:
                continue
            if _room(node.module) == _room(module):
                continue
            for alias in node.names:
                is_module = node.module in packages and f"{node.module}.{alias.name}" in lists
                listed = lists[node.module]
                if not is_module and (listed is None or alias.name not in listed):
                    wrong.add(f"{module}: {node.module}.{alias.name}")

    assert not wrong, "; ".join(sorted(wrong))


def test_the_layers_hold() -> None:
    """Imports run one way, and the index server and the aggregator meet in protos only."""
    linter = Path(sys.executable).with_name("lint-imports")
    if not linter.is_file():
        pytest.skip("import-linter is not installed")
    done = subprocess.run(
        [str(linter), "--no-cache"], cwd=_ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


def test_only_the_command_speaks_to_people() -> None:
    """Packages log and raise; stdout belongs to the command's answer."""
    printing = [
        _module(path)
        for path in _sources()
        if "command" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]

    assert printing == []


# ---------------------------------------------------------------- the command


def _commands() -> dict[str, typer.core.TyperCommand | typer.core.TyperGroup]:
    found: dict[str, typer.core.TyperCommand | typer.core.TyperGroup] = {}

    def walk(group: typer.core.TyperGroup, above: str) -> None:
        for name, command in group.commands.items():
            found[f"{above}{name}"] = command
            if isinstance(command, typer.core.TyperGroup):
                walk(command, f"{above}{name} ")

    walk(typer.main.get_group(app), "")
    return found


@pytest.mark.parametrize("name", _commands())
def test_every_subcommand_has_help(name: str) -> None:
    """Somebody who only has the command must find the way."""
    result = CliRunner().invoke(app, [*name.split(), "--help"])

    assert result.exit_code == 0
    assert "Usage: " in result.output
    assert _commands()[name].help


def test_the_promised_subcommands_are_there() -> None:
    """The list of the first path through the house."""
    promised = {"up", "index", "search", "explain", "status", "train", "bench", "evaluate"}

    assert promised <= set(_commands())


# ---------------------------------------------------------------- documents


def test_the_changelog_keeps_its_headings() -> None:
    """Keep a Changelog: who upgrades looks for these words."""
    text = (_ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))

    assert text.startswith("# Changelog\n")
    assert versions[0] == "[Unreleased]" or re.match(r"\[\d+\.\d+\.\d+", versions[0])
    assert kinds
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_licence_is_apache_2() -> None:
    """As pyproject.toml and the README say."""
    text = (_ROOT / "LICENSE").read_text("utf-8")

    assert "Apache License" in text[:200]
    assert "Version 2.0, January 2004" in text[:300]
    assert 'license = "Apache-2.0"' in (_ROOT / "pyproject.toml").read_text("utf-8")


_ROWS = [*(f"PS-{n:02d}" for n in range(1, 50)), *(f"DB-{n:02d}" for n in range(1, 14))]


def _requirements() -> dict[str, str]:
    """Return the line of each row of docs/requirements.md."""
    text = (_ROOT / "docs" / "requirements.md").read_text("utf-8")
    return {
        match[1]: match[0]
        for match in re.finditer(r"^\| ?((?:PS|DB)-\d\d) ?\|.*$", text, re.MULTILINE)
    }


@pytest.mark.parametrize("row", _ROWS)
def test_every_requirement_has_its_test_or_says_not_yet(row: str) -> None:
    """Every row of both papers is there; every test that is named exists."""
    lines = _requirements()
    assert row in lines
    named = re.findall(r"`(tests/[^`:]+)(?:::[^`]+)?`", lines[row])

    assert named or "not yet" in lines[row]
    assert [path for path in named if not (_ROOT / path).exists()] == []


def test_the_requirements_have_no_other_rows() -> None:
    """A mistyped id would look like a requirement that is met."""
    assert sorted(_requirements()) == sorted(_ROWS)


def test_the_decisions_are_numbered_and_whole() -> None:
    """Context, decision, consequences, status: half a page each."""
    decisions = sorted((_ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(path.name[:3]) for path in decisions]

    assert numbers == list(range(1, len(decisions) + 1))
    for path in decisions:
        text = path.read_text("utf-8")
        for part in ("Context.", "Decision.", "Consequences.", "Status."):
            assert f"**{part}**" in text, f"{path.name} has no {part}"
