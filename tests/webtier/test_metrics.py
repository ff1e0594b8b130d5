"""`/metrics`: one page for all that a process counts, and nothing for viewers with tokens."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from alicorn.telemetry import Metrics
from webtier.app import create_app
from webtier.config import WebConfig


def test_the_page_has_what_other_parts_of_the_process_counted(backend):
    """One process is one target of a scraper: searches, photos and pages together."""
    metrics = Metrics()
    metrics.photos("understood", 7)
    app = create_app(backend, WebConfig(), metrics)
    client = TestClient(app, base_url="http://localhost")
    client.get("/healthz")
    figures = client.get("/metrics").text

    assert 'alicorn_photos_total{outcome="understood"} 7.0' in figures
    assert 'alicorn_web_requests_total{route="_healthz",status="200"} 1.0' in figures


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer good"}])
def test_viewers_with_tokens_read_no_metrics(backend, make_client, headers):
    """PS-37: how many photos were added is told to nobody who may not see them."""
    backend.tokens = {"good": 1}
    client = make_client(backend, viewer_tokens=True)
    response = client.get("/metrics", headers=headers)

    assert response.status_code == 403
    assert "alicorn_" not in response.text
