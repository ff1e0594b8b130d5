"""The commands `alicorn evaluate ...`: libraries of judged things, ways to search them, tables.

judged_library.py   a library of judged photos whose folder names cannot be searched
caption_library.py  a library of captions, four of each image
served.py           the whole serving path as a way to search, with switches for its parts
seen.py             what the classifier saw in every photo, not cut to 50 tags
meaning.py          vectors of queries and concepts, for baselines
nouns.py            words for what labels stand for: taxonomy, WordNet, other wordnets
comparison.py       ways to search, asked the same queries; what came of it
table.py            that as a table for people
photos.py captions.py reach.py    the commands
"""

from __future__ import annotations

__all__ = ["captions", "photos", "reach"]
