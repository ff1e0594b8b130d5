"""`python -m alicorn.command`: the command without its script."""

from __future__ import annotations

from alicorn.command.main import main

main()
