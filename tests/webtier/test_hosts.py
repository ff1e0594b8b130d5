"""Foreign names are turned away (DNS rebinding), and every answer is guarded."""

from __future__ import annotations

import pytest

from webtier.headers import CONTENT_SECURITY_POLICY, SECURITY_HEADERS
from webtier.hosts import host_name


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1:9", "[::1]:80", "[::1]"]
)
def test_loopback_names_are_ours(client, host):
    """Whatever the browser calls this machine, the page is there."""
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:80",
        "[::1].evil",
        "2130706433",
    ],
)
@pytest.mark.parametrize("path", ["/", "/search?q=cat", "/thumb/1", "/api/status", "/metrics"])
def test_a_foreign_name_learns_nothing(client, host, path):
    """A page that made its own name resolve to loopback must not read a photo."""
    response = client.get(path, headers={"host": host})

    assert response.status_code in {400, 421}
    assert b"cat" not in response.content
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_no_host_at_all_is_a_bad_request(client):
    """HTTP/1.1 requires the header; its absence is no way around the check."""
    assert client.get("/", headers={"host": ""}).status_code == 400


def test_configured_hosts_are_ours(make_client, backend):
    """A server on the network answers under the name that it was given, and under no other."""
    client = make_client(backend, allowed_hosts=("photos.example",))

    assert client.get("/", headers={"host": "photos.example:8443"}).status_code == 200
    assert client.get("/", headers={"host": "other.example"}).status_code == 421


def test_health_is_told_to_probes_under_any_name(client):
    """An orchestrator asks under the address of the container."""
    response = client.get("/healthz", headers={"host": "10.0.0.7:8080"})

    assert (response.status_code, response.text) == (200, "ok\n")


@pytest.mark.parametrize(
    "path", ["/", "/search?q=cat", "/thumb/1", "/thumb/999", "/api/search", "/nowhere", "/metrics"]
)
def test_every_answer_carries_the_security_headers(client, path):
    """Errors and pictures too: a header that is sometimes there protects nobody."""
    headers = client.get(path).headers

    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_the_policy_allows_nothing_inline_and_nothing_foreign():
    """A caption that slipped through escaping must still be dead."""
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY


def test_host_names_lose_their_port_and_case():
    """Names are compared, ports are not."""
    assert host_name("Photos.Example:80") == "photos.example"
    assert host_name("[::1]:80") == "[::1]"


def test_answers_about_photos_stay_out_of_shared_caches(client):
    """What Ada sees must not be served to Ben from between."""
    for path in ("/", "/api/search?q=cat", "/thumb/1"):
        headers = client.get(path).headers
        assert "private" in headers["cache-control"]
        assert "Cookie" in headers["vary"]
