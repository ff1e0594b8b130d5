"""Metrics: the names that dashboards know, and the numbers behind them."""

from __future__ import annotations

import math

from prometheus_client.parser import text_string_to_metric_families

from alicorn.errors import CorruptData
from alicorn.telemetry import Metrics
from alicorn.telemetry.metrics import BUCKETS_S


def sample(metrics: Metrics, name: str, **labels: str) -> float | None:
    """Return one number as a scrape of the rendered text sees it."""
    for family in text_string_to_metric_families(metrics.render().decode()):
        for found in family.samples:
            if (found.name, found.labels) == (name, labels):
                return float(found.value)
    return None


def test_a_call_counts_by_method_and_code() -> None:
    """Errors are a share of calls, so both must be counted in one place."""
    metrics = Metrics()
    metrics.rpc("/search/Search", "OK", 0.003)
    metrics.rpc("/search/Search", "INVALID_ARGUMENT", 0.001)
    count = sample(metrics, "alicorn_rpc_seconds_count", method="/search/Search")
    fast = sample(metrics, "alicorn_rpc_seconds_bucket", method="/search/Search", le="0.001")
    ok = sample(metrics, "alicorn_rpc_total", method="/search/Search", code="OK")

    assert (count, fast, ok) == (2.0, 1.0, 1.0)


def test_every_series_is_rendered_under_the_name_that_dashboards_know() -> None:
    """A renamed series is an alert that never fires again."""
    metrics = Metrics()
    metrics.search_step("retrieve", 0.002)
    metrics.search_ended("partial")
    metrics.rpc("m", "OK", 0.1)
    metrics.photos("understood", 3)
    metrics.log_part("log", lambda: 41)
    metrics.web_request("search", 200, 0.004)
    families = {f.name: f for f in text_string_to_metric_families(metrics.render().decode())}

    assert {
        "alicorn_search_seconds",
        "alicorn_searches",
        "alicorn_rpc_seconds",
        "alicorn_rpc",
        "alicorn_photos",
        "alicorn_log_sequence",
        "alicorn_web_requests",
        "alicorn_web_request_seconds",
        "process_cpu_seconds",
    } <= families.keys()


def test_a_part_of_the_log_is_asked_when_it_is_scraped() -> None:
    """A gauge that somebody must remember to set is old by the time it matters."""
    metrics = Metrics()
    reached = [41]
    metrics.log_part("shard-3", lambda: reached[0])
    before = sample(metrics, "alicorn_log_sequence", part="shard-3")
    reached[0] = 42

    assert (before, sample(metrics, "alicorn_log_sequence", part="shard-3")) == (41, 42)


def test_a_log_that_cannot_be_read_leaves_the_other_series() -> None:
    """When the disk is broken, the figures are needed most."""
    metrics = Metrics()

    def damaged() -> int:
        raise CorruptData("found a damaged page")

    metrics.log_part("log", damaged)
    metrics.photos("failed", 2)
    sequence = sample(metrics, "alicorn_log_sequence", part="log")

    assert sequence is not None
    assert math.isnan(sequence)
    assert sample(metrics, "alicorn_photos_total", outcome="failed") == 2


def test_two_metrics_do_not_share_their_series() -> None:
    """Several servers in one process, or one test after another, count apart."""
    first, second = Metrics(), Metrics()
    first.photos("failed", 1)

    assert sample(second, "alicorn_photos_total", outcome="failed") is None


def test_buckets_ascend_from_a_quarter_of_a_millisecond_to_the_deadline() -> None:
    """Prometheus needs them in order; medians of steps lie under a millisecond."""
    assert sorted(set(BUCKETS_S)) == list(BUCKETS_S)
    assert BUCKETS_S[0] <= 0.00025
    assert BUCKETS_S[-1] >= 5
