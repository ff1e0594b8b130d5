"""`alicorn train …`: makes the files that ship, from sources that may ship.

The two rankers are in `judged`, since they learn from what the serving path returns; what is known
of the words of captions is in `train_texts`.
"""

from __future__ import annotations

import importlib.util
from importlib import resources
from pathlib import Path

import msgspec

from alicorn.command.console import out, say, say_json
from alicorn.command.library import Progress
from alicorn.errors import ConfigError, NotFound

__all__ = ["cities", "graph", "itq", "languages", "taxonomy", "words"]


def _inside(package: str, folder: str) -> Path:
    return Path(str(resources.files(package))) / folder


def _check_wordnet(wordnet: Path) -> None:
    if not (wordnet / "data.noun").is_file():
        raise NotFound(
            f"found no data.noun in {wordnet}, needed WordNet 3.0; on Debian: "
            "sudo apt-get install -y wordnet-base, then --wordnet /usr/share/wordnet"
        )


def taxonomy(wordnet: Path, out_dir: Path | None) -> None:
    """Make the taxonomy from WordNet 3.0."""
    from understanding.concepts.build import build_taxonomy  # noqa: PLC0415

    _check_wordnet(wordnet)
    shipped = _inside("understanding.concepts", "data")
    card = build_taxonomy(wordnet, shipped / "classes.txt", out_dir or shipped)
    say_json(msgspec.to_builtins(card))


def languages(omw: Path, wordnet: Path, out_dir: Path | None) -> None:
    """Make the names in other languages from the open wordnets and WordNet 3.0."""
    from understanding.concepts.languages.build import build_languages  # noqa: PLC0415

    shipped = _inside("understanding.concepts.languages", "data")
    card = build_languages(omw, wordnet, out_dir or shipped)
    say_json(msgspec.to_builtins(card))


def words(wordnet: Path, out_dir: Path | None) -> None:
    """Make the vectors of English words from WordNet 3.0 and a sentence encoder."""
    from alicorn.command.progress import ProgressBar  # noqa: PLC0415
    from understanding.concepts.words.build import build_words  # noqa: PLC0415
    from understanding.concepts.words.encoder import SentenceEncoder  # noqa: PLC0415

    _check_wordnet(wordnet)
    with ProgressBar(announce=False, doing="reading glosses") as bar:
        card = build_words(
            wordnet,
            SentenceEncoder(),
            out_dir or _inside("understanding.concepts", "data"),
            tell=lambda done, found: bar.tell(Progress(found=found, done=done, running=True)),
        )
    say_json(msgspec.to_builtins(card))


def cities(out_dir: Path | None) -> None:
    """Make the table of cities."""
    from understanding.photos.geo_build import compile_cities  # noqa: PLC0415

    target = (out_dir or _inside("understanding.photos", "data")) / "cities.npz"
    table = compile_cities(target)
    out.print(f"{table.cities} cities: {table.file_bytes} bytes in {target}", markup=False)


def graph(out_dir: Path | None) -> None:
    """Make EfficientNet-Lite0's graph."""
    try:
        from understanding.photos.graph.build import build  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(f"{error}; needed: pip install 'alicorn[train]'") from None
    target = (out_dir or _inside("understanding.photos", "graph")) / "lite0.onnx"
    target.write_bytes(build().SerializeToString(deterministic=True))
    out.print(f"{target.stat().st_size} bytes in {target}", markup=False)


def itq(
    photos: Path, out_dir: Path | None, *, data: str, licence: str, model: Path | None = None
) -> None:
    """Train the rotation of the visual codes, of ``model`` instead of the one that ships."""
    if importlib.util.find_spec("faiss") is None:
        raise ConfigError("found no faiss, needed: pip install 'alicorn[train]'")
    if model is not None and out_dir is None:
        raise ConfigError("found --model without --out, needed a folder for its codes: --out DIR")
    from understanding.photos.model_file import ModelFile  # noqa: PLC0415
    from understanding.photos.scan import scan  # noqa: PLC0415
    from understanding.photos.training.itq import train  # noqa: PLC0415

    described = None if model is None else ModelFile.load(model)
    files = [photos / found.uri for found in scan(photos).photos]
    say(f"looking at {len(files)} photos")
    card = train(
        files,
        out_dir or _inside("understanding.photos", "models"),
        data=data,
        licence=licence,
        made_by=f"alicorn train itq --photos {photos.name}"
        + ("" if model is None else f" --model {model.name}"),
        model=described,
    )
    say_json(msgspec.to_builtins(card))
    if described is not None and out_dir is not None:
        codes = (out_dir / "itq.npz").absolute()
        folder = described.path.parent
        named = codes.relative_to(folder) if codes.is_relative_to(folder) else codes
        say(f'put this into {model}, before photos are understood:\n[codes]\nfile = "{named}"')
