"""Shelves: what `alicorn up` serves, one at a time, and how it changes to another.

What is where:

    shelf.py        one open shelf: tiers, log tail and understanding, started and closed as a unit
    switchboard.py  who answers now; lets requests at work end on the shelf that they began on
    offers.py       which shelves can be opened; pictures.py finds the machine's pictures folder
    building.py     the synthetic world, made in a process of its own
    dropping.py     takes files in; naming.py and kinds.py look at what somebody dropped
    controls.py     all of these together: `webtier.controls.Controls`
"""

from __future__ import annotations

__all__: list[str] = []
