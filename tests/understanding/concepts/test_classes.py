"""Class lists of other classifiers: which concept a line means, and what a photo is tagged with."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.concepts.classes import ClassTags, concepts_of
from understanding.concepts.taxonomy import Taxonomy

TAXONOMY = Taxonomy.load()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("n02099601", "golden retriever"),
        ("02099601", "golden retriever"),
        ("02099601-n", "golden retriever"),
        ("n02084071", "dog"),
        ("n00000001", None),
        ("golden retriever", "golden retriever"),
        ("Golden_Retriever", "golden retriever"),
        ("tench, Tinca tinca", "tench"),
        ("Carassius auratus", "goldfish"),
        ("automobile", "car"),
        ("crane", "crane"),
        ("crane (bird)", "crane (bird)"),
        ("nothing of the kind", None),
        ("", None),
    ],
)
def test_a_line_is_an_id_or_a_name(line: str, expected: str | None) -> None:
    """Leaves and ancestors alike, as others write them."""
    assert concepts_of([line], TAXONOMY) == (expected,)


def test_ids_of_all_categories_are_all_leaves_in_their_order() -> None:
    """The list that ImageNet's classifiers have."""
    lines = resources.files("understanding.concepts.data").joinpath("classes.txt").read_text()

    assert concepts_of(lines.split(), TAXONOMY) == tuple(TAXONOMY.names[:1000])


def test_one_name_in_two_lines_is_no_name_for_either() -> None:
    """ImageNet has two cranes; by their ids they are told apart."""
    assert concepts_of(["crane", "Crane", "frog"], TAXONOMY) == (None, None, "frog")
    assert concepts_of(["n02012849", "n03126707"], TAXONOMY) == ("crane (bird)", "crane")


@pytest.mark.data
def test_the_labels_of_a_real_classifier_are_found_by_their_words(data_dir: Path) -> None:
    """Words, synonyms and commas; what they leave open is left out rather than guessed."""
    path = data_dir / "models" / "mobilenet_v2_nhwc.labels.txt"
    found = concepts_of(path.read_text("utf-8").splitlines()[1:], TAXONOMY)
    right = sum(one == name for one, name in zip(found, TAXONOMY.names[:1000], strict=True))

    assert right >= 995
    assert found.count(None) == 2


# ---- tags


def slow_confidences(
    classes: Sequence[str | None], probabilities: np.ndarray[tuple[int], np.dtype[np.float32]]
) -> dict[str, float]:
    """Walk up from every class, adding its probability to each concept on the way once."""
    sums: dict[str, float] = {}
    for name, probability in zip(classes, probabilities.tolist(), strict=True):
        above = {name} if name is not None else set()
        while True:
            more = above | {p for one in above for p in TAXONOMY.concept(one).parents}
            if more == above:
                break
            above = more
        for one in above:
            sums[one] = sums.get(one, 0.0) + probability
    return {
        name: min(1.0, total / len(TAXONOMY.leaves_below[TAXONOMY.index_of[name]]) ** 0.5)
        for name, total in sums.items()
    }


some_classes = st.lists(
    st.one_of(st.none(), st.sampled_from(TAXONOMY.names)), min_size=1, max_size=8
).filter(any)


@given(classes=some_classes, seed=st.integers(0, 1000))
def test_tags_agree_with_a_walk_from_every_class(classes: list[str | None], seed: int) -> None:
    """Ancestors as classes, two classes of one concept, classes without one: each counts once."""
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(len(classes))).astype(np.float32)
    expected = slow_confidences(classes, probabilities)
    tags = ClassTags(TAXONOMY, classes).tags(probabilities)

    for tag in tags:
        assert tag.confidence == pytest.approx(expected[tag.concept], rel=1e-5)
    kept = {tag.concept for tag in tags}
    left_out = [value for name, value in expected.items() if name not in kept]
    faintest = min((tag.confidence for tag in tags), default=1.0)
    assert len(tags) == 50 or max(left_out, default=0.0) < 4e-6
    assert max(left_out, default=0.0) <= faintest + 1e-6


def test_a_classifier_of_all_categories_gives_the_tags_of_the_shipped_one() -> None:
    """The general way and the shipped way are the same where both apply."""
    rows = np.random.default_rng(1).dirichlet(np.full(1000, 0.01), 4).astype(np.float32)
    general = ClassTags(TAXONOMY, TAXONOMY.names[:1000])

    assert [TAXONOMY.tags(row) for row in rows] == [general.tags(row) for row in rows]


def test_what_no_class_stands_for_is_never_seen() -> None:
    """A classifier of dogs says nothing of breeds."""
    tags = ClassTags(TAXONOMY, ["dog", None]).tags(np.array([0.75, 0.25], np.float32))
    names = {tag.concept for tag in tags}

    assert "dog" in names
    assert "animal" in names
    assert "golden retriever" not in names
