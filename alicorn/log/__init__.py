"""The update log and the authoritative graph: what was written, and who may see what.

`writes` has the changes there are, `codec` their bytes, `entry` their place in the log, `interface`
what a log and a graph promise. `sqlite` and `graph` keep both in one SQLite file (`schema`, `apply`
and `connections` are theirs).
"""

from __future__ import annotations

from alicorn.log.entry import GRAPH_PARTITION, Entry, EntryKind
from alicorn.log.graph import SqliteGraph
from alicorn.log.interface import (
    Acknowledged,
    AuthoritativeGraph,
    Person,
    Reason,
    Sight,
    UpdateLog,
)
from alicorn.log.sqlite import SqliteLog
from alicorn.log.writes import (
    DeleteDocument,
    PutBlock,
    PutDocument,
    PutFriendship,
    PutPerson,
    RemoveBlock,
    RemoveFriendship,
    SetAudience,
    Write,
)

__all__ = [
    "GRAPH_PARTITION",
    "Acknowledged",
    "AuthoritativeGraph",
    "DeleteDocument",
    "Entry",
    "EntryKind",
    "Person",
    "PutBlock",
    "PutDocument",
    "PutFriendship",
    "PutPerson",
    "Reason",
    "RemoveBlock",
    "RemoveFriendship",
    "SetAudience",
    "Sight",
    "SqliteGraph",
    "SqliteLog",
    "UpdateLog",
    "Write",
]
