"""Plain tag match: what a gallery does that has tags and no notion of what words mean.

The whole query must be the name of a tag, but for case, hyphens and the plural; failing that, each
of its words that is one counts. The confidences are added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from alicorn.documents.text import stem, tokens
from ranker.evaluation.measuring import Query

__all__ = ["TagMatch"]


class TagMatch:
    """Photos by the names of their tags.

    Parameters
    ----------
    tags : mapping
        Uri -> its tags, each a name and a confidence.
    """

    def __init__(self, tags: Mapping[str, Sequence[tuple[str, float]]]) -> None:
        self._tagged: dict[tuple[str, ...], list[tuple[str, float]]] = defaultdict(list)
        for uri, each in tags.items():
            for name, confidence in each:
                self._tagged[_words(name)].append((uri, confidence))
        self._place = {uri: place for place, uri in enumerate(tags)}

    def __call__(self, query: Query) -> list[str]:
        """Return the photos that have a tag asked for, highest sum of confidences first."""
        words = _words(query.text)
        asked = [words] if words in self._tagged else [(word,) for word in words]
        sums: dict[str, float] = defaultdict(float)
        for name in dict.fromkeys(asked):
            for uri, confidence in self._tagged.get(name, ()):
                sums[uri] += confidence
        return sorted(sums, key=lambda uri: (-sums[uri], self._place[uri]))


def _words(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in tokens(text))
