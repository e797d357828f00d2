"""A raw HTTP connection: what is sent is exactly what the test says, and nothing else."""

import http.client
import json
import socket
import time
from dataclasses import dataclass

TIMEOUT_SECONDS = 20


@dataclass
class Answer:
    """One response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)

    def problem(self) -> dict:
        """The body as a problem document, which it has to be."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert "x-request-id" in self.headers, self
        problem = self.json()
        assert problem["status"] == self.status, self
        for member in ("type", "title", "detail", "code"):
            assert isinstance(problem[member], str) and problem[member], self
        return problem


class Wire:
    """A connection to the service."""

    def __init__(self, port: int, host: str = "127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout=TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_head(self, method: str, target: str, *fields: str) -> None:
        lines = [f"{method} {target} HTTP/1.1", "Host: test", *fields, "", ""]
        self.send("\r\n".join(lines).encode())

    def send_chunk(self, data: bytes) -> None:
        self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def receive(self, method: str = "GET") -> Answer:
        """The next response; interim ones come as answers of their own."""
        line = self.file.readline(65536)
        assert line.startswith(b"HTTP/1.1 "), f"no response: {line!r}"
        status = int(line.split(None, 2)[1])
        headers = http.client.parse_headers(self.file)
        if method == "HEAD" or status < 200 or status in (204, 304):
            return Answer(status, headers, b"")
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return Answer(status, headers, self.receive_chunks())
        if (length := headers.get("content-length")) is not None:
            body = self.file.read(int(length))
            assert len(body) == int(length), f"the body ends after {len(body)} of {length} bytes"
            return Answer(status, headers, body)
        return Answer(status, headers, self.file.read())

    def receive_chunks(self) -> bytes:
        body = b""
        while size := int(self.file.readline().split(b";")[0], 16):
            body += self.file.read(size)
            self.file.readline()
        while self.file.readline() not in (b"\r\n", b""):
            pass
        return body

    def is_closed_within(self, seconds: float) -> bool:
        """Whether the service ends the connection; a reset counts, more bytes do not."""
        self.socket.settimeout(max(seconds, 0.01))
        try:
            return self.file.read(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False


def exchange(
    port: int, method: str, target: str, *fields: str, body: bytes | None = None
) -> Answer:
    """One request on a connection of its own. A body gets a `Content-Length`."""
    with Wire(port) as wire:
        length = () if body is None else (f"Content-Length: {len(body)}",)
        wire.send_head(method, target, *fields, *length, "Connection: close")
        if body:
            try:
                wire.send(body)
            except ConnectionError:
                pass  # refused before its end; the answer has been sent
        return wire.receive(method)


def wait_until(condition, seconds: float, what: str) -> None:
    """Polls: nothing here sleeps for a fixed time and hopes."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)
