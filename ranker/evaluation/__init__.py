"""How good an order is: figures with intervals, queries for judged things, baselines.

    metrics.py         measures of one ranked list, and how sure one may be of their mean
    measuring.py       a set of queries, asked and compared with judgements
    label_queries.py   queries from labels: synonyms, broader terms, other languages
    caltech101.py      which thing of WordNet each label of Caltech-101 stands for
    baselines/         simple ways to search the same things, for the same table

Nothing here knows how Alicorn searches: a way to search is a callable.
"""

from __future__ import annotations

from ranker.evaluation.measuring import Measured, Query, QuerySet, measure

__all__ = ["Measured", "Query", "QuerySet", "measure"]
