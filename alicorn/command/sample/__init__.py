"""The sample shelf: eleven real photographs, five people and their friendships.

The photographs come out of packages (`sources.toml`), never out of this repository; captions,
dates, owners and audiences are ours (`shelf.toml`); the copies are made here, so that folding
shows.
"""

from __future__ import annotations

__all__: list[str] = []
