"""The judgements of concept reach, `reach_judgements.jsonl`: what they mean, and that they hold.

One person read every pair of a name and a concept and decided with common knowledge. A concept is
right for a name if somebody who searches for the name would take a photo of the concept as an
answer, or as the sensible nearest thing of those that there are:

* the same thing (*Closet*, wardrobe), or a kind of it (*Yacht*, schooner);
* its direct broader kind while that still says what is seen (*Meyer lemon*, lemon); not food for a
  country's food, nor vehicle for a car;
* a near relative that most people call alike (*Peccary*, wild boar; *Skye terrier*, cairn);
* what is practically always seen with it (*Sword*, scabbard; *Drill bit*, power drill).

Wrong is what only shares a word (*Strawberry pie*, strawberry; *Ear pull*, ear), another sense
(*Sweet potato*, ocarina), what only belongs to the same theme (*Parking lot*, parking meter), any
flower for any other, and the living animal for its meat. In doubt a pair is wrong.

Pairs that the understanding no longer makes, or makes without some part of it, are kept.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from alicorn.command.evaluating.reach import FILE, SAMPLE, read_judgements, read_names, sample
from understanding.concepts.taxonomy import Taxonomy

JUDGEMENTS = Path(__file__).with_name("reach_judgements.jsonl")


def test_what_was_judged_are_concepts() -> None:
    """A concept of another name would be asked for again; both verdicts occur."""
    judged = read_judgements(JUDGEMENTS)
    known = set(Taxonomy.load().names)

    assert {concept for _, concept in judged} <= known
    assert set(judged.values()) == {True, False}


def test_each_pair_is_judged_once_and_in_order() -> None:
    """So a change of a verdict is one changed line."""
    lines = JUDGEMENTS.read_text(encoding="utf-8").splitlines()
    pairs = list(read_judgements(JUDGEMENTS))

    assert len(lines) == len(pairs)
    assert pairs == sorted(pairs)


@pytest.mark.data
def test_what_was_judged_are_names_of_the_sample(data_dir: Path) -> None:
    """Other names are never asked about."""
    drawn = set(sample(read_names(data_dir / FILE), SAMPLE))

    assert {name for name, _ in read_judgements(JUDGEMENTS)} <= drawn
