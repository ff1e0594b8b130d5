"""Trained files that ship, each with a card; see `NOTICE.md` for where they come from."""

__all__: list[str] = []
