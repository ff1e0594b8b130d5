"""Understanding: what is in a photo and what a query asks for, in one space of concepts.

`understanding.photos` turns a picture into a `PhotoDocument`, `understanding.concepts`
knows what the concepts are and how they hang together, `understanding.queries` turns
words into concepts, and `understanding.texts` knows what words of captions are worth. No
image model runs when somebody searches: all of `photos` happens before a photo enters the
index (PS-09).
"""

__all__ = ["concepts", "photos", "queries", "texts"]
