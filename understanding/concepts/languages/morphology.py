"""Nouns of other languages back to their singular, and away from what is written on to them.

As in `understanding.concepts.morphology`, the rules propose and the names dispose: a proposal
counts only if the wordnet has it. So the rules are short and generous: the endings of the regular
plurals, the likeliest singular first, and the irregular nouns that photos are full of. Polish has
the nominative plurals; Danish and Basque the definite forms, too, which are endings there.

French, Italian, Catalan, Portuguese and Galician write a short article or preposition on to a word
that begins with a vowel, and `tokens` drops the apostrophe: *l'ours* is looked up as ``lours``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from understanding.concepts.languages.accents import unaccented

__all__ = ["ELIDED", "singulars", "without_elision"]

Endings: TypeAlias = tuple[tuple[str, str], ...]

_ENDINGS: Final[Mapping[str, Endings]] = {
    "fr": (("eaux", "eau"), ("aux", "al"), ("x", ""), ("s", "")),
    "it": (
        ("ghi", "go"),
        ("chi", "co"),
        ("ghe", "ga"),
        ("che", "ca"),
        ("ce", "cia"),
        ("ge", "gia"),
        ("i", "o"),
        ("i", "e"),
        ("i", "io"),
        ("i", "a"),
        ("e", "a"),
    ),
    "pt": (
        ("ões", "ão"),
        ("ães", "ão"),
        ("ãos", "ão"),
        ("ais", "al"),
        ("éis", "el"),
        ("eis", "el"),
        ("óis", "ol"),
        ("uis", "ul"),
        ("is", "il"),
        ("ns", "m"),
        ("s", ""),
        ("es", ""),
    ),
    "nl": (("ën", "e"), ("eren", ""), ("en", ""), ("en", "e"), ("n", ""), ("s", "")),
    "pl": (
        ("ki", "ek"),
        ("ki", "ka"),
        ("ki", "k"),
        ("gi", "ga"),
        ("gi", "g"),
        ("nie", "ń"),
        ("cie", "ć"),
        ("dzie", "dź"),
        ("sie", "ś"),
        ("bie", "b"),
        ("pie", "p"),
        ("ie", "ia"),
        ("y", ""),
        ("y", "a"),
        ("i", ""),
        ("i", "a"),
        ("a", "o"),
        ("a", "e"),
        ("e", ""),
        ("e", "a"),
    ),
    "da": (
        ("lerne", "el"),
        ("erne", ""),
        ("erne", "e"),
        ("ene", ""),
        ("ene", "e"),
        ("ler", "el"),
        ("er", ""),
        ("er", "e"),
        ("r", ""),
        ("e", ""),
        ("en", ""),
        ("en", "e"),
        ("et", ""),
        ("et", "e"),
        ("n", ""),
        ("t", ""),
        ("s", ""),
    ),
    "ca": (
        ("ssos", "s"),
        ("ges", "ja"),
        ("gües", "gua"),
        ("ques", "ca"),
        ("gues", "ga"),
        ("ces", "ça"),
        ("ons", "ó"),
        ("ans", "à"),
        ("ins", "í"),
        ("ens", "è"),
        ("es", "a"),
        ("os", ""),
        ("s", ""),
    ),
    "gl": (("ais", "al"), ("eis", "el"), ("ois", "ol"), ("ces", "z"), ("s", ""), ("es", "")),
    "eu": (("rrak", "r"), ("rra", "r"), ("ak", ""), ("ak", "a"), ("ek", ""), ("a", "")),
    "zh": (),
}
"""Endings of plurals and what stands there in the singular, the likeliest first."""

_IRREGULAR: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {"yeux": "œil", "cieux": "ciel", "travaux": "travail", "vitraux": "vitrail"},
    "it": {"uomini": "uomo", "uova": "uovo", "dita": "dito", "buoi": "bue", "mani": "mano"},
    "pt": {"mães": "mãe", "cães": "cão", "pães": "pão", "mãos": "mão"},
    "nl": {
        "eieren": "ei",
        "koeien": "koe",
        "schepen": "schip",
        "steden": "stad",
        "wegen": "weg",
        "daken": "dak",
        "glazen": "glas",
    },
    "pl": {
        "psy": "pies",
        "lwy": "lew",
        "dzieci": "dziecko",
        "ludzie": "człowiek",
        "konie": "koń",
        "zwierzęta": "zwierzę",
        "kurczęta": "kurczę",
        "oczy": "oko",
        "ręce": "ręka",
    },
    "da": {
        "børn": "barn",
        "mænd": "mand",
        "bøger": "bog",
        "gæs": "gås",
        "hænder": "hånd",
        "fødder": "fod",
        "tænder": "tand",
        "køer": "ko",
        "øjne": "øje",
    },
    "ca": {"mans": "mà", "pans": "pa", "dents": "dent"},
}

ELIDED: Final[Mapping[str, tuple[str, ...]]] = {
    "fr": ("l", "d", "qu"),
    "it": ("l", "un", "d", "dell", "all", "dall", "nell", "sull", "quell"),
    "ca": ("l", "d"),
    "pt": ("d",),
    "gl": ("d",),
}
"""What is written on to a word before a vowel, without its apostrophe."""

_VOWELS: Final = "aeiou"
# Shorter singulars than this are found by chance.
_SHORTEST: Final = 2


def singulars(word: str, language: str) -> Iterator[str]:
    """Yield what ``word`` may be the plural of, the likeliest first; not ``word`` itself.

    Parameters
    ----------
    word : str
        Lower case.
    language : str
        Two-letter code; nothing is proposed for one without rules.

    Examples
    --------
    >>> list(singulars("chevaux", "fr")), list(singulars("katten", "nl"))
    (['cheval', 'chevau'], ['kat', 'katt', 'katte'])
    """
    irregular = _IRREGULAR.get(language, {}).get(word)
    if irregular is not None:
        yield irregular
    seen = {word}
    for ending, singular in _ENDINGS.get(language, ()):
        if not word.endswith(ending):
            continue
        for root in _stems(word[: -len(ending)], singular, language):
            proposal = root + singular
            if proposal not in seen and len(proposal) >= _SHORTEST:
                seen.add(proposal)
                yield proposal
    if language == "pl":
        yield from _polish_ogonek(word, seen)


def _stems(stem: str, singular: str, language: str) -> tuple[str, ...]:
    """Return a stem as Dutch and Danish spelling may have changed it before the ending.

    *katten* is *kat* and *katte* too; *bomen* is *boom*, *huizen* is *huis*, *brieven* is *brief*.
    """
    if singular or len(stem) < 3 or language not in {"nl", "da"}:
        return (stem,)
    if stem[-1] == stem[-2]:
        return (stem[:-1], stem)
    if language == "da":
        return (stem,)
    hardened = stem[:-1] + {"z": "s", "v": "f"}.get(stem[-1], stem[-1])
    long = hardened[:-1] + hardened[-2] + hardened[-1]
    if hardened[-2] in "aeou" and hardened[-3] not in _VOWELS:
        return (long, hardened, stem)
    return (hardened, stem)


def _polish_ogonek(word: str, seen: set[str]) -> Iterator[str]:
    """Yield singulars with the vowel that changes in the closed syllable: *kościoły*, *kościół*."""
    if word[-1:] in {"y", "i", "e"} and len(word) > 3 and word[-3] == "o":
        changed = word[:-3] + "ó" + word[-2]
        if changed not in seen:
            yield changed


def without_elision(word: str, language: str) -> Iterator[str]:
    """Yield ``word`` without the short word that was written on to it, the longest first.

    Examples
    --------
    >>> list(without_elision("lours", "fr")), list(without_elision("dellacqua", "it"))
    (['ours'], ['acqua', 'ellacqua'])
    """
    for elided in sorted(ELIDED.get(language, ()), key=len, reverse=True):
        rest = word.removeprefix(elided)
        # A silent h counts as a vowel: l'homme.
        if rest != word and len(rest) >= _SHORTEST and unaccented(rest)[0] in _VOWELS + "hy":
            yield rest
