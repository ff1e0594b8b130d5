"""The commands `alicorn evaluate ...`: how relevant answers are, beside simpler ways to search.

They import what they need when they run; the work is in `evaluating`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alicorn.command.console import errors_told
from alicorn.command.evaluating.switches import Switch
from alicorn.command.options import JsonOption

__all__ = ["evaluate"]

evaluate = typer.Typer(help="Measure relevance, beside simpler ways.", no_args_is_help=True)

CacheOption = Annotated[
    Path | None,
    typer.Option("--library", help="Keep the judged library here.", show_default=False),
]
NeededDataOption = Annotated[Path, typer.Option("--data", help="The development data.")]
WithoutOption = Annotated[
    list[Switch] | None,
    typer.Option("--without", help="Leave a part out; may be repeated.", show_default=False),
]
AblateOption = Annotated[
    bool, typer.Option("--ablate", help="Add a row without each part in turn.")
]
BothHalvesOption = Annotated[
    bool,
    typer.Option("--both-halves", help="Judge by the training half, too, also without rankers."),
]
PerQueryOption = Annotated[
    bool, typer.Option("--per-query", help="Print the worst and the best queries, too.")
]


@evaluate.command("photos")
def evaluate_photos(
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Has photos/caltech101/<label>/.", show_default=False),
    ] = None,
    photos: Annotated[
        Path | None,
        typer.Option("--photos", help="Folder with caltech101/<label>/.", show_default=False),
    ] = None,
    cache: CacheOption = None,
    without: WithoutOption = None,
    ablate: AblateOption = False,
    both_halves: BothHalvesOption = False,
    per_query: PerQueryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask for judged photos by labels, synonyms, broader terms and in other languages.

    Through the whole serving path; in the same table plain tag match, BM25, ConSE and chance.
    """
    from alicorn.command.evaluating import photos as command  # noqa: PLC0415

    with errors_told():
        command.evaluate(
            data=data,
            photos=photos,
            library=cache,
            without=without or (),
            ablate=ablate,
            both_halves=both_halves,
            per_query=per_query,
            as_json=as_json,
        )


@evaluate.command("captions")
def evaluate_captions(
    data: NeededDataOption,
    cache: CacheOption = None,
    without: WithoutOption = None,
    ablate: AblateOption = False,
    both_halves: BothHalvesOption = False,
    per_query: PerQueryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Find images by a caption among four others of each; beside BM25 and chance."""
    from alicorn.command.evaluating import captions as command  # noqa: PLC0415

    with errors_told():
        command.evaluate(
            data,
            library=cache,
            without=without or (),
            ablate=ablate,
            both_halves=both_halves,
            per_query=per_query,
            as_json=as_json,
        )


@evaluate.command("reach")
def evaluate_reach(
    data: NeededDataOption,
    judgements: Annotated[
        Path | None,
        typer.Option("--judgements", help="JSON lines: name, concept, right.", show_default=False),
    ] = None,
    without: WithoutOption = None,
    unjudged: Annotated[
        bool, typer.Option("--unjudged", help="Print the pairs that nobody has judged.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Tell what share of 300 names of things is taken for a right concept."""
    from alicorn.command.evaluating import reach as command  # noqa: PLC0415

    with errors_told():
        command.evaluate(
            data,
            judgements=judgements,
            without=without or (),
            unjudged=unjudged,
            as_json=as_json,
        )
