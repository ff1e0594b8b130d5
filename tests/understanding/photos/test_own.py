"""An engine that sees with somebody's own model; needs `onnx`, to make one."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from alicorn.errors import ConfigError
from understanding.photos.engine import PhotoEngine
from understanding.photos.messages import ModelChoice
from understanding.photos.model_file import ModelFile
from understanding.photos.outcome import Item, Understood
from understanding.photos.own import ready
from understanding.photos.process import Worker, WorkerConfig

pytestmark = pytest.mark.train


def chosen(model: Path) -> ModelChoice:
    return ModelChoice(str(model), ModelFile.load(model).identity())


def edit(model: Path, old: str, new: str) -> None:
    text = model.read_text("utf-8")
    assert old in text
    model.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def red(tmp_path: Path) -> Item:
    Image.new("RGB", (60, 40), (250, 20, 20)).save(tmp_path / "red.png")
    return Item(uri="red.png", path=str(tmp_path / "red.png"))


def test_a_photo_is_tagged_with_the_concepts_of_the_model_s_own_classes(
    colour_model: Path, red: Item
) -> None:
    """A class that is a leaf, its ancestors above it, and a code of the usual length."""
    (outcome,) = PhotoEngine.load(model=chosen(colour_model)).understand([red])
    assert isinstance(outcome, Understood)
    tags = {tag.concept: tag.confidence for tag in outcome.document.tags}

    assert tags["strawberry"] > 0.99 > tags["fruit"] > 0.1
    assert "artichoke" not in tags
    assert len(outcome.document.visual or b"") == 32


def test_a_worker_process_sees_with_it(colour_model: Path, red: Item) -> None:
    """The choice travels on the worker's command line."""
    with Worker(WorkerConfig(model=chosen(colour_model))) as worker:
        (outcome,) = worker.understand([red])

    assert isinstance(outcome, Understood)
    assert "strawberry" in {tag.concept for tag in outcome.document.tags[:2]}


def test_a_model_that_became_another_is_not_used(colour_model: Path) -> None:
    """Between the choice and a worker's start somebody edited a file."""
    choice = chosen(colour_model)
    edit(colour_model, "crop = 1.0", "crop = 0.5")
    with (
        Worker(WorkerConfig(model=choice)) as worker,
        pytest.raises(ConfigError, match="describes another model than the one that was chosen"),
    ):
        worker.start()


def test_logits_that_are_called_probabilities_are_noticed(colour_model: Path) -> None:
    """By the numbers: every photo's tags would be wrong."""
    edit(colour_model, "logits =", "probabilities =")
    with pytest.raises(ConfigError, match=r"'scores' holds 0..20, needed .* logits = "):
        ready(ModelFile.load(colour_model))


@pytest.mark.parametrize("lines", ["dog\ncat\n", "frog\ndog\ncat\ncar\n"])
def test_a_class_list_of_another_length_is_refused(colour_model: Path, lines: str) -> None:
    """One line a column: a line too few or too many moves every name."""
    (colour_model.parent / "classes.txt").write_text(lines, "utf-8")
    with pytest.raises(ConfigError, match=r"the model has 3; needed 3 lines"):
        ready(ModelFile.load(colour_model))


def test_a_list_with_and_a_model_without_a_background_is_explained(colour_model: Path) -> None:
    """The background's line counts."""
    edit(colour_model, "[classes]", "[classes]\nbackground = 0")
    ready_to_load = ModelFile.load(colour_model)
    assert ready_to_load.classes == ("artichoke", "lakeside")
    assert ready(ready_to_load).classifier.classes == 2

    (colour_model.parent / "classes.txt").write_text("artichoke\nlakeside\n", "utf-8")
    with pytest.raises(ConfigError, match="needed 3 lines, one a column, the background's too"):
        ready(ModelFile.load(colour_model))
