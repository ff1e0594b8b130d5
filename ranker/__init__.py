"""The ranker: what orders photos, from feature schema to final page.

    features.py     the columns of both stages, in order; the only place that names them
    forest/         first stage: trees trained by LightGBM, evaluated without it
    second_stage/   set signals -> folding -> network -> cut-off, over visible candidates
    training/       judgements in, models with cards out (extra `train`)
    evaluation/     metrics with confidence intervals, and the photo evaluation
    models/         the trained files, each with its card

Index servers run the first stage on what they retrieve, the top aggregator runs the second over
what is left when privacy has been checked. This package knows neither: arrays in, arrays out.
"""

from __future__ import annotations

__all__ = ["evaluation", "features", "forest", "second_stage", "training"]
