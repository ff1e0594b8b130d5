"""`alicorn tour`: five steps in two minutes, each of which checks what it claims.

`stage` is the shelf that the tour plays on, a copy of its own; `step` says what a step is, and
`search`, `why`, `friendship`, `shard` and `copies` are the five; `guide` leads through them, on a
terminal or as one JSON document.
"""

from __future__ import annotations

from alicorn.command.tour.guide import run

__all__ = ["run"]
