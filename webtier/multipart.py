"""Files in a form (`multipart/form-data`), one after the other as they arrive, none held whole.

`python_multipart` tells of the body piece by piece as it is fed; here that becomes an iterator over
files, each an iterator over its content:

    --b
    Content-Disposition: form-data; name="photos"; filename="a.jpg"

    ...
    --b--

What is no file is passed over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from alicorn.errors import BadRequest

__all__ = ["FormFiles"]

_MOST_BOUNDARY: Final = 200
# Longer than any path that a browser sends.
_MOST_HEADER_BYTES: Final = 8_192


class FormFiles:
    """The files of a form.

    Parameters
    ----------
    content_type : str
        The request's, which names the boundary.
    chunks : iterator of bytes
        The body.

    Raises
    ------
    BadRequest
        If it is no such form; also from the iteration, where the body is not well formed.
    """

    def __init__(self, content_type: str, chunks: Iterator[bytes]) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not 0 < len(boundary) <= _MOST_BOUNDARY:
            raise BadRequest("found no form with files, needed multipart/form-data")
        self._chunks = chunks
        self._broken: BadRequest | None = None
        # A name begins a file, None ends it; between them lies its content.
        self._told: deque[str | bytes | None] = deque()
        self._header = [bytearray(), bytearray()]
        self._name = ""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": self._end,
            },
        )

    def __iter__(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield name and content of each file; what is left unread of one is passed over."""
        while self._more():
            name = self._told.popleft()
            assert isinstance(name, str), "a file begins with its name"
            content = self._content()
            yield name, content
            for _ in content:
                pass

    def _content(self) -> Iterator[bytes]:
        while self._more():
            piece = self._told.popleft()
            if piece is None:
                return
            assert isinstance(piece, bytes), "the content of a file ends before the next begins"
            yield piece
        self._broken = BadRequest("found a form that breaks off within a file")
        raise self._broken

    def _more(self) -> bool:
        """Feed the parser until it has something to tell; False at the end of the body."""
        if self._broken is not None:
            raise self._broken
        while not self._told:
            try:
                chunk = next(self._chunks, None)
                if chunk is None:
                    return False
                self._parser.write(chunk)
            except FormParserError as error:
                self._broken = BadRequest(f"found a form that cannot be read: {error}")
                raise self._broken from error
            except BadRequest as error:
                # Whoever takes one refused file lightly must not take this for the next one.
                self._broken = error
                raise
        return True

    def _begin(self) -> None:
        self._name = ""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._grow(0, data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._grow(1, data[start:end])

    def _grow(self, part: int, more: bytes) -> None:
        self._header[part] += more
        if len(self._header[part]) > _MOST_HEADER_BYTES:
            raise BadRequest(f"found a header of more than {_MOST_HEADER_BYTES:,} bytes in a form")

    def _header_end(self) -> None:
        field, value = bytes(self._header[0]), bytes(self._header[1])
        self._header = [bytearray(), bytearray()]
        if field.lower() == b"content-disposition":
            _, options = parse_options_header(value)
            # An empty name is a field for files in which none was chosen.
            self._name = options.get(b"filename", b"").decode("utf-8", errors="replace")

    def _headers_finished(self) -> None:
        if self._name:
            self._told.append(self._name)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._name and end > start:
            self._told.append(data[start:end])

    def _end(self) -> None:
        if self._name:
            self._told.append(None)
