"""Addresses: "host:port", an IPv6 host in brackets, as `cluster.toml` and browsers write them."""

from __future__ import annotations

from typing import Final

from alicorn.errors import ConfigError

__all__ = ["MAX_PORT", "join_address", "split_address"]

MAX_PORT: Final = 65_535


def split_address(address: str) -> tuple[str, int]:
    """Return host and port of ``address``, the host as sockets take it: without brackets.

    >>> split_address("127.0.0.1:8737"), split_address("[::1]:0")
    (('127.0.0.1', 8737), ('::1', 0))

    Raises
    ------
    ConfigError
        If it has no host, or its port is no number in 0..65535.
    """
    host, _, port = address.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    # No more than five digits: int() of thousands would take quadratic time.
    is_port = port.isascii() and port.isdigit() and len(port) <= len(str(MAX_PORT))
    if not bare or not is_port or int(port) > MAX_PORT:
        raise ConfigError(f"an address must be host:port, got {address!r:.80}")
    return bare, int(port)


def join_address(host: str, port: int) -> str:
    """Return the address of ``port`` on ``host``, which may be an IPv6 address without brackets.

    >>> join_address("localhost", 80), join_address("::1", 80)
    ('localhost:80', '[::1]:80')
    """
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
