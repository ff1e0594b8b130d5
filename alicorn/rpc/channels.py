"""gRPC channels to other tiers: health-aware balancing, retries of what never reached a server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import grpc

from alicorn.rpc.servers import MAX_MESSAGE_BYTES

__all__ = ["async_channel", "sync_channel"]

# Only UNAVAILABLE is retried, and only twice: a server that is gone answers at once, one that is
# loading says so, and everything else would be the same again.
_RETRY: Final = {
    "maxAttempts": 3,
    "initialBackoff": "0.05s",
    "maxBackoff": "0.5s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}


def _options(service: str) -> Sequence[tuple[str, Any]]:
    config = {
        "loadBalancingConfig": [{"round_robin": {}}],
        "healthCheckConfig": {"serviceName": service},
        "methodConfig": [{"name": [{"service": service}], "retryPolicy": _RETRY}],
    }
    return (
        ("grpc.service_config", json.dumps(config)),
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.keepalive_time_ms", 30_000),
        # gRPC waits up to two minutes before it looks for a server again; a tier that was
        # restarted is back in seconds.
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.min_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 1_000),
    )


def sync_channel(address: str, *, service: str) -> grpc.Channel:
    """Return a channel to ``address`` ("host:port", or any gRPC target) for ``service``."""
    return grpc.insecure_channel(address, options=_options(service))


def async_channel(address: str, *, service: str) -> grpc.aio.Channel:
    """Return an asynchronous channel; call it inside its loop."""
    return grpc.aio.insecure_channel(address, options=_options(service))
