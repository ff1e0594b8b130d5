"""The table of what labels stand for, against the photos' folders and WordNet itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ranker.evaluation.caltech101 import synsets_of_labels
from understanding.concepts.wordnet import read_synsets


def test_every_label_has_one_offset() -> None:
    """Eight digits, as ImageNet's ids are; two labels may be one thing."""
    table = synsets_of_labels()

    assert len(table) == 96
    assert all(len(offset) == 8 and offset.isdigit() for offset in table.values())
    assert table["cougar_face"] == table["cougar_body"] == "02125311"


@pytest.mark.data
def test_the_table_knows_every_label_of_the_photos(data_dir: Path) -> None:
    """But for four that WordNet has no word for; and every offset is a synset there."""
    lines = (data_dir / "photos" / "index.jsonl").read_text().splitlines()
    photos = [json.loads(line) for line in lines]
    labels = {Path(photo["file"]).parent.name for photo in photos if photo["set"] == "caltech101"}
    synsets = read_synsets(data_dir / "wordnet" / "data.noun.gz")

    assert labels - synsets_of_labels().keys() == {
        *("ceiling_fan", "garfield", "stop_sign", "yin_yang")
    }
    assert synsets_of_labels().keys() <= labels
    assert set(synsets_of_labels().values()) <= synsets.keys()
    assert "dalmatian" in synsets[synsets_of_labels()["dalmatian"]].lemmas
