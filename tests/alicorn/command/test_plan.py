"""`alicorn explain --plan` on a small library of two shards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from alicorn.command import plan
from alicorn.command.library import LibrarySettings, create_library
from alicorn.command.main import app
from alicorn.command.tiers import LocalTiers
from alicorn.documents import Audience, AudienceKind, PhotoDocument, Tag
from alicorn.errors import MalformedQuery, UnknownEdge, Unsupported
from alicorn.log import PutDocument, PutPerson

CATS, DOGS = 30, 20


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a library of 50 public photos, ten of them with a cat and a dog."""
    folder = tmp_path_factory.mktemp("planned")
    path = folder / "library"
    made = create_library(path, LibrarySettings(name="pets", photos=str(folder), shards=2))
    with LocalTiers(made, writable=True) as tiers:
        tiers.log.append([PutPerson(1, "Ada")])
        for number in range(50):
            cat, dog = number < CATS, CATS - 10 <= number < CATS - 10 + DOGS
            tags = [Tag("cat", 0.9)] * cat + [Tag("dog", 0.8)] * dog
            document = PhotoDocument(
                author=1,
                sort_key=number,
                audience=Audience(AudienceKind.PUBLIC),
                content_hash=number.to_bytes(32, "big"),
                tags=tuple(tags),
                caption="at the sea" if number % 2 else "",
            )
            tiers.log.append([PutDocument(document)])
        tiers.catch_up()
    return path


def planned(
    library: Path, query: str, capsys: pytest.CaptureFixture[str], *, as_json: bool = False
) -> str:
    """Return what the command prints on stdout."""
    plan.run(query, library=library, server=None, expression=False, as_json=as_json)
    return capsys.readouterr().out


def test_the_plan_of_an_expression_is_a_tree_with_what_each_node_found(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """PS-18: operands as they are read, subtrahends marked, both shards added up."""
    printed = planned(library, "(difference (and tag:cat tag:dog) (all))", capsys)
    assert "(difference (and tag:cat tag:dog) (all))" in printed

    text = "(difference (or tag:cat (term tag:dog :weight 0.5)) text:sea)"
    found = json.loads(planned(library, text, capsys, as_json=True))

    (root,) = found["plan"]
    by_node = {node["node"]: node for node in root["operands"][0]["operands"]}
    assert found["expression"] == text
    assert (found["shards"], found["documents"], found["matched"]) == (2, 50, 20)
    assert (root["node"], root["found"]) == ("and", 20)
    assert root["operands"][1]["role"] == "not"
    assert by_node["tag:cat"]["found"] == by_node["tag:cat"]["estimated"] == CATS
    assert (by_node["tag:dog"]["found"], by_node["tag:dog"]["weight"]) == (DOGS, 0.5)
    assert root["windows"] == 2
    assert root["time_us"] > 0


def test_words_are_planned_as_the_public_module_asks_them(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """PS-29: the expression is shown above its plan."""
    found = json.loads(planned(library, "dog", capsys, as_json=True))

    assert "tag:dog" in found["expression"]
    assert "audience:public" in found["expression"]
    assert found["matched"] == DOGS


def test_soft_operators_show_what_stands_beside_the_tree(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Dogs may miss three times a shard, so they are no condition of the tree."""
    printed = planned(library, "(weak-and tag:cat (term tag:dog :optional-hits 3))", capsys)

    assert "tag:cat" in printed
    assert "beside tag:dog" in printed


def test_what_the_shards_do_not_run_is_refused(library: Path) -> None:
    """An error of the query, with its place or the nearest names; a server has no files here."""
    for query, error in (
        ("(and tag:cat", MalformedQuery),
        ("(and tga:cat)", UnknownEdge),
        ("(apply author: tag:cat)", Unsupported),
    ):
        with pytest.raises(error):
            plan.run(query, library=library, server=None, expression=False, as_json=False)
    with pytest.raises(Unsupported, match="--server"):
        plan.run("cat", library=None, server="localhost:1", expression=False, as_json=False)


def test_a_photo_and_a_plan_are_two_questions() -> None:
    """One of them, and exactly one."""
    for arguments in (["cat"], ["cat", "5", "--plan"]):
        answer = CliRunner().invoke(app, ["explain", *arguments])

        assert answer.exit_code == 2
        assert "photo id or --plan" in answer.output
