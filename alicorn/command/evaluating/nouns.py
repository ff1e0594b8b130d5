"""The words for what labels stand for: our taxonomy, WordNet, wordnets of other languages.

WordNet and the others come from the development data, ``wordnet/data.noun.gz`` and
``wordnet/omw/wn-data-<language>.tab.gz`` with a synset, a kind and a word a line:

    02958343-n <tab> fra:lemma <tab> voiture

What ships was made from the same wordnets. So figures of other languages tell how well their words
are looked up and told apart from other languages' and other meanings, not how many of a language's
words are known; how many there were to ask stands beside them.

They are read as they stand, but for remarks in brackets and marks between the parts of a word,
which nobody types: where a wordnet errs, so does an answer. Where there are none, the sets that
need them are left out.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from alicorn.errors import CorruptData
from ranker.evaluation.caltech101 import synsets_of_labels
from ranker.evaluation.label_queries import NamedConcept, Nouns
from understanding.concepts.coverage import covered, query_of_label
from understanding.concepts.taxonomy import Taxonomy
from understanding.concepts.wordnet import read_synsets

__all__ = ["read_nouns", "read_wordnet_of_language"]

_FILES: Final[Mapping[str, str]] = {
    "fr": "fra",
    "it": "ita",
    "pt": "por",
    "nl": "nld",
    "pl": "pol",
    "da": "dan",
    "ca": "cat",
    "zh": "cmn",
}
"""Two-letter code -> the code in the file's name."""

_NOT_TYPED: Final = re.compile(r"\s*\([^()]*\)|\+")


def read_nouns(labels: Sequence[str], data: Path | None) -> Nouns:
    """Return the words for ``labels``.

    Parameters
    ----------
    labels : sequence of str
        Of Caltech-101.
    data : Path or None
        The development data; None leaves out WordNet and the other languages.

    Raises
    ------
    CorruptData
        If a file is none of its kind.
    """
    taxonomy = Taxonomy.load()
    synset_of = {concept.name: concept.synset for concept in taxonomy.concepts}
    wordnet = None if data is None else data / "wordnet" / "data.noun.gz"
    synsets = {} if wordnet is None or not wordnet.is_file() else read_synsets(wordnet)
    foreign = {}
    for language, code in _FILES.items():
        path = None if data is None else data / "wordnet" / "omw" / f"wn-data-{code}.tab.gz"
        if path is not None and path.is_file():
            foreign[language] = read_wordnet_of_language(path)
    return Nouns(
        spoken={label: query_of_label(label) for label in labels},
        covered=frozenset(covered(labels)),
        synset_of={
            label: synset for label, synset in synsets_of_labels().items() if label in set(labels)
        },
        concepts={
            concept.synset: NamedConcept(
                name=concept.name,
                lemmas=tuple(concept.lemmas),
                parents=tuple(synset_of[parent] for parent in concept.parents),
            )
            for concept in taxonomy.concepts
        },
        lemmas={offset: synset.lemmas for offset, synset in synsets.items()},
        broader={offset: synset.hypernyms for offset, synset in synsets.items()},
        foreign=foreign,
    )


def read_wordnet_of_language(path: Path) -> dict[str, tuple[str, ...]]:
    """Return synset (eight digits) -> words, in the order of the file.

    Raises
    ------
    CorruptData
        If it is no packed table, or a line is none of it.
    """
    words: dict[str, list[str]] = defaultdict(list)
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                fields = line.rstrip("\n").split("\t")
                if line.startswith("#"):
                    continue
                if len(fields) < 3:
                    raise CorruptData(f"{path} line {number}: not a synset, a kind and a word")
                if fields[1].rpartition(":")[2] == "lemma" and fields[0].endswith("-n"):
                    words[fields[0].removesuffix("-n")].append(_NOT_TYPED.sub("", fields[2]))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise CorruptData(f"{path} is no packed wordnet: {error}") from error
    return {synset: tuple(each) for synset, each in words.items()}
