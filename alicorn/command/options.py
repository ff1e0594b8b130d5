"""Options that several commands have, each with its one explanation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "ConfigOption",
    "DataOption",
    "JsonOption",
    "LibraryOption",
    "LicenceOption",
    "ModelOption",
    "OutOption",
    "PhotosOption",
    "SampleOption",
    "ServerOption",
    "TokenOption",
    "ViewerOption",
]

PhotosOption = Annotated[
    Path | None, typer.Option("--photos", help="A folder of photos.", show_default=False)
]
LibraryOption = Annotated[
    Path | None,
    typer.Option("--library", help="Where the library is kept.", show_default=False),
]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model",
        help="A model.toml: see photos with another classifier (docs/your-own-model.md).",
        show_default=False,
    ),
]
SampleOption = Annotated[bool, typer.Option("--sample", help="The sample shelf.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
ServerOption = Annotated[
    str | None,
    typer.Option("--server", help="host:port of a running server.", show_default=False),
]
ViewerOption = Annotated[
    int, typer.Option("--viewer", min=0, help="Person id to search as; 0 is the library's owner.")
]
TokenOption = Annotated[
    str, typer.Option("--token", envvar="ALICORN_TOKEN", help="Signed viewer token.")
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Settings, as deploy/cluster.toml.", show_default=False),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Write here, not into the package.", show_default=False),
]
DataOption = Annotated[str, typer.Option("--data", help="For the card: what it is made from.")]
LicenceOption = Annotated[str, typer.Option("--licence", help="For the card: of the data.")]
