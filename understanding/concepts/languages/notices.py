"""What goes with the names: whose they are, under which terms, and what was changed.

A wordnet whose licence is not in `LICENCES` is refused: it must first be read whether what is
derived from the wordnet may be passed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from understanding.concepts.languages.omw import OpenWordnet

__all__ = ["CECILL_FILE", "LICENCES", "licence_of", "notice"]

CECILL_FILE: Final = "LICENCE-CeCILL-C.txt"
"""The whole text of it, which must go with what is under it."""

LICENCES: Final = {
    "CC BY 3.0": "Creative Commons Attribution 3.0, https://creativecommons.org/licenses/by/3.0/",
    "CC BY SA 4.0": (
        "Creative Commons Attribution-ShareAlike 4.0, "
        "https://creativecommons.org/licenses/by-sa/4.0/"
    ),
    "CC BY-SA": (
        "Creative Commons Attribution-ShareAlike, https://creativecommons.org/licenses/by-sa/4.0/"
    ),
    "CeCILL-C": f"CeCILL-C 1.0, see {CECILL_FILE}",
    "wordnet": "WordNet licence, see NOTICE.txt",
}
"""Licence as a wordnet's first line has it -> what it is called; all allow changes and copies."""

_CREDITS: Final = {
    "fr": "WOLF, by Benoît Sagot and Darja Fišer, INRIA",
    "it": "MultiWordNet, by Emanuele Pianta, Luisa Bentivogli and Christian Girardi, FBK",
    "pt": "OpenWN-PT, by Valeria de Paiva, Alexandre Rademaker and Gerard de Melo",
    "nl": "Open Dutch WordNet, by Marten Postma, Emiel van Miltenburg, Roxane Segers, "
    "Anneleen Schoen and Piek Vossen",
    "pl": "plWordNet, by Maciej Piasecki, Stan Szpakowicz and Bartosz Broda, Wrocław University "
    "of Technology",
    "da": "DanNet, by University of Copenhagen and Society for Danish Language and Literature",
    "ca": "Multilingual Central Repository, by Aitor Gonzalez-Agirre, Egoitz Laparra and German "
    "Rigau; Catalan by Laura Benítez and others",
    "zh": "Chinese Open Wordnet, by Shan Wang and Francis Bond, Nanyang Technological University",
    "eu": "Multilingual Central Repository, by Aitor Gonzalez-Agirre, Egoitz Laparra and German "
    "Rigau; Basque by Elisabete Pociello and others",
    "gl": "Multilingual Central Repository, by Aitor Gonzalez-Agirre, Egoitz Laparra and German "
    "Rigau; Galician by Xavier Gómez Guinovart and others",
}

_HEAD: Final = """\
The names of concepts in other languages, made by `alicorn train languages` from the wordnets below,
as the Open Multilingual Wordnet collects them (https://omwn.org; Bond and Foster, "Linking and
extending an open multilingual wordnet", ACL 2013), and from WordNet 3.0 (Princeton University).

Each file is under the licence of its wordnet, not under that of the program that reads it. Changes,
made in 2026: nouns only; definitions, examples, names of single things and what is no name were
left out; words were cut and written in lower case; a weight was added to each meaning, some faint
ones were left out, and a usual one was added where the English word has it. Each file is a numpy
archive that has everything needed to change it; the command makes it again from the wordnet.

"""

_WORDNET: Final = """
The licence "wordnet" is that of WordNet with the owner of the wordnet in Princeton's place. The
owners of {owners} hold the copyright of theirs; Princeton University holds that of WordNet 3.0,
whose synsets all files name. For each of them:

This software and database is being provided to you, the LICENSEE, by the owner under the following
license.  By obtaining, using and/or copying this software and database, you agree that you have
read, understood, and will comply with these terms and conditions.:

Permission to use, copy, modify and distribute this software and database and its documentation for
any purpose and without fee or royalty is hereby granted, provided that you agree to comply with the
following copyright notice and statements, including the disclaimer, and that the same appear on ALL
copies of the software, database and documentation, including modifications that you make for
internal use or for distribution.

WordNet 3.0 Copyright 2006 by Princeton University.  All rights reserved.
DanNet Copyright 2009-12 by University of Copenhagen and Society for Danish Language and Literature.

THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS" AND THE OWNER MAKES NO REPRESENTATIONS OR WARRANTIES,
EXPRESS OR IMPLIED.  BY WAY OF EXAMPLE, BUT NOT LIMITATION, THE OWNER MAKES NO REPRESENTATIONS OR
WARRANTIES OF MERCHANTABILITY OR FITNESS FOR ANY PARTICULAR PURPOSE OR THAT THE USE OF THE LICENSED
SOFTWARE, DATABASE OR DOCUMENTATION WILL NOT INFRINGE ANY THIRD PARTY PATENTS, COPYRIGHTS,
TRADEMARKS OR OTHER RIGHTS.

The name of the owner may not be used in advertising or publicity pertaining to distribution of the
software and/or database.  Title to copyright in this software, database and any associated
documentation shall at all times remain with the owner and LICENSEE agrees to preserve same.
"""

_CECILL: Final = f"""
The licence CeCILL-C is in {CECILL_FILE}; its articles 8 and 9 limit liability and warranty: the
names are provided as they are.
"""


def licence_of(wordnet: OpenWordnet) -> str | None:
    """Return what the licence of ``wordnet`` is called; None if it is not one that is known."""
    return LICENCES.get(wordnet.licence)


def notice(files: Sequence[tuple[str, OpenWordnet]]) -> str:
    """Return the text of NOTICE.txt for files (name, wordnet) made from wordnets of `LICENCES`."""
    parts = [_HEAD]
    for name, wordnet in files:
        parts.append(f"{name}: {_CREDITS[wordnet.language]}\n")
        parts.append(f"    {wordnet.address}\n    {LICENCES[wordnet.licence]}\n")
    owned = [wordnet.name for _, wordnet in files if wordnet.licence == "wordnet"]
    if any(wordnet.licence == "CeCILL-C" for _, wordnet in files):
        parts.append(_CECILL)
    parts.append(_WORDNET.format(owners=", ".join(owned or ["WordNet"])))
    return "".join(parts)
