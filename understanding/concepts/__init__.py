"""Concepts: what can be seen in a photo, how the things hang together and what they are called.

`wordnet`, `breadth`, `families`, `naming`, `senses`, `compounds` and `build` make the shipped
taxonomy from WordNet; `taxonomy`, `propagation` and `tags` use it on the classifier's
probabilities, `lexicon` and `morphology` on the words of a query, and `coverage` says which labels
of an evaluation it can find by name. `languages` has names in other languages, `lines` is how many
texts are kept small. Only the shipped files are needed to search.
"""

__all__ = [
    "breadth",
    "build",
    "card",
    "compounds",
    "coverage",
    "families",
    "languages",
    "lexicon",
    "lines",
    "morphology",
    "naming",
    "propagation",
    "senses",
    "tags",
    "taxonomy",
    "wordnet",
]
