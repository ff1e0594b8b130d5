"""`alicorn evaluate photos`: judged photos, asked for by labels and by other words for them.

The photos of Caltech-101 (`judged_library`) are searched among everything else that lies in the
folder; only they are judged. What was trained was trained on one half of them
(`ranker.training.splits`), so the other half judges, unless both are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec

from alicorn.command.console import out, say, say_json
from alicorn.command.evaluating.comparison import (
    BOTH_HALVES,
    HELD_OUT,
    Goal,
    Row,
    Way,
    compare,
    row_of,
)
from alicorn.command.evaluating.judged_library import judged_library
from alicorn.command.evaluating.meaning import Meaning
from alicorn.command.evaluating.nouns import read_nouns
from alicorn.command.evaluating.seen import probabilities_of
from alicorn.command.evaluating.served import ALICORN, UNTRAINED, served, served_ways
from alicorn.command.evaluating.switches import Switch
from alicorn.command.evaluating.table import print_ends, print_goals, print_rows
from alicorn.command.library import Library
from alicorn.documents import PhotoDocument
from alicorn.documents.model import MAX_TAGS
from alicorn.errors import ConfigError
from ranker.evaluation.baselines.bm25 import Bm25
from ranker.evaluation.baselines.chance import Chance
from ranker.evaluation.baselines.conse import Conse
from ranker.evaluation.baselines.projection import Projection
from ranker.evaluation.baselines.tag_match import TagMatch
from ranker.evaluation.label_queries import (
    ENGLISH,
    LABELS,
    LANGUAGE_NAMES,
    SYNONYMS,
    label_sets,
    thing_sets,
)
from ranker.evaluation.measuring import ratio_of_precisions
from ranker.training.judgements import Judgements, key_of
from ranker.training.splits import EVALUATION_HALF, TRAINING_HALF, disjoint
from understanding.concepts.lexicon import MOST_MATCHES
from understanding.concepts.taxonomy import Taxonomy
from understanding.concepts.words.distilled import load_words

__all__ = ["evaluate"]

_MAIN: Final = "precision_at_10"
_LABELS_GOAL: Final = 0.62
_SYNONYMS_GOAL: Final = 0.9
_FRENCH_GOAL: Final = 0.85


def evaluate(
    *,
    data: Path | None,
    photos: Path | None,
    library: Path | None,
    without: Sequence[Switch],
    ablate: bool,
    both_halves: bool,
    per_query: bool,
    as_json: bool,
) -> None:
    """Ask for judged photos in every way; print what each got.

    Parameters
    ----------
    data : Path or None
        The development data, with ``photos`` and ``wordnet``.
    photos : Path or None
        A folder with ``caltech101/<label>/`` alone: words from the taxonomy only.
    without : sequence of Switch
        Parts of the serving path that are left out.
    ablate : bool
        A row for each part left out, too.
    both_halves : bool
        Judge by all photos, too, and add the path without anything trained.

    Raises
    ------
    ConfigError
        If neither folder is named, or both are.
    NotFound
        If there are no judged photos.
    """
    folder = _folder(data, photos)
    judged = judged_library(folder, library)
    with served(judged) as tiers:
        documents = [document for _, document in tiers.documents()]
    everything = Judgements.of(document.uri for document in documents)
    held_out = everything.half(EVALUATION_HALF)
    training = everything.half(TRAINING_HALF)
    disjoint(map(key_of, training.label_by_uri), map(key_of, held_out.label_by_uri))
    nouns = read_nouns(everything.labels, data)
    if not nouns.broader:
        say("WordNet is not in the data: broader terms and what is not covered are left out")
    sets = [*label_sets(nouns, everything.labels), *thing_sets(nouns, everything.labels)]
    judges = {HELD_OUT: held_out, BOTH_HALVES: everything}
    if not both_halves:
        del judges[BOTH_HALVES]
    judgeable = [one for one in documents if one.uri in everything.label_by_uri]
    rows = compare(
        chain(
            served_ways(judged, without, ablate=ablate, untrained=both_halves),
            _baselines(judged, judgeable),
        ),
        sets,
        judges,
    )
    goals = _goals(rows, judges)
    if as_json:
        say_json(
            {
                "rows": msgspec.to_builtins(rows),
                "goals": msgspec.to_builtins(goals),
                "covered": sorted(nouns.covered),
                "without": [str(switch) for switch in without],
            }
        )
        return
    print_rows(rows, main=_MAIN, left_out={f"{n}, not covered" for n in LANGUAGE_NAMES.values()})
    out.print()
    print_goals(goals)
    if per_query:
        print_ends(
            (row for row in rows if row.way == ALICORN and row.judged_by == HELD_OUT), main=_MAIN
        )


def _folder(data: Path | None, photos: Path | None) -> Path:
    if photos is not None and data is None:
        return photos
    if data is not None and photos is None:
        return data / "photos"
    found = "both --data and" if data else "neither --data nor"
    raise ConfigError(
        f"found {found} --photos, needed one of them: "
        "--data DIR with photos/caltech101/<label>/, or --photos DIR with caltech101/<label>/"
    )


def _baselines(library: Library, documents: Sequence[PhotoDocument]) -> Iterator[Way]:
    """Yield the simple ways to search judged photos."""
    uris = [document.uri for document in documents]
    tags = {
        document.uri: [(tag.concept, tag.confidence) for tag in document.tags]
        for document in documents
    }
    yield Way("plain tag match", TagMatch(tags))
    texts = [" ".join(name for name, _ in tags[uri]) for uri in uris]
    yield Way("BM25 over names of tags", Bm25(uris, texts))
    meaning = Meaning(load_words(), Taxonomy.load())
    seen = probabilities_of(library, documents)
    vectors = (meaning.categories, meaning.of_query)
    yield Way("ConSE", Conse(uris, seen, *vectors))
    yield Way("q_w C j, every category", Projection(uris, seen, *vectors))
    cut = Projection(uris, seen, *vectors, most_tags=MAX_TAGS, most_concepts=MOST_MATCHES)
    yield Way(f"q_w C j, {MOST_MATCHES} by {MAX_TAGS}", cut)
    yield Way("random", Chance(uris))


def _goals(rows: Sequence[Row], judges: Iterable[str]) -> list[Goal]:
    """Return what is compared with the English names of the same things, and the first goal."""
    wanted = {SYNONYMS: _SYNONYMS_GOAL, LANGUAGE_NAMES["fr"]: _FRENCH_GOAL}
    found = []
    for judged_by in judges:
        way = UNTRAINED if judged_by == BOTH_HALVES else ALICORN
        if labels := row_of(rows, queries=LABELS, way=way, judged_by=judged_by):
            precision = labels.measured.means[_MAIN]
            found.append(Goal(f"P@10, {LABELS}, {way}", judged_by, precision, _LABELS_GOAL))
        english = row_of(rows, queries=ENGLISH, way=way, judged_by=judged_by)
        for name in (SYNONYMS, *LANGUAGE_NAMES.values()):
            other = row_of(rows, queries=name, way=way, judged_by=judged_by)
            if english is None or other is None:
                continue
            ratio = ratio_of_precisions(other.measured, english.measured)
            if ratio is not None:
                what = f"P@10, {name} by English names, {way}"
                found.append(Goal(what, judged_by, ratio, wanted.get(name)))
    return found
