"""Without viewer tokens nobody but this machine is served, whichever command serves."""

from __future__ import annotations

from pathlib import Path

import pytest

from alicorn.command import serve, up
from alicorn.command.library import LibrarySettings, create_library
from alicorn.command.opening import chosen
from alicorn.command.reach import check_reach, is_loopback
from alicorn.config.cluster import ClusterConfig, load_cluster
from alicorn.errors import ConfigError

SECRET = "s" * 32


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8737", "127.3.2.1:80", "localhost:0", "[::1]:8737", "::1:8737"]
)
def test_loopback_is_this_machine(address: str) -> None:
    """A person with a folder needs no tokens."""
    check_reach(ClusterConfig(), address)

    assert is_loopback(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0:8737",
        "[::]:8737",
        "192.168.1.4:8737",
        "photos.example:8737",
        "localhost.example:8737",
        "127.example:8737",
        "dns:///top:8738",
        ":8737",
        "8737",
    ],
)
def test_what_others_can_reach_needs_a_secret(address: str) -> None:
    """PS-37: without tokens a request is believed, so only oneself may send one."""
    check_reach(ClusterConfig(viewer_secret=SECRET), address)

    assert not is_loopback(address)
    with pytest.raises(ConfigError, match="viewer_secret"):
        check_reach(ClusterConfig(), "127.0.0.1:1", address)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make an empty folder of photos."""
    photos = tmp_path / "photos"
    photos.mkdir()
    return photos


@pytest.mark.parametrize("tier", ["web", "top"])
@pytest.mark.parametrize("processes", [False, True])
def test_up_refuses_an_open_address(
    tmp_path: Path, folder: Path, tier: str, processes: bool
) -> None:
    """In one process and in many."""
    config = tmp_path / "cluster.toml"
    config.write_text(f'[{tier}]\naddress = "0.0.0.0:8737"\n')
    with pytest.raises(ConfigError, match=r"found 0\.0\.0\.0:8737"):
        up.run(
            photos=folder,
            library=tmp_path / "library",
            sample=False,
            config=config,
            processes=processes,
            http_port=None,
            grpc_port=None,
            index=False,
        )

    assert not (tmp_path / "library").exists()


def test_serving_one_tier_refuses_an_open_address(tmp_path: Path, folder: Path) -> None:
    """The rule must hold for whoever starts the tiers one by one."""
    settings = LibrarySettings(name="empty", photos=str(folder), shards=2)
    library = create_library(tmp_path / "library", settings)
    config = tmp_path / "cluster.toml"
    config.write_text('[web]\naddress = "0.0.0.0:8737"\n[top]\naddress = "0.0.0.0:8738"\n')

    with pytest.raises(ConfigError, match=r"found 0\.0\.0\.0:8737"):
        serve.web(config)
    with pytest.raises(ConfigError, match=r"found 0\.0\.0\.0:8738"):
        serve.top(library.path, config)


def test_a_library_gets_as_many_shards_as_the_file_says(tmp_path: Path, folder: Path) -> None:
    """Shards are fixed when a library is made, so this is when the setting must count."""
    library = chosen(photos=folder, library=tmp_path / "library", sample=False, shards=5)

    assert library.settings.shards == 5
    with pytest.raises(ConfigError, match="5 shards"):
        chosen(photos=folder, library=tmp_path / "library", sample=False, shards=2)


@pytest.mark.parametrize(
    ("settings", "changeable"),
    [
        ("", True),
        ('[web]\naddress = "[::1]:8737"\n', True),
        (f'[security]\nviewer_secret = "{SECRET}"\n', False),
        (f'[web]\naddress = "0.0.0.0:8737"\n[security]\nviewer_secret = "{SECRET}"\n', False),
        ('[web]\nhosts = ["photos.example"]\n', False),
    ],
)
def test_a_page_that_others_may_reach_can_change_nothing(
    tmp_path: Path, settings: str, changeable: bool
) -> None:
    """PS-37: with tokens, on another address, or behind a name that a proxy answers to."""
    config = tmp_path / "cluster.toml"
    config.write_text(settings)
    cluster = load_cluster(config)

    assert up._may_be_changed(cluster, up._ports(cluster, None, None)) is changeable


@pytest.mark.parametrize("shards", [1, 2, 3, 4, 7])
def test_without_a_file_the_index_servers_share_what_shards_there_are(shards: int) -> None:
    """A world has four, an older library two: `up --library` serves any, in one process or many."""
    cluster = up._with_shards(ClusterConfig(), shards)

    assert cluster.shards == shards
    assert sorted(shard for place in cluster.index for shard in place.shards) == [*range(shards)]
    assert len(cluster.index) == min(shards, 2)
