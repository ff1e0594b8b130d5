"""Generated people and captions laid over judged photos, and libraries without a match.

Photos judged by what they show come without captions, friends or a searcher. A model trained on
them alone would never look at these features and would order a search by words at random. So every
judged query is answered in two more, made-up, ways:

* *social*: one photo in ten is the searcher's own, three are a friend's; half have a caption, and
  of the captions six in ten name what is searched for where the photo shows it, three in a hundred
  where it does not. A match by a stranger interests only 85 times in a hundred: the one mild
  preference for people one knows, and what sets how strong it is.
* *by words*: only photos whose caption names the query are retrieved, and no concept is known.

The figures are choices, not measurements: they give the models a direction, the judged photos give
them the rest. Everything is drawn from the seed.

And once more each query is asked of a library that has no match (*absent*): its candidates without
the matches. Judged queries all have matches; without this a cut-off would never learn that a
library may have none.

Queries that describe a picture are judged over real captions; for them only *absent* is made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ranker.features import FIRST_STAGE
from ranker.training.judged import JudgedQuery

__all__ = ["with_worlds"]

_OWN: Final = 0.1
_FRIENDS: Final = 0.3
_CAPTIONED: Final = 0.5
_NAMED_IF_SHOWN: Final = 0.6
_NAMED_OTHERWISE: Final = 0.03
_STRANGERS_INTEREST: Final = 0.85
_WORDS: Final = 6.0
_PEOPLE: Final = 150

# Of the text score of one word, which is worth 1 at most.
_SAID: Final = 0.125

_CONCEPTS: Final = [
    FIRST_STAGE.index(name)
    for name in ("concept_score", "shown_phrases", "best_tag", "best_weight", "prominence")
]


def with_worlds(judged: Sequence[JudgedQuery], seed: int) -> list[JudgedQuery]:
    """Return the judged queries, each followed by its social, by-words and absent answers.

    Parameters
    ----------
    judged : sequence of JudgedQuery
        Left as they are; the made-up ones are copies.
    seed : int
        The same seed and queries always give the same worlds.

    Returns
    -------
    list of JudgedQuery
        Up to four a query: an answer without any candidate is left out.
    """
    rng = np.random.default_rng(seed)
    out: list[JudgedQuery] = []
    for one in judged:
        out.append(one)
        if not one.described:
            social, named = _social(one, rng)
            out.append(social)
            if named.any():
                out.append(_taken(_by_words_of(social), named))
        if not one.labels.all():
            out.append(_taken(one, one.labels == 0))
    return out


def _social(one: JudgedQuery, rng: np.random.Generator) -> tuple[JudgedQuery, NDArray[np.bool_]]:
    n = one.labels.size
    shown = one.labels > 0
    draw = rng.random(n)
    own, friend = draw < _OWN, (draw >= _OWN) & (draw < _OWN + _FRIENDS)
    captioned = rng.random(n) < _CAPTIONED
    named = captioned & (rng.random(n) < np.where(shown, _NAMED_IF_SHOWN, _NAMED_OTHERWISE))
    features = one.features.copy()
    for name, values in (
        ("is_viewer", own),
        ("is_friend", friend),
        ("text_length", np.where(captioned, 1 + rng.poisson(_WORDS, n), 0)),
        ("text_score", np.where(named, rng.gamma(np.where(shown, 4.0, 2.5), _SAID), 0.0)),
        ("said_share", named),
    ):
        features[:, FIRST_STAGE.index(name)] = values
    interests = own | friend | (rng.random(n) < _STRANGERS_INTEREST)
    columns = None
    if one.columns is not None:
        # The searcher is person 1, friends follow, then strangers.
        person = np.where(friend, rng.integers(2, 40, n), rng.integers(40, _PEOPLE, n))
        authors = np.where(own, 1, person).astype(np.uint64)
        columns = replace(one.columns, features=features, authors=authors)
    labels = (shown & interests).astype(np.uint8)
    return JudgedQuery(one.query, features, labels, columns), named


def _by_words_of(social: JudgedQuery) -> JudgedQuery:
    features = social.features.copy()
    features[:, _CONCEPTS] = 0.0
    features[:, FIRST_STAGE.index("matched_phrases")] = 1.0
    columns = social.columns
    if columns is not None:
        columns = replace(columns, features=features)
    return JudgedQuery(social.query, features, social.labels, columns)


def _taken(one: JudgedQuery, kept: NDArray[np.bool_]) -> JudgedQuery:
    columns = None if one.columns is None else one.columns.take(kept)
    return replace(one, features=one.features[kept], labels=one.labels[kept], columns=columns)
