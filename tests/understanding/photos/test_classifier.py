"""The classifier: what it sees, what it gives back, and which models may take its place."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from alicorn.errors import ConfigError, CorruptData, MissingModel, ShapeError
from understanding.photos.classifier import Classifier, ClassifierConfig, preprocess
from understanding.photos.decode import decode
from understanding.photos.limits import Limits


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def lite0(cache: Path) -> Classifier:
    return Classifier.load(cache, threads=1)


def pictures(count: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Smooth random pictures, which differ more in what the network sees than noise does."""
    small = np.random.default_rng(count).integers(0, 256, (count, 7, 7, 3), dtype=np.uint8)
    return np.stack(
        [np.asarray(Image.fromarray(one).resize((224, 224), Image.Resampling.BICUBIC))
         for one in small]
    )  # fmt: skip


# ---- preprocess


@pytest.mark.parametrize(
    ("height", "width"), [(256, 256), (256, 400), (400, 256), (1, 1), (3, 640)]
)
def test_a_picture_of_any_shape_becomes_the_square_that_the_model_wants(
    height: int, width: int
) -> None:
    """Panoramas and single pixels are photos as well."""
    seen = preprocess(np.full((height, width, 3), 200, np.uint8))

    assert seen.shape == (224, 224, 3)
    assert seen.dtype == np.uint8
    assert np.all(seen == 200)


def test_the_inner_square_is_seen_and_the_border_is_not() -> None:
    """With crop 0.875 of 256 pixels, 16 on each side are left out; the centre comes unscaled."""
    picture = np.random.default_rng(1).integers(0, 256, (256, 300, 3), dtype=np.uint8)

    np.testing.assert_array_equal(picture[16:240, 38:262], preprocess(picture))


def test_one_step_agrees_with_scaling_first_and_cropping_then() -> None:
    """The textbook way makes the shorter side 256 and cuts 224 out; only borders may differ."""
    small = np.random.default_rng(2).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    picture = Image.fromarray(small).resize((640, 512), Image.Resampling.BICUBIC)
    expected = np.asarray(picture.resize((320, 256), Image.Resampling.BICUBIC))[16:240, 48:272]
    found = preprocess(np.asarray(picture))

    np.testing.assert_array_equal(expected[4:-4, 4:-4], found[4:-4, 4:-4])
    np.testing.assert_allclose(expected.astype(int), found.astype(int), atol=12)


@pytest.mark.parametrize(
    "picture",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8),
     np.zeros((4, 4, 3), np.float32)],
)  # fmt: skip
def test_what_is_no_rgb_picture_is_refused(picture: Any) -> None:
    """Grey or transparent pictures are for the decoder to turn into RGB."""
    with pytest.raises(ShapeError, match=r"needed uint8 \(height, width, 3\)"):
        preprocess(picture)


# ---- EfficientNet-Lite0


def test_probabilities_and_vectors_have_their_shapes(lite0: Classifier) -> None:
    """PS-10: floats of 1,280 dimensions come out, which are never indexed as they are."""
    probabilities, vectors = lite0.run(pictures(3))

    assert (probabilities.shape, probabilities.dtype) == ((3, 1000), np.float32)
    assert (vectors.shape, vectors.dtype) == ((3, 1280), np.float32)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert vectors.min() >= 0
    assert (lite0.classes, lite0.dimensions) == (1000, 1280)


def test_a_picture_alone_and_in_a_batch_is_the_same(lite0: Classifier) -> None:
    """What is found in a photo must not depend on its neighbours in the queue."""
    batch = pictures(5)
    together = lite0.run(batch)
    alone = [lite0.run(batch[i : i + 1]) for i in range(5)]

    for part in (0, 1):
        each = np.concatenate([one[part] for one in alone])
        np.testing.assert_allclose(together[part], each, atol=1e-5)


def test_threads_change_the_time_only(cache: Path, lite0: Classifier) -> None:
    """Workers with one core and with two must agree on the same photo."""
    batch = pictures(2)
    for one, two in zip(
        lite0.run(batch), Classifier.load(cache, threads=2).run(batch), strict=True
    ):
        np.testing.assert_allclose(one, two, atol=1e-5)


def test_no_pictures_give_no_rows(lite0: Classifier) -> None:
    """A folder whose last batch is empty is no error."""
    probabilities, vectors = lite0.run(np.empty((0, 224, 224, 3), np.uint8))

    assert probabilities.shape == (0, 1000)
    assert vectors.shape == (0, 1280)


@pytest.mark.parametrize("shape", [(224, 224, 3), (1, 3, 224, 224), (1, 192, 192, 3)])
def test_pictures_of_another_shape_are_refused(lite0: Classifier, shape: tuple[int, ...]) -> None:
    """With the shape found and the one needed, not with a message of the runtime's."""
    with pytest.raises(ShapeError, match=r"needed uint8 \(n, 224, 224, 3\)"):
        lite0.run(np.zeros(shape, np.uint8))


def test_the_runtime_is_imported_only_to_load() -> None:
    """PS-09, DB-06: whoever searches imports no image model's runtime."""
    program = (
        "import sys; import understanding.photos.classifier, understanding.photos.codes;"
        "print(sorted({'onnxruntime', 'onnx', 'torch', 'faiss'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


# ---- accuracy on photographs


def hits(
    classifier: Classifier, data: Path, photos: Sequence[dict[str, Any]]
) -> tuple[float, float]:
    """Return the shares of photos whose category is first, and among the first five."""
    first = five = 0
    for start in range(0, len(photos), 16):
        some = photos[start : start + 16]
        seen = [classifier.preprocess(decode(data / p["file"], Limits()).rgb) for p in some]
        best = np.argsort(-classifier.run(np.stack(seen))[0], axis=1)
        first += sum(best[i, 0] == p["category"] for i, p in enumerate(some))
        five += sum(p["category"] in best[i, :5] for i, p in enumerate(some))
    return first / len(photos), five / len(photos)


@pytest.fixture(scope="module")
def imagenet(data_dir: Path) -> list[dict[str, Any]]:
    with (data_dir / "photos" / "index.jsonl").open(encoding="utf-8") as lines:
        return [photo for photo in map(json.loads, lines) if photo["set"] == "imagenet"]


@pytest.mark.data
def test_a_third_of_the_imagenet_photos_is_recognised(
    lite0: Classifier, data_dir: Path, imagenet: list[dict[str, Any]]
) -> None:
    """Wrong padding, channel order or scaling costs tens of points; this sees it in seconds."""
    top1, top5 = hits(lite0, data_dir, imagenet[::3])

    assert top1 >= 0.84
    assert top5 >= 0.95


@pytest.mark.data
@pytest.mark.slow
def test_all_imagenet_photos_are_recognised_as_well_as_measured(
    lite0: Classifier, data_dir: Path, imagenet: list[dict[str, Any]]
) -> None:
    """The figures of `lite0.card.json`; `-s` prints them."""
    top1, top5 = hits(lite0, data_dir, imagenet)
    print(f"{len(imagenet)} photos, top-1 {top1:.4f}, top-5 {top5:.4f}")

    assert top1 >= 0.86
    assert top5 >= 0.966


# ---- other models


@pytest.mark.data
def test_another_classifier_works_by_configuration(
    data_dir: Path, imagenet: list[dict[str, Any]]
) -> None:
    """Float input, other output names, a background column: all by `ClassifierConfig`."""
    mobilenet = Classifier.load(
        config=ClassifierConfig(
            path=data_dir / "models" / "mobilenet_v2_nhwc.onnx",
            probability_output="prob",
            background_column=0,
        )
    )
    top1, _ = hits(mobilenet, data_dir, imagenet[::9])

    assert (mobilenet.classes, mobilenet.dimensions) == (1000, 1280)
    assert top1 >= 0.75


@pytest.fixture(scope="module")
def averages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a model of four columns: -1, and the mean of each channel; NCHW, float."""
    onnx = pytest.importorskip("onnx")
    return write_averages(onnx, tmp_path_factory.mktemp("averages") / "averages.onnx")


def write_averages(
    onnx: Any, path: Path, *, batch: int | str = "n", vector_is_output: bool = True
) -> Path:
    """Write the network of averages for batches of any or of one size."""
    helper, kinds = onnx.helper, onnx.TensorProto
    outputs = [helper.make_tensor_value_info("scores", kinds.FLOAT, [batch, 4])]
    if vector_is_output:
        outputs.append(helper.make_tensor_value_info("vector", kinds.FLOAT, [batch, 3]))
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["x"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["vector"], axis=1),
            helper.make_node("Pad", ["vector", "pads", "minus_one"], ["scores"]),
        ],
        "averages",
        [helper.make_tensor_value_info("x", kinds.FLOAT, [batch, 3, 4, 4])],
        outputs,
        [helper.make_tensor("pads", kinds.INT64, [4], [0, 1, 0, 0]),
         helper.make_tensor("minus_one", kinds.FLOAT, [], [-1.0])],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def averages_config(path: Path, **changes: Any) -> ClassifierConfig:
    settings: dict[str, Any] = {
        "path": path, "image_input": "x", "layout": "NCHW", "side": 4, "crop": 1.0,
        "probability_output": "scores", "embedding_output": "vector", "logits": True,
        "mean": (100.0, 0.0, 0.0), "scale": (0.01, 0.02, 0.03),
    }  # fmt: skip
    return ClassifierConfig(**{**settings, **changes})


@pytest.mark.train
def test_layout_normalisation_softmax_and_columns_follow_the_configuration(averages: Path) -> None:
    """The oracle is a network of averages, whose answer is a sum done by hand."""
    model = Classifier.load(config=averages_config(averages, background_column=0))
    picture = np.full((1, 4, 4, 3), (200, 50, 10), np.uint8)
    probabilities, vectors = model.run(picture)
    raised = np.exp([-1, 1.0, 1.0, 0.3])

    np.testing.assert_allclose(vectors, [[1.0, 1.0, 0.3]], atol=1e-5)
    np.testing.assert_allclose(probabilities[0], raised[1:] / raised.sum(), atol=1e-5)


@pytest.mark.train
def test_channels_may_come_in_the_other_order(averages: Path) -> None:
    """Networks from Caffe want blue first; mean and scale are in their order."""
    model = Classifier.load(config=averages_config(averages, channels="BGR"))
    _, vectors = model.run(np.full((1, 4, 4, 3), (10, 50, 200), np.uint8))

    np.testing.assert_allclose(vectors, [[1.0, 1.0, 0.3]], atol=1e-5)


@pytest.mark.train
@pytest.mark.parametrize("tensor", ["vector", "pooled"])
def test_a_vector_inside_the_graph_is_as_good_as_an_output(tmp_path: Path, tensor: str) -> None:
    """Most classifiers off the shelf give scores alone; further axes are laid flat."""
    onnx = pytest.importorskip("onnx")
    path = write_averages(onnx, tmp_path / "inner.onnx", vector_is_output=False)
    model = Classifier.load(config=averages_config(path, embedding_output=tensor))
    _, vectors = model.run(np.full((2, 4, 4, 3), (200, 50, 10), np.uint8))

    assert model.dimensions == 3
    np.testing.assert_allclose(vectors, [[1.0, 1.0, 0.3]] * 2, atol=1e-5)


@pytest.mark.train
def test_without_a_vector_the_scores_are_one(averages: Path) -> None:
    """Whatever the model says of a picture tells it from others."""
    model = Classifier.load(config=averages_config(averages, embedding_output=None))
    _, vectors = model.run(np.full((1, 4, 4, 3), (200, 50, 10), np.uint8))

    np.testing.assert_allclose(vectors, [[-1.0, 1.0, 1.0, 0.3]], atol=1e-5)


@pytest.mark.train
@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("pictures", [1, 2, 3, 4, 7])
def test_a_model_for_batches_of_one_size_agrees_with_one_for_any(
    averages: Path, tmp_path: Path, size: int, pictures: int
) -> None:
    """Exporters often fix the first axis; the last piece is filled up and cut again."""
    onnx = pytest.importorskip("onnx")
    fixed = Classifier.load(
        config=averages_config(write_averages(onnx, tmp_path / "fixed.onnx", batch=size))
    )
    batch = np.random.default_rng(pictures).integers(0, 256, (pictures, 4, 4, 3), dtype=np.uint8)
    expected = Classifier.load(config=averages_config(averages)).run(batch)

    for one, other in zip(expected, fixed.run(batch), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.train
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_input": "pixels"}, "no 'pixels', needed one of .'x'."),
        ({"embedding_output": "features"}, "no inner tensor 'features', needed one of"),
        ({"background_column": 4}, "background_column is 4, needed < 4"),
        ({"layout": "NHWC"}, r"input 'x' takes \['n', 3, 4, 4\], found layout NHWC with side 4"),
        ({"side": 8}, "with side 8, which is .n, 3, 8, 8."),
    ],
)
def test_a_configuration_that_does_not_fit_its_model_is_refused(
    averages: Path, changes: dict[str, Any], message: str
) -> None:
    """At the start, by name; not by wrong tags on every photo."""
    with pytest.raises(ConfigError, match=message):
        Classifier.load(config=averages_config(averages, **changes))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layout": "CHWN"}, "layout is 'CHWN'"),
        ({"side": 0}, "side is 0"),
        ({"crop": 0.0}, "crop is 0.0"),
        ({"crop": 1.5}, "crop is 1.5"),
        ({"mean": (1.0,)}, "needed 3 channels"),
        ({"background_column": -1}, "background_column is -1"),
        ({"channels": "RGBA"}, "channels are 'RGBA'"),
    ],
)
def test_a_configuration_that_fits_no_model_is_refused(
    settings: dict[str, Any], message: str
) -> None:
    """A frozen configuration is checked when it is made."""
    with pytest.raises(ConfigError, match=message):
        ClassifierConfig(**settings)


def test_models_that_are_absent_or_no_models_are_named(tmp_path: Path) -> None:
    """The message names the file, and which of the two it is."""
    nonsense = tmp_path / "nonsense.onnx"
    with pytest.raises(MissingModel, match=r"nonsense\.onnx"):
        Classifier.load(config=ClassifierConfig(path=nonsense))

    nonsense.write_bytes(b"nonsense")
    with pytest.raises(CorruptData, match=r"nonsense\.onnx"):
        Classifier.load(config=ClassifierConfig(path=nonsense))


def test_no_threads_are_refused(tmp_path: Path) -> None:
    """To the runtime, 0 would mean all cores: the opposite of what was asked."""
    with pytest.raises(ConfigError, match="threads is 0"):
        Classifier.load(tmp_path, threads=0)
