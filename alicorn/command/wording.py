"""From the settings of `cluster.toml` to what may be used to understand queries."""

from __future__ import annotations

from alicorn.config.cluster import EVERY_LANGUAGE, ClusterConfig
from understanding.queries.config import UnderstandingConfig

__all__ = ["understanding_of"]


def understanding_of(cluster: ClusterConfig) -> UnderstandingConfig:
    """Return what ``cluster`` says of words.

    Raises
    ------
    ConfigError
        If a language is no two-letter code.
    """
    everything = EVERY_LANGUAGE in cluster.languages
    return UnderstandingConfig(
        vectors=cluster.vectors, languages=None if everything else cluster.languages
    )
