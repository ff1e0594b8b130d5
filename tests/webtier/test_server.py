"""The server on a real port."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

import pytest

from alicorn.errors import ConfigError
from webtier.server import WebServer, bind


def test_a_taken_port_is_named_with_the_flag_that_changes_it(app):
    """Bad input: the message says what to do, before anything has started."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port} on 127.0.0.1 is taken.*--http-port"):
            WebServer(app, port=port, flag="--http-port")


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 0), ("127.0.0.1", 70_000)])
def test_a_host_or_port_that_is_none_is_a_setting_to_change(host, port):
    """Not a traceback."""
    with pytest.raises(ConfigError, match="--port"):
        bind(host, port)


def test_it_serves_and_stops_and_frees_its_port(app):
    """Stopping twice is harmless, and the same port can be taken at once."""
    with WebServer(app) as running:
        with urllib.request.urlopen(running.address + "/healthz", timeout=5) as response:
            assert response.read() == b"ok\n"
        port = running.port
    running.stop()
    bind("127.0.0.1", port).close()


def test_a_query_of_ten_thousand_emoji_reaches_our_own_answer(server):
    """120 kB of address: the parser must not answer before we do."""
    address = f"{server.address}/api/search?q=" + "%F0%9F%90%88" * 10_000
    with pytest.raises(urllib.error.HTTPError) as failure:
        urllib.request.urlopen(address, timeout=5)

    assert failure.value.code == 400
    assert b"at most 1000 characters" in failure.value.read()
    failure.value.close()


def test_addresses_can_be_opened_in_a_browser(app):
    """A server on all interfaces is shown under one that a browser can open."""
    everywhere = WebServer(app, host="0.0.0.0")
    assert everywhere.address == f"http://127.0.0.1:{everywhere.port}"
    everywhere.stop()
