"""Words for people, and what they are never matched with.

Nobody's word for a person finds animals, and no word for who somebody is (a nation, a faith, an
ill fortune, a character) finds whatever looks alike to a model of words: such likeness is prejudice
read out of texts. By what they mean are found only people whom a photo shows by what they do, as
*goalkeeper*, *welder* or *hiker*, and only among things. All other words for people are looked for
in texts, unless they name a concept (*groom*, *scuba diver*).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

__all__ = ["HUMANKIND", "PERSON", "is_shown_by_doing", "is_who_one_is"]

PERSON: Final = "00007846"
"""Synset of *person*."""

HUMANKIND: Final = "02472293"
"""*Homo*, filed under the apes; not a meaning that anybody searches for."""

_DOING: Final = frozenset(
    {
        "09613191",  # contestant: athletes and players
        "09616922",  # entertainer
        "09629752",  # traveler
        "09632518",  # worker
    }
)

_BEING: Final = frozenset(
    {
        "09620078",  # inhabitant
        "09620794",  # native
        "09628382",  # religious person
        "09630641",  # unfortunate
        "09631129",  # unwelcome person
        "09634494",  # African
        "09636106",  # person of color
        "09638875",  # White
        "09644820",  # Amerindian
        "09681351",  # Jew
        "09831962",  # bad person
        "10099375",  # follower
        "10158756",  # handicapped person
        "10182913",  # homosexual
        "10485440",  # prostitute
        "10599354",  # simpleton
        "10609325",  # slave
    }
)


def is_shown_by_doing(above: Collection[str]) -> bool:
    """Return whether a person, given with all that is above, is one whom a photo shows by doing."""
    return not _DOING.isdisjoint(above) and not is_who_one_is(above)


def is_who_one_is(above: Collection[str]) -> bool:
    """Return whether a person, given with all that is above, is named by who they are."""
    return not _BEING.isdisjoint(above)
