"""Photos: from the bytes of a picture to everything that the index keeps of it.

The way of one photo, each step a module of its own:

    decode.py       bytes -> upright RGB pixels, within limits; exif.py and geo.py beside it
    classifier.py   pixels -> 1,000 probabilities and a vector of 1,280 numbers
    codes.py        vector -> 256 bits, by ITQ or by LSH
    fingerprint.py  pixels -> PDQ fingerprint, for near-copies
    thumbnail.py    pixels -> the small picture of the results page
    engine.py       all of these put together, run by worker.py in a process of its own

`weights.py` and `graph/` make the classifier's ONNX files from an installed package;
`training/` (extra `train`) makes what `models/` ships. The modules are imported by name,
so that importing this package costs nothing.
"""

__all__: list[str] = []
