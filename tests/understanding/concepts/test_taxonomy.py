"""The shipped taxonomy: classes, families, and files that are not what they should be."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest

from alicorn.errors import CorruptData, NotFound
from understanding.concepts.families import Family
from understanding.concepts.taxonomy import TAXONOMY_FILE, Concept, Taxonomy


def test_names_are_unique_lower_case_and_printable(taxonomy: Taxonomy) -> None:
    """They are the values of `tag:`, shown to people and typed by them."""
    assert len(set(taxonomy.names)) == len(taxonomy.names)
    for name in taxonomy.names:
        assert name == name.lower() == " ".join(name.split())
        assert "_" not in name


@pytest.mark.parametrize("name", ["animal", "dog", "cat", "vehicle", "bird", "food", "plant"])
def test_the_broad_concepts_that_people_ask_for_are_there(taxonomy: Taxonomy, name: str) -> None:
    """A photo of a beagle is found by `tag:dog` and by `tag:animal`."""
    assert taxonomy.concept(name).class_index is None


@pytest.mark.parametrize("name", ["entity", "object", "artifact", "whole", "instrumentality"])
def test_concepts_that_say_nothing_are_dropped(taxonomy: Taxonomy, name: str) -> None:
    """They would take the place of a tag that somebody may search for."""
    with pytest.raises(NotFound):
        taxonomy.concept(name)


def test_the_classes_are_in_the_order_of_the_classifier(taxonomy: Taxonomy) -> None:
    """One class off, and every photo is tagged wrongly; these are known of old."""
    expected = {
        0: "tench",
        151: "chihuahua",
        207: "golden retriever",
        281: "tabby",
        999: "toilet tissue",
    }

    assert expected == {index: taxonomy.names[index] for index in expected}
    assert [concept.class_index for concept in taxonomy.concepts[:1001]] == [*range(1000), None]


@pytest.mark.data
def test_the_classes_are_those_of_the_photos(taxonomy: Taxonomy, data_dir: Path) -> None:
    """The class list agrees with the labelled photos, synset by synset."""
    lines = (data_dir / "photos" / "index.jsonl").read_text("utf-8").splitlines()
    photos = [photo for line in lines if (photo := json.loads(line))["set"] == "imagenet"]

    assert len(photos) > 500
    for photo in photos:
        assert photo["wnid"] == "n" + taxonomy.concepts[photo["category"]].synset


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (134, "crane (bird)"),
        (517, "crane"),
        (264, "cardigan welsh corgi"),
        (474, "cardigan"),
        (638, "maillot (tights)"),
        (639, "maillot"),
        (657, "missile"),
        (744, "projectile"),
    ],
)
def test_categories_of_one_name_can_be_told_apart(
    taxonomy: Taxonomy, index: int, name: str
) -> None:
    """ImageNet has the same word twice for different, and for nearly the same, things."""
    assert name == taxonomy.names[index]


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("seashore", "scene"),
        ("alp", "scene"),
        ("coffee mug", "object"),
        ("tabby", "animal"),
        ("palace", "attraction"),
        ("church", "attraction"),
        ("suspension bridge", "attraction"),
        ("barn", "building"),
        ("kimono", "clothing"),
        ("running shoe", "clothing"),
        ("pizza", "food"),
        ("strawberry", "food"),
        ("espresso", "food"),
        ("daisy", "plant"),
        ("moped", "vehicle"),
        ("airliner", "vehicle"),
        ("scuba diver", "person"),
    ],
)
def test_each_concept_is_in_the_family_that_one_expects(
    taxonomy: Taxonomy, name: str, family: str
) -> None:
    """PS-08: scenes, objects, animals, attractions, clothing and more."""
    assert family == taxonomy.family[taxonomy.index_of[name]]


def test_every_family_has_leaves(taxonomy: Taxonomy) -> None:
    """PS-08: a family in which nothing can be seen would be none."""
    leaves = Counter(taxonomy.family[:1000])

    assert set(leaves) == {str(family) for family in Family}
    assert leaves["animal"] == 398
    assert leaves["object"] > 300
    for family in ("scene", "attraction", "clothing", "food", "plant", "vehicle", "building"):
        assert leaves[family] >= 10, family


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    """A taxonomy that is not the one on its card would rename tags silently."""
    shutil.copytree(str(resources.files("understanding.concepts.data")), tmp_path / "copy")
    path = tmp_path / "copy" / TAXONOMY_FILE
    path.write_text(path.read_text().replace("beagle", "eagle"))

    with pytest.raises(CorruptData, match=r"taxonomy\.json has sha256"):
        Taxonomy.load(tmp_path / "copy")


def test_an_absent_taxonomy_is_named(tmp_path: Path) -> None:
    """The message says where it was looked for."""
    with pytest.raises(NotFound, match=str(tmp_path)):
        Taxonomy.load(tmp_path)


def _concept(name: str, index: int | None, *parents: str) -> Concept:
    return Concept(
        name=name,
        synset="00000000",
        class_index=index,
        family=Family.OBJECT,
        parents=parents,
        lemmas={name: 1.0},
        gloss="",
    )


@pytest.mark.parametrize(
    ("concepts", "message"),
    [
        ([_concept("a", 0), _concept("a", 1)], "twice"),
        ([_concept("a", 1)], "order"),
        ([_concept("a", 0, "b")], "unknown parent"),
        ([_concept("a", 0), _concept("b", None)], "no leaf"),
    ],
)
def test_a_taxonomy_that_does_not_hang_together_is_refused(
    concepts: list[Concept], message: str
) -> None:
    """What is wrong is said, instead of an index out of range later."""
    with pytest.raises(CorruptData, match=message):
        Taxonomy(concepts)
