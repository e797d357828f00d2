"""Writes multipart/form-data bodies (RFC 7578) byte by byte, so that tests can also break them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

BOUNDARY = "----image-service-test-7MA4YWxkTrZu0gW"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


@dataclass
class Part:
    """One part. `disposition` replaces the whole parameter list where a test needs its own."""

    data: bytes
    filename: str | None = None
    name: str = "image_files"
    content_type: str | None = "application/octet-stream"
    disposition: str | None = None

    def head(self) -> bytes:
        parameters = self.disposition
        if parameters is None:
            parameters = f'name="{self.name}"'
            if self.filename is not None:
                # As browsers do it: only these three are percent-encoded.
                escaped = (self.filename.replace("\r", "%0D").replace("\n", "%0A")
                           .replace('"', "%22"))
                parameters += f'; filename="{escaped}"'
        head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {parameters}\r\n"
        if self.content_type is not None:
            head += f"Content-Type: {self.content_type}\r\n"
        return head.encode() + b"\r\n"


CLOSE = f"--{BOUNDARY}--\r\n".encode()


def form(*parts: Part) -> bytes:
    """A whole body."""
    return b"".join(part.head() + part.data + b"\r\n" for part in parts) + CLOSE


def files(*named: tuple[str, bytes]) -> bytes:
    """A whole body of image files."""
    return form(*(Part(data, filename) for filename, data in named))


def stream(filename: str, data: Iterable[bytes]) -> Iterator[bytes]:
    """A body with one file, in pieces."""
    yield Part(b"", filename).head()
    yield from data
    yield b"\r\n" + CLOSE


def stream_length(filename: str, size: int) -> int:
    """How long `stream` gets for a file of that size."""
    return len(Part(b"", filename).head()) + size + 2 + len(CLOSE)
