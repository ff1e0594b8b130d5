"""The Dockerfile, read line by line: what an engine would only find at the end of a long build."""

from __future__ import annotations

import ast
import importlib
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from alicorn.command.main import app
from alicorn.command.reach import is_loopback
from alicorn.config.cluster import ClusterConfig, load_cluster

dockerfile: Any = sys.modules["deploy_tests_dockerfile"]
ROOT: Path = dockerfile.ROOT
STAGES, BUILD, RUNTIME = dockerfile.STAGES, dockerfile.BUILD, dockerfile.RUNTIME
of, commands, copied = dockerfile.of, dockerfile.commands, dockerfile.copied


def test_two_stages_share_one_base() -> None:
    """What was compiled against one C library runs on the same one."""
    assert [of(stage, "FROM") for stage in STAGES] == [
        ["python:3.12-slim AS build"],
        ["python:3.12-slim"],
    ]


def test_the_python_is_one_that_the_project_supports() -> None:
    """The wheel would refuse to be installed on another."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["requires-python"] == ">=3.11"


def test_the_container_is_not_run_by_root() -> None:
    """By number, which an orchestrator can check, and before anything of ours is started."""
    (user,) = of(RUNTIME, "USER")
    words = [one.word for one in RUNTIME]

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert words.index("USER") < words.index("HEALTHCHECK") < words.index("ENTRYPOINT")
    assert "alicorn" not in [call[0] for call in commands(RUNTIME[: words.index("USER")])]


def test_nothing_is_compiled_and_no_compiler_is_left() -> None:
    """A compiler helps whoever breaks in; wheels make it needless in the build, too."""
    text = " ".join(one.rest for stage in STAGES for one in stage)

    assert not re.search(r"\b(gcc|g\+\+|build-essential|apt-get|apk)\b", text)
    assert "--only-binary :all:" in text


def test_versions_are_those_that_are_tested() -> None:
    """Every installation of packages from outside honours constraints.txt."""
    installs = [run for run in of(BUILD, "RUN") if " install " in run]

    assert len(installs) == 1
    assert "--constraint constraints.txt" in installs[0]
    assert not [run for run in of(RUNTIME, "RUN") if "pip" in run]


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_exists_and_reaches_the_build(source: str) -> None:
    """A path that was renamed breaks the build of whoever has an engine, and nobody else's."""
    let_through = (ROOT / ".dockerignore").read_text().split()

    assert (ROOT / source).exists()
    assert f"!{source}" in let_through


def test_nothing_else_reaches_the_build() -> None:
    """No photos, no library, no secret: the context is closed but for what is copied."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] != "#"]

    assert lines[0] == "*"
    assert sorted(copied()) == sorted(line[1:] for line in lines if line.startswith("!"))


def test_every_package_of_the_wheel_is_copied() -> None:
    """A new folder of the house must move in here, too."""
    find = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]

    assert {name.rstrip("*") for name in find["find"]["include"]} <= set(copied())


def alicorn_lines() -> list[list[str]]:
    """Return every call of `alicorn`: those of RUN, and the entry with its arguments."""
    runs = [words[1:] for words in commands(RUNTIME) if words[0] == "alicorn"]
    (entry,), (arguments,) = of(RUNTIME, "ENTRYPOINT"), of(RUNTIME, "CMD")
    assert json.loads(entry) == ["alicorn"]
    return [*runs, json.loads(arguments)]


@pytest.mark.parametrize("words", alicorn_lines(), ids=" ".join)
def test_every_command_and_option_exists(words: list[str]) -> None:
    """A command that was renamed would end the build, or the container at its start."""
    flags = [word for word in words if word.startswith("--")]
    subcommand = words[: words.index(flags[0])] if flags else words
    told = CliRunner().invoke(app, [*subcommand, "--help"], env={"COLUMNS": "200"})

    assert told.exit_code == 0
    assert all(flag in told.output for flag in flags)


def test_kernels_and_model_are_made_by_the_one_who_runs_them() -> None:
    """Made by root, or in a home, they would be made again at every start."""
    words = [one.word for one in RUNTIME]
    after = [part for run in of(RUNTIME[words.index("USER") :], "RUN") for part in run.split("&&")]
    (environment,) = of(RUNTIME, "ENV")
    (owned,) = [words for words in commands(RUNTIME) if words[0] == "install"]

    assert [part.split()[0] for part in after] == ["python", "alicorn"]
    assert "NUMBA_CACHE_DIR=/var/cache/alicorn/numba" in environment
    assert "XDG_CACHE_HOME=/var/cache" in environment.split()
    assert {"/var/cache/alicorn", "/library", "/photos"} <= set(owned)


def python_lines() -> list[str]:
    """Return every program that is given to Python in a line."""
    checks = [rest.partition("CMD ")[2] for rest in of(RUNTIME, "HEALTHCHECK")]
    calls = [*commands(RUNTIME), *(json.loads(check) for check in checks)]
    return [words[2] for words in calls if words[:2] == ["python", "-c"]]


@pytest.mark.parametrize("program", python_lines())
def test_what_python_is_given_can_be_imported(program: str) -> None:
    """The names inside a string are seen by no other check."""
    imported = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.ImportFrom)]

    for node in imported:
        assert node.module is not None
        module = importlib.import_module(node.module)
        assert all(hasattr(module, alias.name) for alias in node.names)


def test_the_port_and_the_health_check_are_the_page_s() -> None:
    """The check asks by a path that needs no viewer; gRPC stays inside."""
    default = ClusterConfig()
    web, grpc = (a.rpartition(":")[2] for a in (default.web_address, default.top_address))
    (exposed,), (check,) = of(RUNTIME, "EXPOSE"), of(RUNTIME, "HEALTHCHECK")

    assert exposed.split() == [web]
    assert grpc not in exposed
    assert f"'127.0.0.1', {web}" in check
    assert "'/healthz'" in check


def test_the_page_can_be_reached_from_outside_and_needs_a_key() -> None:
    """A mapped port arrives at the container's own address, where its neighbours do, too."""
    (arguments,) = of(RUNTIME, "CMD")
    words = json.loads(arguments)
    settings = ROOT / "deploy" / Path(words[words.index("--config") + 1]).name
    cluster = load_cluster(settings)

    assert f"deploy/{settings.name} {words[words.index('--config') + 1]}" in of(RUNTIME, "COPY")
    assert cluster.web_address == "0.0.0.0:8737"
    assert is_loopback(cluster.top_address)
    assert "--key" in words
    assert cluster.viewer_secret == ""


def test_photos_and_library_outlive_the_container() -> None:
    """Understanding costs hours; it must not go with a container."""
    (volumes,) = of(RUNTIME, "VOLUME")
    (arguments,) = of(RUNTIME, "CMD")

    assert json.loads(volumes) == ["/photos", "/library"]
    assert set(json.loads(volumes)) <= set(json.loads(arguments))
