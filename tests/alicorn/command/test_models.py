"""`--model`: a library keeps to the model that understood it, and says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from alicorn.command.library import Library, ModelRecord, open_library
from alicorn.command.main import app
from alicorn.command.models import choice_of, with_model
from alicorn.command.opening import make_library
from alicorn.documents import PhotoDocument
from alicorn.errors import ConfigError
from alicorn.log import PutDocument, PutPerson, SqliteLog

COLOURS = {"red": (250, 20, 20), "green": (20, 250, 20), "blue": (20, 20, 250)}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Make one picture of each colour that the model knows."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, colour in COLOURS.items():
        Image.new("RGB", (60, 40), colour).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def library(photos: Path, tmp_path: Path) -> Library:
    """Make a library that holds nothing yet."""
    return make_library(photos, tmp_path / "library")


def alicorn(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "300"})


def publish(library: Library) -> None:
    """Write what indexing writes: people first, then a photo."""
    log = SqliteLog(library.log_path)
    log.append(
        [PutPerson(1, "Ada"), PutDocument(PhotoDocument(uri="a.jpg", content_hash=b"a" * 32))]
    )
    log.close()


def test_a_library_file_of_before_stays_readable(library: Library) -> None:
    """It has no word of a model, and was understood by the one that ships."""
    file = library.path / "library.json"
    written = json.loads(file.read_text())
    assert written.pop("model") is None
    file.write_text(json.dumps(written))

    assert open_library(library.path).settings == library.settings
    assert choice_of(library) is None


def test_without_the_option_a_library_keeps_to_what_it_has(library: Library) -> None:
    """Nothing is written, nothing is loaded."""
    assert with_model(library, None) is library


@pytest.mark.train
def test_the_model_is_noted_and_used_from_then_on(library: Library, colour_model: Path) -> None:
    """Whoever fills the library next need not name it again."""
    made = with_model(library, colour_model)
    choice = choice_of(open_library(library.path))

    assert open_library(library.path).settings == made.settings
    assert choice is not None
    assert choice.path == str(colour_model)


@pytest.mark.train
def test_photos_of_the_shipped_model_are_not_continued_with_another(
    library: Library, colour_model: Path
) -> None:
    """The message has the next step; the library stays as it was."""
    publish(library)
    with pytest.raises(
        ConfigError, match=r"by the model that ships, found Colours .* --library NEW"
    ):
        with_model(library, colour_model)

    assert open_library(library.path).settings.model is None


@pytest.mark.train
def test_a_model_that_was_changed_is_another(library: Library, colour_model: Path) -> None:
    """While the library is empty it may; once photos were understood it may not."""
    made = with_model(library, colour_model)
    text = colour_model.read_text("utf-8")
    colour_model.write_text(text.replace("crop = 1.0", "crop = 0.9"), "utf-8")
    made = with_model(made, colour_model)
    publish(made)
    colour_model.write_text(text, "utf-8")

    with pytest.raises(ConfigError, match=r"were understood by Colours .*found Colours"):
        with_model(made, colour_model)


@pytest.mark.train
def test_a_model_that_moved_is_found_by_the_option(library: Library, colour_model: Path) -> None:
    """It is the same by its content; without the option its old place is named."""
    made = with_model(library, colour_model)
    publish(made)
    moved = Path(shutil.move(colour_model.parent, colour_model.parents[1] / "elsewhere"))
    with pytest.raises(ConfigError, match=r"by Colours, found nothing at .*colours.* --model FILE"):
        choice_of(made)

    again = with_model(made, moved / "model.toml")
    assert choice_of(again) is not None


@pytest.mark.train
def test_a_model_that_does_not_work_is_not_noted(library: Library, colour_model: Path) -> None:
    """Else the next run, without the option, would stumble over it."""
    (colour_model.parent / "classes.txt").write_text("dog\ncat\n", "utf-8")
    with pytest.raises(ConfigError, match="needed 3 lines"):
        with_model(library, colour_model)

    assert open_library(library.path).settings.model is None


def test_a_run_that_began_with_another_model_is_ended(library: Library) -> None:
    """Two processes opened an empty library; the second one chose a model for it."""
    record = ModelRecord(name="Mine", licence="MIT", path="/none/model.toml", identity="0" * 32)
    stale = Library(library.path, open_library(library.path).settings)
    written = json.loads((library.path / "library.json").read_text())
    written["model"] = {name: getattr(record, name) for name in record.__struct_fields__}
    (library.path / "library.json").write_text(json.dumps(written))

    with pytest.raises(ConfigError, match="has got another model meanwhile"):
        choice_of(stale)


@pytest.mark.train
def test_photos_are_found_by_what_one_s_own_model_sees(
    photos: Path, colour_model: Path, tmp_path: Path
) -> None:
    """The whole way: `alicorn index --model`, then a search without the model's files."""
    library = tmp_path / "mine"
    where = ("--photos", photos, "--library", library)
    indexed = alicorn("index", *where, "--model", colour_model, "--workers", "1")
    again = alicorn("index", *where, "--workers", "1", "--json")
    shutil.rmtree(colour_model.parent)
    found = alicorn("search", "strawberry", "--library", library, "--json", "--no-cutoff")

    assert indexed.exit_code == 0, indexed.output
    assert "understood by Colours (CC0-1.0): 3 classes are concepts" in indexed.output
    assert "its visual codes are random planes" in indexed.output
    assert json.loads(again.stdout)["known"] == 3
    hits = [hit for module in json.loads(found.stdout)["modules"] for hit in module["photos"]]
    assert hits[0]["uri"] == "red.png"
    refused = alicorn("index", *where, "--workers", "1")
    assert refused.exit_code == 2
    assert "say where its model.toml is with --model FILE" in " ".join(refused.output.split())


_MOBILENET = """\
name = "MobileNetV2"
licence = "Apache-2.0"
file = "{file}"
[input]
name = "image"
[output]
probabilities = "prob"
vector = "embedding"
[classes]
file = "{labels}"
background = 0
unknown = "drop"
"""


@pytest.mark.data
@pytest.mark.slow
def test_a_second_real_classifier_finds_real_photos_by_its_own_labels(
    data_dir: Path, tmp_path: Path
) -> None:
    """Float input, a background column, and labels in words, of which two could be two things."""
    models = data_dir / "models"
    model = tmp_path / "model.toml"
    labels = models / "mobilenet_v2_nhwc.labels.txt"
    model.write_text(
        _MOBILENET.format(file=models / "mobilenet_v2_nhwc.onnx", labels=labels), "utf-8"
    )
    photos = tmp_path / "photos"
    photos.mkdir()
    with (data_dir / "photos" / "index.jsonl").open(encoding="utf-8") as lines:
        known = [one for one in map(json.loads, lines) if one["set"] == "imagenet"][::28]
    for number, one in enumerate(known):
        # A name that says nothing: what is found is found by what the model sees.
        shutil.copy(data_dir / one["file"], photos / f"{number}.jpg")
    library = tmp_path / "library"
    indexed = alicorn("index", "--photos", photos, "--library", library, "--model", model)
    first = 0
    for number, one in enumerate(known):
        query = one["label"].replace("_", " ")
        found = alicorn("search", query, "--library", library, "--json", "--no-cutoff")
        hits = [hit for module in json.loads(found.stdout)["modules"] for hit in module["photos"]]
        first += bool(hits) and hits[0]["uri"] == f"{number}.jpg"

    assert indexed.exit_code == 0, indexed.output
    assert "998 classes are concepts, 2 are dropped" in indexed.output
    assert first >= 0.75 * len(known)
