"""Feature schemas: what each stage's model sees of one (query, photo) pair, column by column.

A schema is an ordered tuple of features. Shards fill rows of `FIRST_STAGE` (float32), the second
stage adds what only the whole result set can tell and reads rows of `SECOND_STAGE`. A trained model
names its columns; one that names others than the schema is refused, so training and serving cannot
drift apart. NaN is the one way to say that a value is missing.

Features are few, and everything that may differ between one library and the next (age, author,
popularity) is bounded or optional: models are trained on public photos and must hold on private
ones.
"""

from __future__ import annotations

from typing import Final

from ranker.schema import Feature, FeatureSchema, Group

__all__ = ["FIRST_STAGE", "SECOND_STAGE", "Feature", "FeatureSchema", "Group"]


_INF: Final = float("inf")

_CONCEPT_SCORE: Final = Feature(
    name="concept_score",
    description="exact concept score of the expression, divided by CONCEPT_ONE",
    unit="1",
    low=0.0,
    high=_INF,
    group=Group.QUERY,
    monotone=1,
)
_TEXT_SCORE: Final = Feature(
    name="text_score",
    description="BM25 of the query's words over the photo's, words worth 1 at most",
    unit="1",
    low=0.0,
    high=_INF,
    group=Group.TEXT,
    monotone=1,
)
_MATCHED_PHRASES: Final = Feature(
    name="matched_phrases",
    description="share of the phrases asked for that the photo meets, in any way; 1 without any",
    unit="1",
    low=0.0,
    high=1.0,
    group=Group.QUERY,
    monotone=1,
)
_SHOWN_PHRASES: Final = Feature(
    name="shown_phrases",
    description="roots of the confidences of a phrase's tags, by weight, added up; mean of phrases",
    unit="1",
    low=0.0,
    high=_INF,
    group=Group.QUERY,
    monotone=1,
)
_SAID_SHARE: Final = Feature(
    name="said_share",
    description="worth of the words asked for that the photo has, by that of all of them",
    unit="1",
    low=0.0,
    high=1.0,
    group=Group.TEXT,
    monotone=1,
)
_BEST_TAG: Final = Feature(
    name="best_tag",
    description="largest confidence times weight (1 at most) of the tags that matched; 0 without",
    unit="1",
    low=0.0,
    high=1.0,
    group=Group.QUERY,
    monotone=1,
)
_BEST_WEIGHT: Final = Feature(
    name="best_weight",
    description="weight (1 at most) of the tag of best_tag: 1 is what was named, less is only like",
    unit="1",
    low=0.0,
    high=1.0,
    group=Group.QUERY,
    monotone=1,
)
_PROMINENCE: Final = Feature(
    name="prominence",
    description="confidence of that tag by the photo's largest: 1 is the central topic (PS-26)",
    unit="1",
    low=0.0,
    high=1.0,
    group=Group.QUERY,
    monotone=1,
)
_TAG_COUNT: Final = Feature(
    name="tag_count",
    description="number of tags of the photo",
    unit="1",
    low=0.0,
    high=50.0,
    group=Group.VISUAL,
    static=True,
)
_AGE_DAYS: Final = Feature(
    name="age_days",
    description="time of the request minus taken_at; negative for a photo from the future",
    unit="days",
    low=-_INF,
    high=_INF,
    group=Group.AUTHOR,
    optional=True,
)
_QUALITY: Final = Feature(
    name="quality",
    description="sharpness and exposure of the picture",
    unit="1",
    low=0.0,
    high=1.0,
    group=Group.VISUAL,
    static=True,
    monotone=1,
)
_LOG_POPULARITY: Final = Feature(
    name="log_popularity",
    description="natural logarithm of 1 + popularity",
    unit="1",
    low=0.0,
    high=23.0,
    group=Group.AUTHOR,
    static=True,
)
_MEGAPIXELS: Final = Feature(
    name="megapixels",
    description="width * height / 1,000,000; 0 when unknown",
    unit="Mpx",
    low=0.0,
    high=_INF,
    group=Group.VISUAL,
    static=True,
)
_ASPECT: Final = Feature(
    name="aspect",
    description="width / height of the upright picture; NaN when unknown",
    unit="1",
    low=0.0,
    high=_INF,
    group=Group.VISUAL,
    static=True,
    optional=True,
)
_TEXT_LENGTH: Final = Feature(
    name="text_length",
    description="number of words that are indexed for the photo",
    unit="words",
    low=0.0,
    high=_INF,
    group=Group.TEXT,
    static=True,
)
_HAMMING_VISUAL: Final = Feature(
    name="hamming_visual",
    description="Hamming distance of the photo's visual code to the query's; NaN when either lacks",
    unit="bits",
    low=0.0,
    high=256.0,
    group=Group.VISUAL,
    optional=True,
    monotone=-1,
)
_IS_VIEWER: Final = Feature(
    name="is_viewer",
    description="1 when the searcher owns the photo, else 0",
    unit="1",
    low=0.0,
    high=1.0,
    group=Group.AUTHOR,
    monotone=1,
)
_IS_FRIEND: Final = Feature(
    name="is_friend",
    description="1 when a friend of the searcher owns the photo, else 0",
    unit="1",
    low=0.0,
    high=1.0,
    group=Group.AUTHOR,
    monotone=1,
)
_FINGERPRINT_QUALITY: Final = Feature(
    name="fingerprint_quality",
    description="PDQ's quality, 0..100; low for flat pictures, 0 when there is no fingerprint",
    unit="1",
    low=0.0,
    high=100.0,
    group=Group.VISUAL,
    static=True,
)

FIRST_STAGE: Final = FeatureSchema(
    "first_stage",
    (
        _CONCEPT_SCORE,
        _TEXT_SCORE,
        _MATCHED_PHRASES,
        _SHOWN_PHRASES,
        _SAID_SHARE,
        _BEST_TAG,
        _BEST_WEIGHT,
        _PROMINENCE,
        _TAG_COUNT,
        _AGE_DAYS,
        _QUALITY,
        _LOG_POPULARITY,
        _MEGAPIXELS,
        _ASPECT,
        _TEXT_LENGTH,
        _HAMMING_VISUAL,
        _IS_VIEWER,
        _IS_FRIEND,
        _FINGERPRINT_QUALITY,
    ),
)
"""The row that a shard fills for each hit that it scores."""


def _of_set(name: str, description: str, *, low: float, high: float, monotone: int = 0) -> Feature:
    return Feature(
        name=name,
        description=description,
        unit="1",
        low=low,
        high=high,
        group=Group.RESULT_SET,
        monotone=monotone,
    )


SECOND_STAGE: Final = FeatureSchema(
    "second_stage",
    (
        Feature(
            name="first_stage_score",
            description="score of the first stage, before any change by the second",
            unit="1",
            low=-_INF,
            high=_INF,
            group=Group.FIRST_STAGE,
            monotone=1,
        ),
        _CONCEPT_SCORE,
        _MATCHED_PHRASES,
        _SHOWN_PHRASES,
        _SAID_SHARE,
        _BEST_TAG,
        _BEST_WEIGHT,
        _PROMINENCE,
        _LOG_POPULARITY,
        _IS_VIEWER,
        _IS_FRIEND,
        _TEXT_SCORE,
        _TEXT_LENGTH,
        _QUALITY,
        _TAG_COUNT,
        _HAMMING_VISUAL,
        _of_set(
            "relative_concept",
            "concept score by the largest of the result set; 0 when all are 0",
            low=0.0,
            high=1.0,
            monotone=1,
        ),
        _of_set(
            "best_concept",
            "largest concept score of the result set: is this a query that the library answers",
            low=0.0,
            high=_INF,
            monotone=1,
        ),
        _of_set(
            "relative_text",
            "text score by the largest of the result set; 0 when all are 0",
            low=0.0,
            high=1.0,
            monotone=1,
        ),
        _of_set(
            "best_said",
            "largest said_share of the result set: are there texts that answer the query",
            low=0.0,
            high=1.0,
            monotone=1,
        ),
        _of_set(
            "outlier",
            "how far the photo looks from the other results, in robust deviations",
            low=-8.0,
            high=8.0,
            monotone=-1,
        ),
        _of_set(
            "author_share",
            "share of the result set that is by the same author; 0 when the author is unknown",
            low=0.0,
            high=1.0,
        ),
    ),
)
"""The row that the second stage's network reads; made by `ranker.second_stage.signals`."""
