"""Names of concepts in other languages, from the open wordnets: `Names`.

`omw` reads the wordnets' files, `weights` says how much a name means each synset, `table` is the
file of one language and how it is searched, `build` makes the shipped ones with `notices`.
`morphology` and `accents` bring what was typed to the form in the file, `names` looks it up.
"""

from understanding.concepts.languages.names import NamedSynset, Names

__all__ = ["NamedSynset", "Names"]
