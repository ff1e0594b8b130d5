"""Addresses as people write them, and as sockets take them."""

from __future__ import annotations

import pytest

from alicorn.errors import ConfigError
from alicorn.rpc.addresses import join_address, split_address


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("127.0.0.1:8737", "127.0.0.1", 8737),
        ("localhost:0", "localhost", 0),
        ("photos.example:65535", "photos.example", 65_535),
        ("[::1]:8737", "::1", 8737),
        ("[2001:db8::7]:80", "2001:db8::7", 80),
    ],
)
def test_an_address_is_cut_and_put_together_again(address: str, host: str, port: int) -> None:
    """An IPv6 address has brackets in `cluster.toml` and none in a socket."""
    assert split_address(address) == (host, port)
    assert join_address(host, port) == address


@pytest.mark.parametrize(
    "address", ["", "8737", ":8737", "localhost", "localhost:", "a:-1", "a:65536", "a:٣", "a:x"]
)
def test_what_is_no_address_is_refused_by_its_text(address: str) -> None:
    """The setting that was mistyped is the one that is named."""
    with pytest.raises(ConfigError, match="host:port, got"):
        split_address(address)
