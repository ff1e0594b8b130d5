"""The `alicorn` command: the roof, and the one place that puts the tiers together.

`main` has the subcommands, `library` what is on disk, `tiers` the assembly in one process,
`processes` the same in many, and one file for each subcommand.
"""

from __future__ import annotations

__all__: list[str] = []
