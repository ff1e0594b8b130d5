"""Which model a library is understood by: the one that ships, or somebody's own by `--model`.

A library keeps to one model. Tags of two models have other confidences, and their visual codes have
nothing to do with each other, so a library that holds photos is never continued with another model;
one that holds none yet takes any. Searching needs no model: codes are compared with codes.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from alicorn.command.console import say
from alicorn.command.library import Library, ModelRecord, open_library, write_settings
from alicorn.errors import ConfigError
from alicorn.log import EntryKind, SqliteLog
from understanding.photos.messages import ModelChoice

if TYPE_CHECKING:
    from understanding.photos.model_file import ModelFile

__all__ = ["choice_of", "with_model"]

_CHUNK: Final = 1_000


def with_model(library: Library, model: Path | None) -> Library:
    """Return ``library`` as the one that ``model`` understands, and note that in it.

    Parameters
    ----------
    model : Path or None
        A `model.toml`; None keeps to what the library was made with.

    Raises
    ------
    ConfigError
        If photos in the library were understood by another model, or the file is wrong.
    MissingModel, CorruptData
        If a file of the model is absent or unreadable.
    """
    if model is None:
        return library
    from understanding.photos.model_file import ModelFile  # noqa: PLC0415

    described = ModelFile.load(model)
    record = ModelRecord(
        name=described.name,
        licence=described.licence,
        path=str(described.path),
        identity=described.identity(),
    )
    known = library.settings.model
    if known is None or known.identity != record.identity:
        if _holds_photos(library):
            raise ConfigError(
                f"the photos in the library at {library.path} were understood by {_named(known)}, "
                f"found {_named(record)}: what two models see is not comparable; make a new "
                f"library: alicorn index --photos DIR --model {model} --library NEW_DIR"
            )
        from understanding.photos.own import ready  # noqa: PLC0415

        # Tried before it is noted: a library must not keep to a model that does not work.
        ready(described)
    if known != record:
        settings = msgspec.structs.replace(library.settings, model=record)
        library = replace(library, settings=settings)
        write_settings(library)
    _tell(described)
    return library


def choice_of(library: Library) -> ModelChoice | None:
    """Return the model that ``library`` is understood by; None for the one that ships.

    Raises
    ------
    ConfigError
        If its `model.toml` is not there any more, or another process chose another model meanwhile.
    """
    record = library.settings.model
    if open_library(library.path).settings.model != record:
        raise ConfigError(
            f"the library at {library.path} has got another model meanwhile; start again"
        )
    if record is None:
        return None
    if not Path(record.path).is_file():
        raise ConfigError(
            f"the library at {library.path} is understood by {record.name}, found nothing at "
            f"{record.path}; say where its model.toml is with --model FILE"
        )
    return ModelChoice(record.path, record.identity)


def _holds_photos(library: Library) -> bool:
    """Whether any photo was ever published; people and friendships stand before the first."""
    if not library.log_path.exists():
        return False
    with closing(SqliteLog(library.log_path)) as log:
        after = 0
        while entries := log.read(after, _CHUNK):
            if any(entry.kind is EntryKind.PUT_DOCUMENT for entry in entries):
                return True
            after = entries[-1].sequence
    return False


def _named(record: ModelRecord | None) -> str:
    if record is None:
        return "the model that ships"
    return f"{record.name} ({record.identity[:8]})"


def _tell(described: ModelFile) -> None:
    """Say what will be seen, and what will not."""
    dropped = f", {described.dropped} are dropped" if described.dropped else ""
    say(
        f"photos are understood by {described.name} ({described.licence}): {described.known} "
        f"classes are concepts{dropped}"
    )
    if described.codes is None:
        say(
            "its visual codes are random planes; trained ones keep more of what is alike: "
            f"alicorn train itq --photos DIR --model {described.path} --out DIR"
        )
