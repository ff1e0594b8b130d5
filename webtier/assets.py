"""Style sheets and scripts, held in memory and served under the hash of their content.

The address of an asset is `/static/<version>/<name>`, where the version is a hash over all assets:
browsers may keep them for ever, and a script's `import "./grid.js"` stays within its version.
"""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from alicorn.errors import NotFound

__all__ = ["Assets"]

_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_VERSION_CHARACTERS: Final = 12
_FOREVER: Final = "public, max-age=31536000, immutable"


class Assets:
    """The files of `webtier/static`, read once."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, str]] = {}
        digest = hashlib.sha256()
        folder = resources.files("webtier") / "static"
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            suffix = "." + file.name.rpartition(".")[2]
            if suffix in _MEDIA_TYPES:
                content = file.read_bytes()
                digest.update(file.name.encode() + b"\0" + content + b"\0")
                self._files[file.name] = (content, _MEDIA_TYPES[suffix])
        self.version = digest.hexdigest()[:_VERSION_CHARACTERS]

    def address(self, name: str) -> str:
        """Return where ``name`` is served; a name that is not there is a mistake of a template."""
        assert name in self._files, f"no asset named {name!r}"
        return f"/static/{self.version}/{name}"

    async def serve(self, request: Request) -> Response:
        """Answer `/static/{version}/{name}`."""
        name = request.path_params["name"]
        if name not in self._files:
            raise NotFound(f"no such file: {name}")
        content, media_type = self._files[name]
        # A page of an older version may still ask: it gets today's file, and must ask again.
        current = request.path_params["version"] == self.version
        return Response(
            content,
            media_type=media_type,
            headers={"Cache-Control": _FOREVER if current else "no-cache"},
        )
