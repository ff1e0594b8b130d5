"""`alicorn token`: signs a viewer token with the secret of `cluster.toml`.

For trying a protected service, and for frontends that are not in Python; others sign with
`aggregator.top.tokens.TokenKey`, whose docstring has the form.
"""

from __future__ import annotations

from pathlib import Path

import typer

from aggregator.top.tokens import TokenKey
from alicorn.config.cluster import load_cluster
from alicorn.errors import ConfigError

__all__ = ["run"]


def run(viewer: int, *, config: Path, hours: float) -> None:
    """Print a token for ``viewer``."""
    secret = load_cluster(config).viewer_secret
    if not secret:
        raise ConfigError(
            f"{config} has no viewer_secret, so nobody asks for tokens; needed one of at least "
            "32 characters in [security]"
        )
    typer.echo(TokenKey(secret).sign(viewer, valid_s=hours * 3600))
