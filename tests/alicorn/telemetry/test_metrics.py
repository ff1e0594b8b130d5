"""Metrics: the names that dashboards know, and the numbers behind them."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from alicorn.telemetry import Metrics
from alicorn.telemetry.metrics import BUCKETS_S


def sample(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_a_step_is_measured_also_when_it_fails() -> None:
    """Slow failures are what one looks for."""
    metrics = Metrics()
    with metrics.step("rewrite"):
        pass

    def fail() -> None:
        with metrics.step("rewrite"):
            raise KeyError("lost")

    with pytest.raises(KeyError):
        fail()

    assert sample(metrics, "alicorn_search_seconds_count", step="rewrite") == 2
    seconds = sample(metrics, "alicorn_search_seconds_sum", step="rewrite")
    assert seconds is not None
    assert 0 < seconds < 5


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
    metrics.photo("understood")
    metrics.log_reached("shard-3", 41)
    families = {f.name: f for f in text_string_to_metric_families(metrics.render().decode())}

    assert {
        "alicorn_search_seconds",
        "alicorn_searches",
        "alicorn_rpc_seconds",
        "alicorn_rpc",
        "alicorn_photos",
        "alicorn_log_sequence",
        "process_cpu_seconds",
    } <= families.keys()
    assert sample(metrics, "alicorn_log_sequence", part="shard-3") == 41


def test_two_metrics_do_not_share_their_series() -> None:
    """Several servers in one process, or one test after another, count apart."""
    first, second = Metrics(), Metrics()
    first.photo("failed")

    assert sample(second, "alicorn_photos_total", outcome="failed") is None


def test_buckets_ascend_from_a_quarter_of_a_millisecond_to_the_deadline() -> None:
    """Prometheus needs them in order; medians of steps lie under a millisecond."""
    assert sorted(set(BUCKETS_S)) == list(BUCKETS_S)
    assert BUCKETS_S[0] <= 0.00025
    assert BUCKETS_S[-1] >= 5
