"""Viewer tokens: who somebody is, signed, with an end.

    v1.<viewer id>.<expiry, seconds since 1970 UTC>.<HMAC-SHA256 of what stands before, base64url>

Made by whoever runs the frontend, with the secret of `cluster.toml`. Compared in constant time;
an expired, altered or malformed token is refused without saying which part was wrong.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import Final

from alicorn.errors import Unauthenticated

__all__ = ["TokenKey"]

_VERSION: Final = "v1"
_MAX_CHARS: Final = 256


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The secret that signs and checks viewer tokens."""

    secret: str = field(repr=False)

    def sign(self, viewer: int, *, valid_s: float, now: float | None = None) -> str:
        """Return a token for ``viewer`` that is good for ``valid_s`` seconds."""
        expiry = int((time.time() if now is None else now) + valid_s)
        head = f"{_VERSION}.{viewer}.{expiry}"
        return f"{head}.{self._signature(head)}"

    def verify(self, token: str, *, now: float | None = None) -> int:
        """Return the viewer whom ``token`` speaks for.

        Raises
        ------
        Unauthenticated
            If it was not signed with this key, or its time is over.
        """
        head, _, signature = token[:_MAX_CHARS].rpartition(".")
        if not hmac.compare_digest(self._signature(head).encode(), _bytes(signature)):
            raise Unauthenticated("the viewer token is not valid here")
        _, viewer, expiry = head.split(".")
        if int(expiry) <= (time.time() if now is None else now):
            raise Unauthenticated("the viewer token has expired; ask for a new one")
        return int(viewer)

    def _signature(self, head: str) -> str:
        digest = hmac.new(self.secret.encode(), _bytes(head), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """Return UTF-8, also of text that is none: whatever comes from outside is compared."""
    return text.encode("utf-8", "surrogatepass")
