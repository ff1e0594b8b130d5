"""`model.toml`: what it may say, what is refused, and when two models are the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from alicorn.errors import ConfigError, MissingModel
from understanding.photos.codes import Itq, Lsh
from understanding.photos.model_file import ModelFile

TEXT = """\
name = "Mine"
licence = "MIT"
file = "mine.onnx"
[input]
name = "pixels"
[output]
probabilities = "p"
[classes]
file = "classes.txt"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Describe a model whose graph is never run."""
    (tmp_path / "mine.onnx").write_bytes(b"a graph")
    (tmp_path / "classes.txt").write_text("dog\ncat\n", "utf-8")
    (tmp_path / "model.toml").write_text(TEXT, "utf-8")
    return tmp_path


def changed(folder: Path, old: str, new: str) -> ModelFile:
    """Return the model with ``old`` replaced in its description."""
    assert old in TEXT
    (folder / "model.toml").write_text(TEXT.replace(old, new), "utf-8")
    return ModelFile.load(folder / "model.toml")


def test_the_least_that_must_be_said_is_enough(folder: Path) -> None:
    """Everything else has the value that most classifiers have."""
    model = ModelFile.load(folder / "model.toml")

    assert (model.name, model.licence, model.classes) == ("Mine", "MIT", ("dog", "cat"))
    assert (model.known, model.dropped, model.codes) == (2, 0, None)
    assert model.config.path == folder / "mine.onnx"
    assert (model.config.layout, model.config.channels, model.config.side) == ("NHWC", "RGB", 224)
    assert model.config.raw
    assert model.config.embedding_output is None


@pytest.mark.parametrize(
    ("low", "high", "mean", "std"),
    [
        (0.0, 1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        (-1.0, 1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
        (0.0, 255.0, (123.7, 116.3, 103.5), (58.4, 57.1, 57.4)),
    ],
)
def test_bytes_enter_as_the_training_scripts_say(
    folder: Path,
    low: float,
    high: float,
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
) -> None:
    """PyTorch's, TensorFlow's and Caffe's conventions, by the formula that is documented."""
    said = f"range = [{low}, {high}]\nmean = {list(mean)}\nstd = {list(std)}"
    config = changed(folder, 'name = "pixels"', f'name = "pixels"\n{said}').config
    pixel = np.array([7.0, 130.0, 251.0])
    expected = (low + pixel * (high - low) / 255 - np.array(mean)) / np.array(std)

    np.testing.assert_allclose((pixel - config.mean) * config.scale, expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "Mine"', 'nam = "Mine"', "unknown field `nam`.*docs/your-own-model.md"),
        ('licence = "MIT"\n', "", "missing required field `licence`"),
        ("[output]", "[output", "model.toml"),
        ('name = "pixels"', 'name = "pixels"\nside = "big"', "Expected `int`, got `str`"),
        ('name = "pixels"', 'name = "pixels"\nlayout = "CHWN"', "Invalid enum value 'CHWN'"),
        ('name = "pixels"', 'name = "pixels"\ncrop = 2.0', "crop is 2.0"),
        ('name = "pixels"', 'name = "pixels"\nrange = [1, 1]', r"range is \[1, 1\]"),
        ('name = "pixels"', 'name = "pixels"\nstd = [1, 0, 1]', "needed numbers other than 0"),
        ('probabilities = "p"', 'vector = "v"', "one of probabilities and logits"),
        ('probabilities = "p"', 'probabilities = "p"\nlogits = "l"', "one of prob"),
        ('file = "classes.txt"', 'file = "none.txt"', "none.txt unreadable"),
        (
            'file = "classes.txt"',
            'file = "classes.txt"\nbackground = -1',
            "background_column is -1",
        ),
    ],
)
def test_what_is_wrong_is_named(folder: Path, old: str, new: str, told: str) -> None:
    """A setting that is passed over would be looked for in the results."""
    with pytest.raises(ConfigError, match=told):
        changed(folder, old, new)


def test_a_model_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The first thing that goes wrong."""
    with pytest.raises(ConfigError, match=r"cannot read the model file .*absent\.toml"):
        ModelFile.load(tmp_path / "absent.toml")


def test_unknown_classes_are_refused_and_shown(folder: Path) -> None:
    """A few of them, where they stand, how many, and what to do."""
    lines = ["dog", *(f"gadget {n}" for n in range(9)), "cat"]
    (folder / "classes.txt").write_text("\n".join(lines), "utf-8")

    with pytest.raises(ConfigError, match=r"9 of 11 classes .*line 2 'gadget 0'.*….*\"drop\""):
        ModelFile.load(folder / "model.toml")


def test_unknown_classes_are_dropped_where_that_is_asked_for(folder: Path) -> None:
    """They keep their columns, so that the others keep theirs."""
    (folder / "classes.txt").write_text("gadget\ndog\nwidget\n", "utf-8")
    model = changed(folder, 'file = "classes.txt"', 'file = "classes.txt"\nunknown = "drop"')

    assert model.classes == (None, "dog", None)
    assert (model.known, model.dropped) == (1, 2)


def test_a_list_without_any_concept_is_refused_all_the_same(folder: Path) -> None:
    """It is the wrong file."""
    (folder / "classes.txt").write_text("gadget\nwidget\n", "utf-8")
    with pytest.raises(ConfigError, match="found no concept in 2 lines"):
        changed(folder, 'file = "classes.txt"', 'file = "classes.txt"\nunknown = "drop"')


def test_the_background_has_a_line_and_is_no_class(folder: Path) -> None:
    """Whatever the line says: lists have "background", "none" or nothing there."""
    (folder / "classes.txt").write_text("dog\n???\ncat\n", "utf-8")
    model = changed(folder, 'file = "classes.txt"', 'file = "classes.txt"\nbackground = 1')

    assert model.classes == ("dog", "cat")


def test_another_file_than_the_one_meant_is_refused(folder: Path) -> None:
    """A download that was cut, or a newer version."""
    sha256 = hashlib.sha256(b"a graph").hexdigest()
    assert changed(folder, "[input]", f'sha256 = "{sha256.upper()}"\n[input]').name == "Mine"

    (folder / "mine.onnx").write_bytes(b"another graph")
    with pytest.raises(MissingModel, match=f"needed {sha256.upper()} by .*model.toml"):
        ModelFile.load(folder / "model.toml")
    (folder / "mine.onnx").unlink()
    with pytest.raises(MissingModel, match=r"no model at .*mine\.onnx"):
        ModelFile.load(folder / "model.toml")


# ---- identity


def test_what_changes_no_tag_changes_no_identity(folder: Path, tmp_path: Path) -> None:
    """Names are for people, and a folder may move."""
    before = ModelFile.load(folder / "model.toml").identity()
    (folder / "classes.txt").write_text("n02084071\ncat\n", "utf-8")

    assert changed(folder, 'name = "Mine"', 'name = "Yours"').identity() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "pixels"', 'name = "pixels"\nmean = [1, 0, 0]'),
        ('name = "pixels"', 'name = "pixels"\nside = 192'),
        ('name = "pixels"', 'name = "pixels"\nchannels = "BGR"'),
        ('probabilities = "p"', 'logits = "p"'),
        ('probabilities = "p"', 'probabilities = "p"\nvector = "v"'),
    ],
)
def test_what_changes_tags_or_codes_changes_the_identity(folder: Path, old: str, new: str) -> None:
    """Photos of both would not be comparable."""
    before = ModelFile.load(folder / "model.toml").identity()

    assert changed(folder, old, new).identity() != before


def test_files_count_by_their_content(folder: Path) -> None:
    """The graph, the numbers beside it, the classes and the trained codes."""
    codes = Itq(np.zeros(8), np.ones((8, 256), np.int8))
    seen = {ModelFile.load(folder / "model.toml").identity()}
    for name, content in (
        ("mine.onnx", b"another graph"),
        ("mine.onnx.data", b"numbers"),
        ("mine.onnx.data", b"other numbers"),
        ("classes.txt", b"cat\ndog\n"),
    ):
        (folder / name).write_bytes(content)
        seen.add(ModelFile.load(folder / "model.toml").identity())
    codes.save(folder / "itq.npz")
    seen.add(changed(folder, "[classes]", '[codes]\nfile = "itq.npz"\n[classes]').identity())

    assert len(seen) == 6


# ---- codes


def test_without_trained_codes_planes_are_random_and_fit(folder: Path) -> None:
    """Of any number of dimensions, and the same on every machine."""
    coder = ModelFile.load(folder / "model.toml").coder(17)

    assert (coder.dimensions, coder.bits) == (17, 256)
    assert coder.name == Lsh(0, 256, 17, balanced=True).name


def test_codes_that_were_trained_for_another_model_are_refused(folder: Path) -> None:
    """The shipped ones are for 1,280 numbers; the message has the command that makes others."""
    from understanding.photos import codes  # noqa: PLC0415

    shipped = Path(codes.__file__).parent / "models" / "itq.npz"
    model = changed(folder, "[classes]", f'[codes]\nfile = "{shipped}"\n[classes]')

    assert model.coder(1280).name == Itq.load().name
    with pytest.raises(ConfigError, match=r"256 of 8; train one: alicorn train itq .*--model"):
        model.coder(8)
