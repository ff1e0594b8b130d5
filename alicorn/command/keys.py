"""`alicorn up --key`: one's own photos on an address that others may reach, as in a container.

Without viewer tokens only loopback is served (`reach`). A container's loopback is nobody's browser,
so what is mapped to a port of one's machine must listen on every address of the container, where
its neighbours arrive, too. With `--key` a secret is made for this run, which signs viewer tokens,
and a key, which is printed: who opens the address with the key is given a token for the library's
owner; nobody else is believed. Neither is ever written to a file.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Final

from aggregator.top.tokens import TokenKey
from alicorn.config.cluster import ClusterConfig
from alicorn.errors import ConfigError
from webtier.keys import Door

__all__ = ["RunKey"]

_SECRET_BYTES: Final = 32

_TOKEN_S: Final = 30 * 24 * 3600.0
"""A token ends with the run at the latest, for the secret does; this ends those of a forgotten
browser. Opening the address again gives a new one."""


@dataclass(frozen=True, slots=True)
class RunKey:
    """What is made for one run, and forgotten with it."""

    secret: str = field(default_factory=lambda: secrets.token_urlsafe(_SECRET_BYTES), repr=False)
    """Signs the viewer tokens."""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(_SECRET_BYTES), repr=False)
    """Stands in the address that is printed; another number, so that no page can sign by it."""

    def cluster(self, cluster: ClusterConfig, *, processes: bool) -> ClusterConfig:
        """Return ``cluster``, whose tokens are signed with this run's secret.

        Raises
        ------
        ConfigError
            If it has a secret of its own, or its tiers are processes, which would have to be told.
        """
        if cluster.viewer_secret:
            raise ConfigError(
                "found --key and a viewer_secret, needed one of them; with a viewer_secret, "
                "sign tokens: alicorn token 1 --config FILE"
            )
        if processes:
            raise ConfigError("found --key and --processes, needed one of them")
        return replace(cluster, viewer_secret=self.secret)

    def door(self, viewer: int) -> Door:
        """Return the door through which one comes in as ``viewer``."""
        signer = TokenKey(self.secret)
        return Door(self.key, lambda: signer.sign(viewer, valid_s=_TOKEN_S))
