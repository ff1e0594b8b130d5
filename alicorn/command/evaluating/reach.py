"""`alicorn evaluate reach`: how much of what people call things is understood as something seen.

The names are the 19,995 classes of Open Images; 300 of them, drawn by a hash of the name, stand for
all. A name is reached when a concept that it is taken for is right: a photo of the one is a photo
of the other, or of a thing so near that somebody who typed the name would be glad of it. People
judged that once; their judgements are a file with a line a pair:

    {"name": "Vinegret", "concept": "salad", "right": true}

Only the first `FIRST` concepts of each phrase count, for those decide what is found first. A pair
that nobody has judged counts as wrong.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from alicorn.command.console import out, say_json
from alicorn.command.evaluating.mapping import Mapper
from alicorn.command.evaluating.switches import Switch
from alicorn.errors import BadRequest, CorruptData, NotFound
from ranker.evaluation.metrics import Interval, bootstrap

__all__ = ["FILE", "FIRST", "SAMPLE", "Pair", "evaluate", "read_judgements", "read_names", "sample"]

FILE: Final = Path("names") / "openimages_classes.csv"

SAMPLE: Final = 300
"""Names that stand for all."""

FIRST: Final = 3
"""Concepts of a phrase that are judged."""


class Pair(msgspec.Struct, frozen=True):
    """A name and a concept that it was taken for."""

    name: str
    concept: str
    right: bool | None = None
    """None where nobody has judged."""


class _Reach(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    names: int
    reached: Interval
    """Share of the names with a right concept."""
    taken_for_something: float
    """Share of the names with a concept, right or wrong."""
    reached_at_most: float
    """Share that would be reached if every pair that nobody has judged were right."""
    pairs: int
    unjudged: int
    not_reached: tuple[str, ...]


def evaluate(
    data: Path,
    *,
    judgements: Path | None,
    without: Collection[Switch],
    unjudged: bool,
    as_json: bool,
) -> None:
    """Print the share of names that are reached, or the pairs that nobody has judged.

    Parameters
    ----------
    data : Path
        The development data, with ``names/openimages_classes.csv``.
    judgements : Path or None
        JSON lines of `Pair`; None is none.
    without : collection of Switch
        Parts of the understanding that are left out.
    unjudged : bool
        Print pairs to judge, as lines for the file of judgements, instead of the share.

    Raises
    ------
    NotFound, CorruptData
        If a file is missing or none of its kind.
    """
    names = sample(read_names(data / FILE), SAMPLE)
    known = {} if judgements is None else read_judgements(judgements)
    taken = Mapper.load(without).concepts_of(names, FIRST)
    if unjudged:
        for pair in _pairs(taken):
            if (pair.name, pair.concept) not in known:
                out.print(msgspec.json.encode(pair).decode(), markup=False)
        return
    reach = _reach(taken, known)
    if as_json:
        say_json(msgspec.to_builtins(reach))
        return
    found = reach.reached
    out.print(
        f"concept reach: {found.mean:.3f} ({found.low:.3f} to {found.high:.3f}) of "
        f"{reach.names} names\n"
        f"taken for something: {reach.taken_for_something:.3f}\n"
        f"pairs of a name and a concept: {reach.pairs:,}, not judged: {reach.unjudged:,}; were "
        f"all of these right, {reach.reached_at_most:.3f} would be reached",
        markup=False,
    )


def read_names(path: Path) -> list[str]:
    """Return the second column of a table of classes, without repeats, in its order.

    Raises
    ------
    NotFound
        If there is no such file.
    CorruptData
        If a line has no second column.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(dict.fromkeys(row[1] for row in csv.reader(file) if row))
    except OSError as error:
        raise NotFound(f"found no names at {path}: {error.strerror}") from None
    except (IndexError, csv.Error, UnicodeDecodeError) as error:
        raise CorruptData(f"{path} is no table of ids and names: {error}") from None


def sample(names: Iterable[str], size: int) -> list[str]:
    """Return ``size`` of ``names``: those whose hashes are least, so that nobody chose them.

    A name that is added or taken away changes at most one other of the sample.
    """

    def place(name: str) -> tuple[bytes, str]:
        return hashlib.blake2b(name.encode(), digest_size=8).digest(), name

    return sorted(names, key=place)[:size]


def read_judgements(path: Path) -> dict[tuple[str, str], bool]:
    """Return (name, concept) -> whether it is right; lines without a verdict are passed over.

    Raises
    ------
    NotFound
        If there is no such file.
    CorruptData
        If a line is no judgement, or two differ about a pair.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise NotFound(f"found no judgements at {path}: {error.strerror}") from None
    known: dict[tuple[str, str], bool] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            pair = msgspec.json.decode(line, type=Pair)
        except msgspec.DecodeError as error:
            raise CorruptData(f"{path} line {number}: {error}") from None
        if pair.right is None:
            continue
        if known.setdefault((pair.name, pair.concept), pair.right) != pair.right:
            raise CorruptData(
                f"{path} line {number}: {pair.name!r} as {pair.concept!r} was judged otherwise "
                "before"
            )
    return known


def _pairs(taken: Mapping[str, Iterable[str]]) -> list[Pair]:
    return [Pair(name, concept) for name, concepts in taken.items() for concept in concepts]


def _reach(taken: Mapping[str, Collection[str]], known: Mapping[tuple[str, str], bool]) -> _Reach:
    if not taken:
        raise BadRequest("found no names, needed one at least")
    verdicts = {
        name: [known.get((name, concept)) for concept in concepts]
        for name, concepts in taken.items()
    }
    reached = {name: True in each for name, each in verdicts.items()}
    judged = [verdict for each in verdicts.values() for verdict in each]
    return _Reach(
        names=len(taken),
        reached=bootstrap([float(hit) for hit in reached.values()]),
        taken_for_something=sum(map(bool, verdicts.values())) / len(taken),
        reached_at_most=sum(True in v or None in v for v in verdicts.values()) / len(taken),
        pairs=len(judged),
        unjudged=judged.count(None),
        not_reached=tuple(name for name, hit in reached.items() if not hit),
    )
