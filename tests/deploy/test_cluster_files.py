"""The documented settings are the settings: the file in `deploy/` cannot drift from the code."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from alicorn.command.reach import check_reach
from alicorn.config.cluster import ClusterConfig, load_cluster, write_cluster
from alicorn.config.serving import ServingConfig

CLUSTER = Path(__file__).resolve().parents[2] / "deploy" / "cluster.toml"


def settings(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the full name of each setting of a parsed file."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from settings(value, f"{prefix}{key}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for entry in value:
                yield from settings(entry, f"{prefix}{key}.")
        else:
            yield prefix + key


def test_the_file_says_what_holds_without_it() -> None:
    """Who starts from it changes one line, and nothing else changes with it."""
    assert load_cluster(CLUSTER) == ClusterConfig()


def test_the_file_has_every_setting_that_there_is(tmp_path: Path) -> None:
    """A setting that is not shown is not found; `write_cluster` writes them all."""
    write_cluster(ClusterConfig(), tmp_path / "all.toml")
    expected = sorted(settings(tomllib.loads((tmp_path / "all.toml").read_text())))

    assert expected == sorted(settings(tomllib.loads(CLUSTER.read_text())))


def test_every_field_of_the_configuration_is_named() -> None:
    """Guards the test above, should `write_cluster` forget a field that was added."""
    named = set(settings(tomllib.loads(CLUSTER.read_text())))
    where = {
        "shards": "library.shards",
        "top_address": "top.address",
        "rack_address": "rack.address",
        "web_address": "web.address",
        "web_hosts": "web.hosts",
        "index": "index.shards",
        "viewer_secret": "security.viewer_secret",
        "vectors": "words.vectors",
        "languages": "words.languages",
    }
    expected = {where[f.name] for f in fields(ClusterConfig) if f.name != "serving"}
    expected |= {f"serving.{f.name}" for f in fields(ServingConfig)}

    assert expected <= named


def test_each_setting_is_explained_above_it() -> None:
    """A default without its reason is a number that nobody dares to change."""
    lines = CLUSTER.read_text().splitlines()
    bare = [
        line
        for above, line in pairwise(lines)
        if re.match(r"\w+ = ", line) and not above.startswith("#")
    ]

    assert bare == []


def test_no_secret_is_shipped() -> None:
    """A secret that everybody has signs everybody's tokens."""
    assert load_cluster(CLUSTER).viewer_secret == ""


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the secret")
def test_the_published_example_is_served_with_tokens_only(tmp_path: Path) -> None:
    """The README's file starts as it stands, with a secret that nobody else has."""
    readme = (CLUSTER.parent / "README.md").read_text()
    (block,) = [part for part in readme.split("```") if part.startswith("sh\n")]
    subprocess.run(["bash", "-ec", block.removeprefix("sh\n")], cwd=tmp_path, check=True)
    written = tmp_path / "cluster.toml"
    cluster = load_cluster(written)
    check_reach(cluster, cluster.web_address, cluster.top_address)

    assert cluster.web_address == "0.0.0.0:8737"
    assert len(cluster.viewer_secret) == 64
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
