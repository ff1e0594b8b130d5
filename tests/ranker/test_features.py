"""The schemas that shards, networks and training share."""

from __future__ import annotations

import re

import pytest

from alicorn.errors import BadRequest, ConfigError
from ranker.features import FIRST_STAGE, SECOND_STAGE, Feature, FeatureSchema, Group


def test_a_name_leads_to_its_column() -> None:
    """Shards fill rows by name; a column off by one ranks nonsense."""
    for schema in (FIRST_STAGE, SECOND_STAGE):
        assert [schema.index(name) for name in schema.names] == list(range(len(schema)))


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    """A misspelt feature must not become a column of zeros."""
    with pytest.raises(BadRequest, match=r"no feature 'age' in first_stage, it has concept_score"):
        FIRST_STAGE.index("age")


def test_the_version_changes_with_names_and_their_order() -> None:
    """Cards are compared by it."""
    swapped = FeatureSchema("first_stage", FIRST_STAGE.features[::-1])

    assert len({FIRST_STAGE.version, SECOND_STAGE.version, swapped.version}) == 3
    assert re.fullmatch(r"[0-9a-f]{16}", FIRST_STAGE.version)


def test_equal_names_are_refused() -> None:
    """Two columns of one name would hide one of them."""
    with pytest.raises(ConfigError, match="must be unique"):
        FeatureSchema("twice", FIRST_STAGE.features[:1] * 2)


def test_the_second_stage_reads_query_author_text_and_visual_content() -> None:
    """PS-49: the four feature groups, beside the first stage's score and the set's signals."""
    assert set(Group) == {feature.group for feature in SECOND_STAGE.features}
    assert "prominence" in FIRST_STAGE.names, "PS-26"


@pytest.mark.parametrize(
    "feature", FIRST_STAGE.features + SECOND_STAGE.features, ids=lambda f: f.name
)
def test_every_feature_says_what_it_is(feature: Feature) -> None:
    """A number without meaning, unit and range cannot be checked by anybody."""
    assert feature.description
    assert feature.unit
    assert feature.low < feature.high
    assert feature.monotone in {-1, 0, 1}
