"""Peers: other engines over the same lists, asked the same questions in the same run.

tantivy.py           Lucene's design in Rust (extra `bench`)
croaring.py          compressed bitmaps (extra `bench`)
faiss.py             scans of binary codes (extra `bench`)
lightgbm.py          whoever trains the trees, predicting (extra `bench`)
xapian.py            Debian's python3-xapian, in the system's Python (`xapian_process.py`)
pisa.py              PISA, from pyterrier-pisa without its dependencies

Each opens to None where it is not installed; its rows then have no figures of theirs. Indexes are
built once and kept in the benchmark's folder.

    those of `bench`     pip install 'alicorn[bench]'
    Xapian               sudo apt-get install python3-xapian
    PISA                 pip install --no-deps pyterrier-pisa==0.4.9 tbb==2020.3.254
"""

from __future__ import annotations

__all__ = ["croaring", "faiss", "lightgbm", "pisa", "tantivy", "xapian"]
