"""`alicorn`: the one command; `workshop` has the subcommands that make and measure what ships.

Subcommands import what they need when they run, so `--help` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import alicorn
from alicorn.command.console import errors_told
from alicorn.command.evaluate import evaluate
from alicorn.command.kernels import forget_stale_kernels
from alicorn.command.options import (
    ConfigOption,
    JsonOption,
    LibraryOption,
    ModelOption,
    PhotosOption,
    SampleOption,
    ServerOption,
    TokenOption,
    ViewerOption,
)
from alicorn.command.parent import follow_parent
from alicorn.command.workshop import bench, train
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
serve = typer.Typer(
    help="Run one tier of a cluster; `up --processes` starts them all.", no_args_is_help=True
)
app.add_typer(train, name="train")
app.add_typer(evaluate, name="evaluate")
app.add_typer(bench, name="bench")
app.add_typer(serve, name="serve")


@serve.callback()
def _serve() -> None:
    follow_parent()


@app.callback()
def _root(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
) -> None:
    configure_logging(level="debug" if verbose else "warning")
    forget_stale_kernels()


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
    model: ModelOption = None,
    config: ConfigOption = None,
    processes: Annotated[
        bool, typer.Option("--processes", help="One process for each tier, talking gRPC.")
    ] = False,
    http_port: Annotated[
        int | None,
        typer.Option("--http-port", min=0, max=65535, help="Port of the page; 0 takes a free one."),
    ] = None,
    grpc_port: Annotated[
        int | None,
        typer.Option("--grpc-port", min=0, max=65535, help="Port of gRPC; 0 takes a free one."),
    ] = None,
    index: Annotated[
        bool, typer.Option("--index/--no-index", help="Understand new photos meanwhile.")
    ] = True,
    open_browser: Annotated[
        bool | None,
        typer.Option(
            "--open/--no-open",
            help="Open the page in a browser; by default where there is a screen.",
            show_default=False,
        ),
    ] = None,
    key: Annotated[
        bool,
        typer.Option("--key", help="Serve only who opens the address with a key that is printed."),
    ] = False,
) -> None:
    """Search a folder of photos in the browser; understands them meanwhile."""
    from alicorn.command import up as command  # noqa: PLC0415

    with errors_told():
        command.run(
            photos=photos,
            library=library,
            sample=sample,
            model=model,
            config=config,
            processes=processes,
            http_port=http_port,
            grpc_port=grpc_port,
            index=index,
            open_browser=open_browser,
            key=key,
        )


@app.command()
def index(
    photos: PhotosOption = None,
    library: LibraryOption = None,
    sample: SampleOption = False,
    model: ModelOption = None,
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="Worker processes; 0 is one a core.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Understand the photos of a folder and make them searchable, then stop."""
    from alicorn.command import index as command  # noqa: PLC0415

    with errors_told():
        command.run(
            photos=photos,
            library=library,
            sample=sample,
            workers=workers,
            as_json=as_json,
            model=model,
        )


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
    photo: Annotated[
        int | None, typer.Argument(min=1, help="Photo id; not with --plan.", show_default=False)
    ] = None,
    library: LibraryOption = None,
    server: ServerOption = None,
    viewer: ViewerOption = 0,
    token: TokenOption = "",
    expression: Annotated[
        bool, typer.Option("--expression", help="The query is an s-expression.")
    ] = False,
    plan: Annotated[
        bool,
        typer.Option("--plan", help="Tell instead what the query's plan does on a library."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Tell why a photo stands where it stands: from the word to the rank."""
    if plan == (photo is not None):
        raise typer.BadParameter("needed a photo id or --plan, one of them")
    if photo is None:
        from alicorn.command import plan as planning  # noqa: PLC0415

        with errors_told():
            planning.run(
                query, library=library, server=server, expression=expression, as_json=as_json
            )
        return
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
def tour(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not wait between steps.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show in five steps what this is: two minutes, on a sample shelf of its own."""
    from alicorn.command import tour as command  # noqa: PLC0415

    with errors_told():
        command.run(yes=yes, as_json=as_json)


@app.command()
def world(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder that is not there yet, or empty.")
    ],
    people: Annotated[int, typer.Option("--people", min=1, help="How many people.")] = 2_000,
    photos: Annotated[int, typer.Option("--photos", min=1, help="How many photos.")] = 100_000,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="The same seed gives the same world.")
    ] = 7,
    as_json: JsonOption = False,
) -> None:
    """Make a synthetic world: made-up people, friendships and photos, to try searches on."""
    from alicorn.command import world as command  # noqa: PLC0415

    with errors_told():
        command.run(directory, people=people, photos=photos, seed=seed, as_json=as_json)


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
    place: Annotated[
        int, typer.Option("--place", min=0, help="Which [[index]] entry, from 0.")
    ] = 0,
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


def main() -> None:
    """Entry point of the console script."""
    app()
