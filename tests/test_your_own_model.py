"""`docs/your-own-model.md`: its commands are run and its settings are those that there are."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from understanding.photos import model_file
from understanding.photos.model_file import ModelFile
from understanding.photos.own import ready

_DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "your-own-model.md"
_TEXT = _DOCUMENT.read_text("utf-8")


def _blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}[^\n]*\n(.*?)^```$", _TEXT, re.MULTILINE | re.DOTALL)


def _commands() -> list[str]:
    """Return what a reader types, but the installation."""
    lines = [line for block in _blocks("sh") for line in block.splitlines() if line]
    return [line for line in lines if not line.startswith("pip ")]


def _settings(kind: Any, table: str) -> dict[str, Any]:
    """Return every setting of a table by its full name, with its default."""
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.name in {"input", "output", "classes", "codes"} and not table:
            continue
        found[f"{table}{field.name}"] = field.default
    return found


def test_every_setting_is_in_the_table_and_nothing_else() -> None:
    """A setting that is not told is not found."""
    expected: dict[str, Any] = {}
    for kind, table in (
        (model_file._File, ""),
        (model_file._Input, "input."),
        (model_file._Output, "output."),
        (model_file._Classes, "classes."),
        (model_file._Codes, "codes."),
    ):
        expected |= _settings(kind, table)
    rows = [line for line in _TEXT.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([a-z0-9_.]+)`", row.split("|")[1])}

    assert told == set(expected)
    for row in rows:
        cells = row.split("|")
        names, values = (re.findall(r"`([^`]+)`", cell) for cell in cells[1:3])
        for name, value in zip(names, values, strict=False):
            said = msgspec.toml.decode(f"x = {value}".encode())["x"]
            default = expected[name]
            assert said == (list(default) if isinstance(default, tuple) else default), name


def test_each_example_is_one_that_can_be_read(tmp_path: Path) -> None:
    """Whole or as a part of the first one, with a class list that has a line for a background."""
    whole, entering, codes = _blocks("toml")
    (tmp_path / "mobilenet_v2.onnx").write_bytes(b"a graph")
    (tmp_path / "classes.txt").write_text("background\ndog\n", "utf-8")
    again = re.sub(r"\[input\]\n.*?\n\n", entering + "\n", whole, flags=re.DOTALL)
    for text in (whole, whole + codes, again):
        (tmp_path / "model.toml").write_text(text, "utf-8")
        assert ModelFile.load(tmp_path / "model.toml").classes == ("dog",)
    assert ModelFile.load(tmp_path / "model.toml").config.layout == "NCHW"


@pytest.mark.data
def test_the_first_example_is_a_model_that_works(tmp_path: Path, data_dir: Path) -> None:
    """The second classifier of the development data, described as the document has it."""
    lines = (_DOCUMENT.parents[1] / "understanding/concepts/data/classes.txt").read_text()
    (tmp_path / "classes.txt").write_text("background\n" + lines, "utf-8")
    (tmp_path / "mobilenet_v2.onnx").symlink_to(data_dir / "models" / "mobilenet_v2_nhwc.onnx")
    (tmp_path / "model.toml").write_text(_blocks("toml")[0], "utf-8")
    own = ready(ModelFile.load(tmp_path / "model.toml"))

    assert (own.classifier.classes, own.classifier.dimensions) == (1000, 1280)
    assert own.coder.bits == 256


class _Reader:
    """Somebody who follows the document, with a model of their own and some pictures."""

    def __init__(self, home: Path, folder: Path) -> None:
        self._folder = folder
        self._environment = {
            **os.environ,
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_STATE_HOME": str(home / "state"),
        }

    def types(self, line: str) -> str:
        """Run a command to its end; return what it said."""
        done = subprocess.run(
            self._words(line), cwd=self._folder, env=self._environment, timeout=240, text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}: {done.stderr}"
        return done.stdout + done.stderr

    def serves(self, line: str) -> str:
        """Start a command, wait for its address, stop it; return its first line."""
        words = [*self._words(line), "--http-port", "0", "--grpc-port", "0"]
        with subprocess.Popen(
            words, cwd=self._folder, env=self._environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        return first

    def _words(self, line: str) -> list[str]:
        home = self._environment["HOME"]
        words = [word.replace("~", home) for word in shlex.split(line)]
        assert words[0] == "alicorn"
        return [sys.executable, "-m", "alicorn.command", *words[1:]]


@pytest.mark.train
@pytest.mark.slow
def test_the_commands_do_what_the_document_says(colour_model: Path, tmp_path: Path) -> None:
    """In their order, in the model's folder; the codes are trained on pictures that differ."""
    pytest.importorskip("faiss")
    pictures = tmp_path / "home" / "Pictures"
    pictures.mkdir(parents=True)
    generator = np.random.default_rng(1)
    for number in range(300):
        small = generator.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        small[..., 0] //= 4
        Image.fromarray(small).resize((48, 36)).save(pictures / f"{number}.png")
    Image.new("RGB", (48, 36), (250, 20, 20)).save(pictures / "red.png")
    reader = _Reader(tmp_path / "home", colour_model.parent)
    index, search, up, train = _commands()

    trained = reader.types(train)
    assert '[codes]\nfile = "codes/itq.npz"' in trained
    indexed = reader.types(index)
    assert "301 understood" in indexed
    assert "its visual codes are random planes" in indexed
    assert "red.png" in reader.types(search)
    assert "http://127.0.0.1:" in reader.serves(up)
    with colour_model.open("a", encoding="utf-8") as file:
        file.write(_blocks("toml")[2])
    own = ready(ModelFile.load(colour_model))
    assert own.coder.name.startswith("itq-256-")
