"""From the open wordnets to the names that ship: `build_languages`.

Written to a folder, the same bytes for the same sources:

    names.fr.npz …          one file a language, see `table`
    languages.card.json     what they are, their sources, counts and checksums
    NOTICE.txt              whose they are; and the licence texts that must go with them
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

import structlog

from alicorn.cards import sha256_of
from alicorn.errors import ConfigError, NotFound
from understanding.concepts.card import Card
from understanding.concepts.languages.names import CARD_FILE, file_of
from understanding.concepts.languages.notices import CECILL_FILE, licence_of, notice
from understanding.concepts.languages.omw import CODES, OpenWordnet, read_open_wordnet
from understanding.concepts.languages.table import pack_names
from understanding.concepts.languages.weights import Weigher, read_counts
from understanding.concepts.taxonomy import Taxonomy
from understanding.concepts.wordnet import read_wordnet

__all__ = ["NOTICE_FILE", "build_languages"]

NOTICE_FILE: Final = "NOTICE.txt"

_log = structlog.get_logger(__name__)


def build_languages(
    omw: Path, wordnet_dir: Path, out_dir: Path, taxonomy: Taxonomy | None = None
) -> Card:
    """Make the names of every language that has a wordnet in ``omw``.

    Parameters
    ----------
    omw : Path
        Folder with ``wn-data-fra.tab`` or ``wn-data-fra.tab.gz``, and others of `CODES`.
    wordnet_dir : Path
        Folder with WordNet 3.0's ``data.noun``, ``index.noun``, ``noun.exc`` and ``cntlist.rev``.
    out_dir : Path
        Made if absent; files of the same names are replaced.
    taxonomy : Taxonomy, optional
        The concepts; the shipped ones, if None.

    Returns
    -------
    Card
        As written beside the names.

    Raises
    ------
    NotFound
        If there is no wordnet, or a file of WordNet is absent.
    ConfigError
        If a wordnet's licence is not known to allow it.
    CorruptData
        If a file cannot be read.
    """
    wordnets = _read_all(omw)
    wordnet = read_wordnet(wordnet_dir)
    concepts = {concept.synset for concept in (taxonomy or Taxonomy.load()).concepts}
    weigher = Weigher(wordnet, read_counts(wordnet_dir, wordnet), wordnets, concepts)
    out_dir.mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    sha256: dict[str, str] = {}
    for other in wordnets:
        language = other.language
        names = {words: weigher.weights(words, language) for words in weigher.names(language)}
        named = {synset for meanings in names.values() for synset, _ in meanings}
        counts[f"{language} names"] = sum(map(bool, names.values()))
        counts[f"{language} synsets"] = len(named)
        counts[f"{language} concepts"] = len(named & concepts)
        data = pack_names(names)
        sha256[file_of(language)] = sha256_of(data)
        (out_dir / file_of(language)).write_bytes(data)
        _log.info("names weighed", language=language, names=counts[f"{language} names"])
    _write_notices(wordnets, out_dir)
    card = Card(
        name="languages",
        about="Names of WordNet's nouns in other languages, and how much each means them",
        command="alicorn train languages --omw DIR --wordnet DIR",
        sources={
            **{f"{other.name} ({other.language})": _licence(other) for other in wordnets},
            "WordNet 3.0": "WordNet licence, see NOTICE.txt",
        },
        counts={"concepts": len(concepts), **counts},
        sha256=sha256,
    )
    card.write(out_dir / CARD_FILE)
    return card


def _read_all(omw: Path) -> list[OpenWordnet]:
    """Return the wordnets in the folder, in the order of `CODES`."""
    found = []
    for code in CODES:
        paths = [omw / f"wn-data-{code}.tab{ending}" for ending in ("", ".gz")]
        found += [read_open_wordnet(path) for path in paths if path.is_file()][:1]
    if not found:
        raise NotFound(f"no wordnet in {omw}, needed files such as wn-data-fra.tab.gz")
    for other in found:
        _licence(other)
    return found


def _licence(other: OpenWordnet) -> str:
    licence = licence_of(other)
    if licence is None:
        raise ConfigError(
            f"{other.name} is under {other.licence!r}, needed a licence of `notices.LICENCES`: "
            "take the file away, or read the licence and add it there"
        )
    return licence


def _write_notices(wordnets: list[OpenWordnet], out_dir: Path) -> None:
    files = [(file_of(other.language), other) for other in wordnets]
    (out_dir / NOTICE_FILE).write_text(notice(files), "utf-8")
    if any(other.licence == "CeCILL-C" for other in wordnets):
        shipped = resources.files("understanding.concepts.languages.data") / CECILL_FILE
        (out_dir / CECILL_FILE).write_bytes(shipped.read_bytes())
