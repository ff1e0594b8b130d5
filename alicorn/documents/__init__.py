"""The document model: what a photo is, which terms it carries, how it travels.

`model` has the plain types, `schema` the edge types (from `schema.toml`), `terms` the edges that a
document carries, `text` how words are cut, `hitdata` the byte beside a hit, `codec` the bytes of a
document in the log and on the wire, `partition` where it lives, and `ordering` what comes first.
"""

from __future__ import annotations

from alicorn.documents.model import Audience, AudienceKind, PhotoDocument, Place, Tag

__all__ = ["Audience", "AudienceKind", "PhotoDocument", "Place", "Tag"]
