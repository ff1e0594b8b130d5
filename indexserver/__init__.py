"""The index server: one shard of the collection, from posting lists to the best hits.

    postings/     segments: immutable, checksummed files of posting lists, columns and documents
    merge.py      several segments into one
    budget.py     which posting lists stay in memory, and which on flash
    view.py       what a query sees: segments, who is live in them, what changed since
    execution/    an expression over a view: matches, exact concept scores, the best of them
    embeddings/   Hamming distances between 256-bit codes
    scoring/      text score, feature rows, first-stage trees
    shard.py      writes from the log in, hits out; manifest, sealing and merging behind it
    tail.py       follows the log
    wire.py       protobuf <-> requests and answers; handler.py: the shards of one process
    server.py     gRPC over the handler; decides nothing

Shards are synchronous: any number of threads may search while one writes. A search takes one
immutable `View` and is never blocked by a write.
"""

from __future__ import annotations

__all__ = [
    "budget",
    "config",
    "embeddings",
    "execution",
    "handler",
    "live",
    "manifest",
    "merge",
    "ordering",
    "postings",
    "scoring",
    "search",
    "server",
    "shard",
    "storage",
    "tail",
    "view",
    "wire",
]
