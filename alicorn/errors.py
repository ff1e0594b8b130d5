"""Every error of Alicorn, grouped by what the caller can do about it.

    AlicornError
      BadRequest                 change the request
        MalformedQuery             the s-expression; knows its column
        UnknownEdge                an edge type that the schema does not have; names near misses
        UnknownViewer              a viewer that the graph does not know
        ShapeError                 arrays that do not fit together
      Unsupported                this server cannot do it yet; names the operator
      Unauthenticated            show a valid viewer token
      Forbidden                  not for this viewer
      NotFound                   no such document or file
      TryElsewhere               ask another replica, or later
        ShardLoading               the shard is still reading its segments
      DeadlineSpent              allow more time
      OutOfSpace                 free some room; nothing acknowledged was lost
      ConfigError                change a setting; names it
      MissingModel               install or repair a model file; says how
      CorruptData                rebuild this file; names the file and the section
        CorruptIndex               a segment
      UnreadablePhoto            this one picture cannot be understood; the others can

Messages are lowercase, without a full stop, with the value found and the value needed.
`alicorn.rpc.status` maps each to a gRPC code, `alicorn.command` to an exit status.
"""

from __future__ import annotations

__all__ = [
    "AlicornError",
    "BadRequest",
    "ConfigError",
    "CorruptData",
    "CorruptIndex",
    "DeadlineSpent",
    "Forbidden",
    "MalformedQuery",
    "MissingModel",
    "NotFound",
    "OutOfSpace",
    "ShapeError",
    "ShardLoading",
    "TryElsewhere",
    "Unauthenticated",
    "UnknownEdge",
    "UnknownViewer",
    "UnreadablePhoto",
    "Unsupported",
]


class AlicornError(Exception):
    """The root: whatever Alicorn raises on purpose is one of these."""


class BadRequest(AlicornError):
    """The request cannot be served as it is; change it."""


class MalformedQuery(BadRequest):
    """An s-expression that does not parse.

    Attributes
    ----------
    column : int
        Where it was noticed, in characters, the first being 1.
    expected : str
        What could have stood there.
    """

    def __init__(self, message: str, *, column: int, expected: str = "") -> None:
        super().__init__(f"column {column}: {message}")
        self.column = column
        self.expected = expected


class UnknownEdge(BadRequest):
    """A term whose edge type is not in the schema."""


class UnknownViewer(BadRequest):
    """A viewer whom the authoritative graph does not know."""


class ShapeError(BadRequest):
    """Arrays whose sizes do not fit together."""


class Unsupported(AlicornError):
    """A part of the language that this server does not run yet; the message names it."""


class Unauthenticated(AlicornError):
    """The viewer is not proven; show a valid viewer token."""


class Forbidden(AlicornError):
    """The viewer is known and may not do this."""


class NotFound(AlicornError):
    """There is no such document or file, or the viewer may not know that there is."""


class TryElsewhere(AlicornError):
    """The server cannot answer now; another replica may."""


class ShardLoading(TryElsewhere):
    """The shard is still reading its segments."""


class DeadlineSpent(AlicornError):
    """The time allowed was over before there was anything to answer."""


class OutOfSpace(AlicornError):
    """A bound on disk or memory was reached; what was acknowledged before is safe."""


class ConfigError(AlicornError):
    """A setting is wrong; the message names it, what was found and what was needed."""


class MissingModel(AlicornError):
    """A model file is absent or is not the one that was promised."""


class CorruptData(AlicornError):
    """A file of ours is damaged; the message names the file and the section."""


class CorruptIndex(CorruptData):
    """A segment is damaged: rebuild it from the log."""


class UnreadablePhoto(AlicornError):
    """One picture cannot be understood; the message names it and why."""
