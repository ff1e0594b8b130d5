"""`cluster.toml`: which process serves what, and where.

One file for one machine and for many. Every address is a gRPC target, so a name that resolves to
several replicas is fine. What is not said has a default for one machine.

    [library]                       [[index]]
    shards = 2                      address = "127.0.0.1:8751"
    [top]                           shards = [0]
    address = "127.0.0.1:8738"
    [rack]                          [[index]]
    address = "127.0.0.1:8741"      address = "127.0.0.1:8752"
    [web]                           shards = [1]
    address = "127.0.0.1:8737"
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import msgspec

from alicorn.config.serving import ServingConfig
from alicorn.documents.partition import PARTITIONS
from alicorn.errors import ConfigError

__all__ = [
    "DEFAULT_SHARDS",
    "EVERY_LANGUAGE",
    "ClusterConfig",
    "IndexPlace",
    "load_cluster",
    "write_cluster",
]

DEFAULT_SHARDS: Final = 2
"""Shards of a new library."""

EVERY_LANGUAGE: Final = "*"
"""Among the languages: all that there are names or vectors of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPlace:
    """One index server and the shards that it holds."""

    address: str
    shards: tuple[int, ...]


def _default_index() -> tuple[IndexPlace, ...]:
    return (
        IndexPlace(address="127.0.0.1:8751", shards=(0,)),
        IndexPlace(address="127.0.0.1:8752", shards=(1,)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """Every process of a deployment."""

    shards: int = DEFAULT_SHARDS
    """Shards of the collection; 1,024 partitions are mapped to them."""
    top_address: str = "127.0.0.1:8738"
    """Where the top aggregator answers frontends."""
    rack_address: str = "127.0.0.1:8741"
    """Where the rack aggregator answers the top."""
    web_address: str = "127.0.0.1:8737"
    """Where the results page is."""
    web_hosts: tuple[str, ...] = ()
    """Host names, besides loopback, under which the page may be asked for."""
    index: tuple[IndexPlace, ...] = field(default_factory=_default_index)
    """Index servers; each shard stands in exactly one entry."""
    viewer_secret: str = field(default="", repr=False)
    """Key of the viewer tokens; empty means that only this machine is served, without tokens."""
    serving: ServingConfig = field(default_factory=ServingConfig)
    vectors: Path | None = None
    """Vectors of words instead of the shipped ones: word2vec, Numberbatch, npz, or a folder."""
    languages: tuple[str, ...] = (EVERY_LANGUAGE,)
    """Two-letter codes of the languages understood beside English."""

    def __post_init__(self) -> None:
        if not 1 <= self.shards <= PARTITIONS:
            raise ConfigError(f"library.shards must be in 1..{PARTITIONS}, got {self.shards}")
        placed = sorted(shard for place in self.index for shard in place.shards)
        if placed != list(range(self.shards)):
            raise ConfigError(
                f"each of the {self.shards} shards must stand in exactly one [[index]], "
                f"found {placed}"
            )
        if self.viewer_secret and len(self.viewer_secret) < 32:
            raise ConfigError(
                f"viewer_secret must have at least 32 characters, got {len(self.viewer_secret)}"
            )


class _Tier(msgspec.Struct, forbid_unknown_fields=True):
    address: str | msgspec.UnsetType = msgspec.UNSET
    hosts: tuple[str, ...] = ()


class _Library(msgspec.Struct, forbid_unknown_fields=True):
    shards: int = DEFAULT_SHARDS


class _Security(msgspec.Struct, forbid_unknown_fields=True):
    viewer_secret: str = ""


class _Words(msgspec.Struct, forbid_unknown_fields=True):
    vectors: str = ""
    languages: tuple[str, ...] = (EVERY_LANGUAGE,)


class _Index(msgspec.Struct, forbid_unknown_fields=True):
    address: str
    shards: tuple[int, ...]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The file as it is written; `_settings` gives it meaning."""

    library: _Library = msgspec.field(default_factory=_Library)
    top: _Tier = msgspec.field(default_factory=_Tier)
    rack: _Tier = msgspec.field(default_factory=_Tier)
    web: _Tier = msgspec.field(default_factory=_Tier)
    security: _Security = msgspec.field(default_factory=_Security)
    serving: dict[str, Any] = msgspec.field(default_factory=dict)
    words: _Words = msgspec.field(default_factory=_Words)
    index: tuple[_Index, ...] = ()


def load_cluster(path: Path) -> ClusterConfig:
    """Read ``path``.

    Raises
    ------
    ConfigError
        If it cannot be read, is not TOML, or has an unknown or wrong setting; the message names it.
    """
    try:
        written = msgspec.toml.decode(path.read_bytes(), type=_File)
        return _settings(written, path.parent)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    except (msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _settings(written: _File, folder: Path) -> ClusterConfig:
    index = tuple(IndexPlace(address=e.address, shards=e.shards) for e in written.index)
    if not index and written.library.shards != DEFAULT_SHARDS:
        everything = tuple(range(written.library.shards))
        index = (IndexPlace(address="127.0.0.1:8751", shards=everything),)
    addresses: dict[str, Any] = {
        f"{name}_address": tier.address
        for name, tier in (("top", written.top), ("rack", written.rack), ("web", written.web))
        if tier.address is not msgspec.UNSET
    }
    return ClusterConfig(
        shards=written.library.shards,
        web_hosts=written.web.hosts,
        index=index or _default_index(),
        viewer_secret=written.security.viewer_secret,
        serving=_serving(written.serving),
        vectors=folder / written.words.vectors if written.words.vectors else None,
        languages=written.words.languages,
        **addresses,
    )


def _serving(written: dict[str, Any]) -> ServingConfig:
    known = [setting.name for setting in fields(ServingConfig)]
    for name in written:
        if name not in known:
            raise ConfigError(f"serving has no setting {name}, needed one of {', '.join(known)}")
    try:
        return msgspec.convert(written, ServingConfig)
    except msgspec.ValidationError as error:
        raise ConfigError(f"serving: {error}") from None


def write_cluster(cluster: ClusterConfig, path: Path) -> None:
    """Write ``cluster`` so that `load_cluster` reads the same; only its owner may read the file."""
    serving = [f"{f.name} = {getattr(cluster.serving, f.name)}" for f in fields(ServingConfig)]
    # A JSON string is a TOML string, and so is a list of them.
    lines = [
        f"[library]\nshards = {cluster.shards}",
        f"[top]\naddress = {json.dumps(cluster.top_address)}",
        f"[rack]\naddress = {json.dumps(cluster.rack_address)}",
        f"[web]\naddress = {json.dumps(cluster.web_address)}",
        f"hosts = {json.dumps(cluster.web_hosts)}",
        f"[security]\nviewer_secret = {json.dumps(cluster.viewer_secret)}",
        "[serving]",
        *serving,
        *(
            f"[[index]]\naddress = {json.dumps(place.address)}\nshards = {list(place.shards)}"
            for place in cluster.index
        ),
    ]
    lines += _words_lines(cluster)
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _words_lines(cluster: ClusterConfig) -> list[str]:
    vectors = "" if cluster.vectors is None else str(cluster.vectors.absolute())
    languages = json.dumps(cluster.languages)
    return ["[words]", f"vectors = {json.dumps(vectors)}", f"languages = {languages}"]
