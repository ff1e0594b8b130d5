"""Keeping the best of many: a buffer that is cut down to the best whenever it is full.

Offers come in DocId order, and cutting down keeps that order, so that of equal scores the earlier
documents stay without looking at them. What may still enter needs a score above the worst of the
best; a heap would know that bound sooner, but moves an entry log2(limit) times for each that
enters.
"""

from __future__ import annotations

__all__: list[str] = []
