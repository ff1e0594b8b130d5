"""The loopback rule: without viewer tokens only this machine is served.

Without tokens whoever reaches a port is believed to be whom the request names. On one's own machine
that is oneself; on an address that others can reach it would be anybody, so nothing is served
there. Binding to every address ("0.0.0.0") counts as reachable, in a container too: what stands
before it is not known here.
"""

from __future__ import annotations

import ipaddress

from alicorn.config.cluster import ClusterConfig
from alicorn.errors import ConfigError

__all__ = ["check_reach", "is_loopback"]


def is_loopback(address: str) -> bool:
    """Return whether "host:port" is for this machine alone; a name that is not localhost is not."""
    host = address.rpartition(":")[0].removeprefix("[").removesuffix("]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_reach(cluster: ClusterConfig, *addresses: str) -> None:
    """Let ``addresses`` be served, with a viewer secret or on loopback.

    Raises
    ------
    ConfigError
        If there is no secret and others can reach one of them.
    """
    open_to_others = [address for address in addresses if not is_loopback(address)]
    if open_to_others and not cluster.viewer_secret:
        raise ConfigError(
            f"without viewer tokens only this machine is served: found {open_to_others[0]}, which "
            "others can reach, needed 127.0.0.1, or a viewer_secret in [security] of cluster.toml"
        )
