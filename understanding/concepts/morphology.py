"""English nouns back to their singular, by WordNet's rules (morphy).

Irregular plurals come first (``mice`` -> ``mouse``), then the endings in WordNet's order. The rules
propose, the lexicon disposes: a proposal counts only if it is a word there, so that ``bass`` is
never taken for several *bas*.

References
----------
.. [1] WordNet 3.0, morphy(7WN): "Rules of Detachment", noun rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

__all__ = ["singulars"]

_ENDINGS: Final = (
    ("s", ""),
    ("ses", "s"),
    ("ves", "f"),  # ours: wolves and leaves are in the exception list, scarves of compounds not
    ("xes", "x"),
    ("zes", "z"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("men", "man"),
    ("ies", "y"),
)


def singulars(word: str, exceptions: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield what ``word`` may be the plural of, likeliest first; not ``word`` itself.

    Parameters
    ----------
    word : str
        Lower case.
    exceptions : mapping
        Irregular plural -> singulars.

    Examples
    --------
    >>> list(singulars("mice", {"mice": ("mouse",)})), list(singulars("foxes", {}))
    (['mouse'], ['foxe', 'fox'])
    """
    yield from exceptions.get(word, ())
    if word.endswith("ss"):  # grass, princess
        return
    for ending, singular in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            yield word[: -len(ending)] + singular
