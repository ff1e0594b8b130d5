"""The library of captions: what is kept back, what is indexed, and what is not mixed up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alicorn.command.evaluating.caption_library import FILE, caption_library, read_captions
from alicorn.command.tiers import LocalTiers
from alicorn.errors import ConfigError, CorruptData, NotFound

CAPTIONS = {n: [f"photo {n} seen by person {p}" for p in range(5)] for n in range(1, 41)}


def written(tmp_path: Path, captions: dict[int, list[str]] = CAPTIONS) -> Path:
    path = tmp_path / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"image": n, "captions": each}) for n, each in captions.items()]
    path.write_text("\n".join(lines))
    return tmp_path


def test_one_caption_is_kept_back_and_the_others_are_indexed(tmp_path: Path) -> None:
    """The same one whenever it is read, and not the same place for every image."""
    images = read_captions(written(tmp_path) / FILE)
    places = {CAPTIONS[n].index(image.asked) for n, image in zip(CAPTIONS, images, strict=True)}

    assert images == read_captions(tmp_path / FILE)
    assert [image.key for image in images] == [f"coco/{n}" for n in CAPTIONS]
    assert all(len(image.indexed) == 4 and image.asked not in image.indexed for image in images)
    assert places == set(range(5))


def test_an_image_with_one_caption_is_left_out(tmp_path: Path) -> None:
    """There is nothing to find it by."""
    data = written(tmp_path, {1: ["a dog", " "], 2: ["a cat", "the  cat"]})

    assert [image.key for image in read_captions(data / FILE)] == ["coco/2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"image": 1}', "line 1"),
        ('{"image": 1, "captions": ["a", "b"]}\n' * 2, "an image in two lines"),
    ],
)
def test_captions_of_another_kind_are_told(tmp_path: Path, text: str, said: str) -> None:
    """With the line."""
    path = tmp_path / "captions.jsonl"
    path.write_text(text)

    with pytest.raises(CorruptData, match=said):
        read_captions(path)
    with pytest.raises(NotFound, match="found no captions at"):
        read_captions(tmp_path / "nowhere.jsonl")


def test_the_library_holds_what_is_indexed_and_is_made_once(tmp_path: Path) -> None:
    """One document an image, for everybody, without the caption that is asked for."""
    data = written(tmp_path)
    images = read_captions(data / FILE)
    library = caption_library(data, images, tmp_path / "library")
    again = caption_library(data, images, tmp_path / "library")
    with LocalTiers(again, writable=False) as tiers:
        documents = {document.uri: document for _, document in tiers.documents()}

    assert library == again
    assert {image.key: image.text for image in images} == {
        uri: document.caption for uri, document in documents.items()
    }
    with pytest.raises(ConfigError, match="is of other captions"):
        caption_library(data, images[1:], tmp_path / "library")
