"""From WordNet and a list of classes to the taxonomy that ships: `build_taxonomy`.

The concepts are the classes of the image classifier (the leaves, in class order) and those of their
WordNet ancestors that `breadth` keeps (by name). Written to a folder:

    taxonomy.json        one concept a line, see `taxonomy` for the fields; the same input gives the
                         same bytes
    terms.txt            compounds that are no concepts, one a line, see `compounds`
    taxonomy.card.json   what it is, its sources, its checksums

The licence of WordNet, which goes with what is derived from it, stands beside them in NOTICE.txt.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from alicorn.cards import sha256_of
from alicorn.documents.text import tokens
from alicorn.errors import BadRequest, NotFound
from understanding.concepts.breadth import is_too_broad
from understanding.concepts.card import Card
from understanding.concepts.compounds import compounds
from understanding.concepts.families import family_of
from understanding.concepts.naming import unique_names
from understanding.concepts.senses import sense_weights
from understanding.concepts.taxonomy import CARD_FILE, FORMAT, TAXONOMY_FILE, TERMS_FILE
from understanding.concepts.wordnet import WordNet, ancestors, read_wordnet

__all__ = ["build_taxonomy"]

_log = structlog.get_logger(__name__)


def build_taxonomy(wordnet_dir: Path, classes: Path, out_dir: Path) -> Card:
    """Make the taxonomy, its terms and its card, and write them to ``out_dir``.

    Parameters
    ----------
    wordnet_dir : Path
        Folder with WordNet 3.0's ``data.noun``, ``index.noun`` and ``noun.exc``.
    classes : Path
        One WordNet id a line (``n02123045``); line i is class i of the classifier.
    out_dir : Path
        Made if absent; files of the same names are replaced.

    Returns
    -------
    Card
        As written beside the taxonomy.

    Raises
    ------
    NotFound
        If a file is absent.
    BadRequest
        If a class is not a synset, or comes twice.
    CorruptData
        If WordNet's files cannot be read.
    """
    wordnet = read_wordnet(wordnet_dir)
    leaves = _read_classes(classes, wordnet)
    concepts = leaves + _kept_ancestors(wordnet, leaves)
    records = _records(wordnet, leaves, concepts)
    lemmas = {lemma for record in records for lemma in record["lemmas"]}
    terms = compounds(wordnet, lemmas)
    contents = {
        TAXONOMY_FILE: _render(records, _exceptions(wordnet, lemmas)).encode(),
        TERMS_FILE: "".join(f"{term}\n" for term in terms).encode(),
    }
    families = Counter(record["family"] for record in records)
    card = Card(
        name="taxonomy",
        about="The classes of the image classifier and their WordNet ancestors, with their words",
        command="alicorn train taxonomy --wordnet DIR",
        sources={"WordNet 3.0": "WordNet licence, see NOTICE.txt", "ImageNet class list": "BSD"},
        counts={
            "concepts": len(concepts),
            "leaves": len(leaves),
            "lemmas": len(lemmas),
            "terms": len(terms),
            **{f"family {name}": families[name] for name in sorted(families)},
        },
        sha256={name: sha256_of(content) for name, content in contents.items()},
    )
    out_dir.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (out_dir / name).write_bytes(content)
    card.write(out_dir / CARD_FILE)
    _log.info("taxonomy built", folder=str(out_dir), **card.counts)
    return card


def _read_classes(path: Path, wordnet: WordNet) -> list[str]:
    if not path.is_file():
        raise NotFound(f"no class list at {path}, needed one wordnet id a line")
    leaves: list[str] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        offset = line.strip().removeprefix("n")
        if offset not in wordnet.synsets:
            raise BadRequest(f"{path} line {number}: {line!r} is no noun synset of this wordnet")
        leaves.append(offset)
    if len(set(leaves)) != len(leaves):
        raise BadRequest(f"{path} names {len(leaves) - len(set(leaves))} classes twice")
    return leaves


def _leaves_below(wordnet: WordNet, leaves: Iterable[str]) -> dict[str, int]:
    below: dict[str, int] = defaultdict(int)
    for leaf in leaves:
        for above in {here for level in ancestors(wordnet, leaf) for here in level}:
            below[above] += 1
    return below


def _kept_ancestors(wordnet: WordNet, leaves: Sequence[str]) -> list[str]:
    below = _leaves_below(wordnet, leaves)
    kept = [
        offset
        for offset, count in below.items()
        if offset not in set(leaves) and not is_too_broad(offset, count, len(leaves))
    ]
    return sorted(kept, key=lambda offset: (wordnet.synsets[offset].lemmas[0].lower(), offset))


def _records(
    wordnet: WordNet, leaves: Sequence[str], concepts: Sequence[str]
) -> list[dict[str, Any]]:
    names = unique_names(wordnet, concepts)
    families = {offset: family_of(wordnet, offset) for offset in concepts}
    kept = frozenset(concepts)
    class_of = {offset: index for index, offset in enumerate(leaves)}
    weights = {
        lemma: sense_weights(wordnet, lemma, kept, families)
        for offset in concepts
        for lemma in wordnet.synsets[offset].lemmas
    }
    return [
        {
            "name": names[offset],
            "synset": offset,
            "class": class_of.get(offset),
            "family": str(families[offset]),
            "parents": sorted(names[above] for above in _parents(wordnet, offset, kept)),
            "lemmas": {
                lemma: weights[lemma][offset]
                for lemma in wordnet.synsets[offset].lemmas
                if offset in weights[lemma]
            },
            "gloss": wordnet.synsets[offset].gloss,
        }
        for offset in concepts
    ]


def _parents(wordnet: WordNet, offset: str, kept: frozenset[str]) -> set[str]:
    """Kept synsets above ``offset`` with no kept synset between."""
    found: set[str] = set()
    pending = list(wordnet.synsets[offset].hypernyms)
    while pending:
        above = pending.pop()
        if above in kept:
            found.add(above)
        else:
            pending.extend(wordnet.synsets[above].hypernyms)
    return found


def _exceptions(wordnet: WordNet, lemmas: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Irregular plurals whose singular stands in a lemma of the taxonomy."""
    words = {word for lemma in lemmas for word in tokens(lemma)}
    return {
        plural: singulars
        for plural, singulars in sorted(wordnet.exceptions.items())
        if " " not in plural and not words.isdisjoint(singulars)
    }


def _render(records: Sequence[Mapping[str, Any]], exceptions: Mapping[str, Sequence[str]]) -> str:
    """JSON with a record a line, so that a change of the taxonomy can be read in a diff."""
    lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    plurals = json.dumps(exceptions, ensure_ascii=False)
    return f'{{"format": {FORMAT}, "plurals": {plurals},\n"concepts": [\n{lines}\n]}}\n'
