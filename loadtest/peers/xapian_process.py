"""Xapian in the system's Python: builds a database, answers first-N questions with its own clock.

Run by `loadtest.peers.xapian`, not by hand; the system's Python has xapian, but none of ours, so
this file imports nothing else. Documents have boolean terms only and ascending numbers from 1.

    build FOLDER     from FOLDER/terms.txt (one word a line, in order) and FOLDER/offsets.bin (u64),
                     FOLDER/numbers.bin (i32): the word numbers of each document
    serve FOLDER     a JSON line in, {"kind", "words", "limit"}: a JSON line out,
                     {"seconds", "documents"}; documents count from 0
"""

from __future__ import annotations

import array
import json
import sys
import time
from itertools import pairwise
from pathlib import Path

import xapian  # type: ignore[import-not-found]


def build(folder: Path) -> None:
    """Write FOLDER/database."""
    terms = (folder / "terms.txt").read_text("utf-8").split("\n")
    offsets, numbers = array.array("Q"), array.array("i")
    for name, values in (("offsets", offsets), ("numbers", numbers)):
        values.frombytes((folder / f"{name}.bin").read_bytes())
    # No list of each document's terms: only searches need to be fast, and none shows a document.
    flags = xapian.DB_CREATE_OR_OVERWRITE | xapian.DB_NO_TERMLIST | xapian.DB_NO_SYNC
    database = xapian.WritableDatabase(str(folder / "database"), flags)
    for start, end in pairwise(offsets):
        document = xapian.Document()
        add = document.add_boolean_term
        for number in numbers[start:end]:
            add(terms[number])
        database.add_document(document)
    database.commit()
    database.close()


def query_of(kind: str, words: list[list[str]]) -> xapian.Query:
    """Return the query of one question."""
    groups = [[xapian.Query(word) for word in group] for group in words]
    if kind == "and":
        return xapian.Query(xapian.Query.OP_AND, groups[0])
    if kind == "or":
        return xapian.Query(xapian.Query.OP_OR, groups[0])
    if kind == "difference":
        return xapian.Query(xapian.Query.OP_AND_NOT, groups[0][0], groups[1][0])
    unions = [xapian.Query(xapian.Query.OP_OR, group) for group in groups]
    return xapian.Query(xapian.Query.OP_AND, unions)


def serve(folder: Path) -> None:
    """Answer questions until the input ends."""
    database = xapian.Database(str(folder / "database"))
    asked: dict[str, xapian.Enquire] = {}
    for line in sys.stdin:
        question = json.loads(line)
        if line not in asked:
            enquire = xapian.Enquire(database)
            enquire.set_weighting_scheme(xapian.BoolWeight())
            enquire.set_docid_order(xapian.Enquire.ASCENDING)
            enquire.set_query(query_of(question["kind"], question["words"]))
            asked[line] = enquire
        enquire = asked[line]
        begun = time.perf_counter()
        found = enquire.get_mset(0, question["limit"])
        seconds = time.perf_counter() - begun
        documents = [hit.docid - 1 for hit in found]
        sys.stdout.write(json.dumps({"seconds": seconds, "documents": documents}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    {"build": build, "serve": serve}[sys.argv[1]](Path(sys.argv[2]))
