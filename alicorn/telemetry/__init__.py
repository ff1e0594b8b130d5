"""What a running Alicorn says of itself: log lines and metrics.

`logging` sets up structlog once, in the command; every other room only asks for a logger. `metrics`
has the few series that dashboards and alerts are made of.
"""

from __future__ import annotations

from alicorn.telemetry.logging import configure_logging
from alicorn.telemetry.metrics import Metrics

__all__ = ["Metrics", "configure_logging"]
