"""`cluster.toml`: what is right is read, and what is wrong is named."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from alicorn.command.wording import understanding_of
from alicorn.config.cluster import ClusterConfig, IndexPlace, load_cluster, write_cluster
from alicorn.config.serving import ServingConfig
from alicorn.errors import ConfigError
from understanding.queries import UnderstandingConfig

WHOLE = """
[library]
shards = 3
[top]
address = "0.0.0.0:1"
[rack]
address = "rack.local:2"
[web]
address = "127.0.0.1:3"
hosts = ["photos.local"]
[security]
viewer_secret = "0123456789abcdef0123456789abcdef"
[serving]
shard_hits = 50
search_timeout_s = 3
[[index]]
address = "a:4"
shards = [0, 2]
[[index]]
address = "b:5"
shards = [1]
"""


def _load(tmp_path: Path, text: str) -> ClusterConfig:
    path = tmp_path / "cluster.toml"
    path.write_text(text)
    return load_cluster(path)


def test_every_setting_is_read(tmp_path: Path) -> None:
    """Nothing of the file is passed over."""
    assert _load(tmp_path, WHOLE) == ClusterConfig(
        shards=3,
        top_address="0.0.0.0:1",
        rack_address="rack.local:2",
        web_address="127.0.0.1:3",
        web_hosts=("photos.local",),
        index=(IndexPlace(address="a:4", shards=(0, 2)), IndexPlace(address="b:5", shards=(1,))),
        viewer_secret="0123456789abcdef0123456789abcdef",
        serving=ServingConfig(shard_hits=50, search_timeout_s=3),
    )


def test_an_empty_file_is_one_machine(tmp_path: Path) -> None:
    """The defaults are those of the class."""
    assert _load(tmp_path, "") == ClusterConfig()


def test_other_shards_without_servers_are_in_one(tmp_path: Path) -> None:
    """The number alone is enough on one machine."""
    found = _load(tmp_path, "[library]\nshards = 5")

    assert [place.shards for place in found.index] == [(0, 1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[library]\nshards = 0", "library.shards"),
        ("[library]\nshards = 1025", "library.shards"),
        ("[library]\nshards = 'two'", "library.shards"),
        ("[library]\nshard = 2", "shard"),
        ("[libary]\nshards = 2", "libary"),
        ("[top]\nadress = 'x:1'", "adress"),
        ("[top]\naddress = 7", "top.address"),
        ("[web]\nhosts = 'x'", "web.hosts"),
        ("[[index]]\naddress = 'a:1'", "shards"),
        ("[[index]]\naddress = 'a:1'\nshards = [0]", r"\[\[index\]\]"),
        ("[[index]]\naddress = 'a:1'\nshards = [0, 1, 1]", r"\[\[index\]\]"),
        ("[[index]]\naddress = 'a:1'\nshards = [0, 1, 2]", r"\[\[index\]\]"),
        ("[[index]]\naddress = 'a:1'\nshards = ['0']", "index.*shards"),
        ("[security]\nviewer_secret = 'short'", "viewer_secret"),
        ("[serving]\nshard_hits = 0", "shard_hits"),
        ("[serving]\nretrieve_limit = 100001", "retrieve_limit"),
        ("[serving]\nshard_timeout_s = 0", "shard_timeout_s"),
        ("[serving]\nsearch_timeout_s = nan", "search_timeout_s"),
        ("[serving]\nsearch_timeout_s = inf", "search_timeout_s"),
        ("[serving]\nshard_timeout_s = 'soon'", "serving: .*shard_timeout_s"),
        ("[serving]\nshard_timeout = 1", "shard_timeout"),
        ("shards = 2", "shards"),
        ("[library", "table declaration"),
        ("[library]\nshards = 2\nshards = 3", "overwrite"),
        ("\x00", "line 1"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, text: str, named: str) -> None:
    """A typing error must not leave a default in force that nobody wanted."""
    with pytest.raises(ConfigError, match=rf"cluster\.toml: .*({named})"):
        _load(tmp_path, text)


def test_a_secret_that_is_wrong_is_not_shown(tmp_path: Path) -> None:
    """The message ends up in logs."""
    with pytest.raises(ConfigError) as raised:
        _load(tmp_path, "[security]\nviewer_secret = 'hunter2'")

    assert "hunter2" not in str(raised.value)


def test_the_secret_is_not_part_of_the_repr() -> None:
    """Nor does a configuration that is printed tell it."""
    assert "abcdef" not in repr(ClusterConfig(viewer_secret="0123456789abcdef" * 2))


@pytest.mark.parametrize("content", [b"\xff\xfe[library]", b"[library]\nx = '\xe9'"])
def test_what_is_no_utf_8_is_a_config_error(tmp_path: Path, content: bytes) -> None:
    """Not a traceback."""
    path = tmp_path / "cluster.toml"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=r"cluster\.toml"):
        load_cluster(path)


def test_a_file_that_cannot_be_read_is_a_config_error(tmp_path: Path) -> None:
    """Absent, or a folder."""
    for path in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(ConfigError, match=f"cannot read {path}"):
            load_cluster(path)


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(ServingConfig)])
def test_every_number_of_serving_is_checked(name: str) -> None:
    """Read from the class, so that a new field without a bound fails here."""
    with pytest.raises(ConfigError, match=name):
        ServingConfig(**{name: -1})


def test_words_of_ones_own_are_named_beside_the_file(tmp_path: Path) -> None:
    """Vectors and languages; without a word of them everything that ships is used."""
    settings = tmp_path / "cluster.toml"
    settings.write_text('[words]\nvectors = "mine.vec"\nlanguages = ["de", "fr"]\n', "utf-8")
    cluster = load_cluster(settings)

    assert cluster.vectors == tmp_path / "mine.vec"
    assert understanding_of(cluster) == UnderstandingConfig(
        vectors=tmp_path / "mine.vec", languages=("de", "fr")
    )
    assert understanding_of(ClusterConfig()) == UnderstandingConfig()
    write_cluster(cluster, tmp_path / "again.toml")
    assert load_cluster(tmp_path / "again.toml") == cluster
