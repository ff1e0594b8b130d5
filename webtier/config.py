"""Settings of the web tier."""

from __future__ import annotations

from dataclasses import dataclass

from alicorn.errors import ConfigError

__all__ = ["WebConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """How the results page is served."""

    allowed_hosts: tuple[str, ...] = ()
    """Names that the `Host` header may carry besides 127.0.0.1, localhost and [::1]; without a
    port, lower case. ``"*"`` allows every name: only behind a proxy that checks it."""
    viewer_tokens: bool = False
    """Signed viewer tokens are configured: who asks is read from the token, and nobody may switch
    the viewer."""
    page_limit: int = 60
    """Photos in each module of a page, in [1, 500]."""
    people_ttl_s: float = 5.0
    """Seconds for which the answer to "whom may one search as" is kept."""
    poll_ms: int = 1_500
    """Milliseconds between two looks at the progress while photos are being understood."""

    def __post_init__(self) -> None:
        if not 1 <= self.page_limit <= 500:
            raise ConfigError(f"page_limit must be in [1, 500], got {self.page_limit}")
        if self.people_ttl_s < 0:
            raise ConfigError(f"people_ttl_s must not be negative, got {self.people_ttl_s}")
        if self.poll_ms < 250:
            raise ConfigError(f"poll_ms must be at least 250, got {self.poll_ms}")
        for host in self.allowed_hosts:
            if not host or host != host.lower() or "/" in host:
                raise ConfigError(
                    f"allowed_hosts must hold lower-case names without a scheme, got {host!r}"
                )
