"""The Makefile on machines that lack something: one message, one command that helps."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("python3", "python3.14", "python3.13", "python3.12", "python3.11")

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def _run(tmp_path: Path, python: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make with ``python`` (a shell script) in the place of every Python."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in NAMES:
        (programs / name).write_text(f"#!/bin/sh\n{python}\n")
        (programs / name).chmod(0o755)
    return subprocess.run(
        ["make", "-C", str(ROOT), f"VENV={tmp_path / 'venv'}", *arguments],
        env={"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_an_old_python_is_told_with_the_package_that_helps(tmp_path: Path) -> None:
    """Before anything is made or installed."""
    done = _run(tmp_path, '[ "$1" = --version ] && echo "Python 3.9.2" || exit 1', "run")

    assert done.returncode != 0
    assert "Python 3.11 or newer, found Python 3.9.2" in done.stderr
    assert "sudo apt-get install -y python3.11 python3.11-venv" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_a_missing_venv_module_is_told_with_its_package(tmp_path: Path) -> None:
    """Debian and Ubuntu package it apart from Python."""
    without = f'case "$*" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"'
    done = _run(tmp_path, without, "test")

    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert done.returncode != 0
    assert f"sudo apt-get install -y python{version}-venv" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_make_alone_says_what_there_is() -> None:
    """The five targets, with their variables."""
    done = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, text=True, check=True)

    for target in ("make run", "PHOTOS=", "make test", "make lint", "make protos", "make bench"):
        assert target in done.stdout
