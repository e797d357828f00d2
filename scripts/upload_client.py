"""The service as `scripts/upload` sees it: links that are renewed, requests that are patient."""

import email.utils
import hashlib
import http.client
import json
import os
import random
import re
import select
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

# What is read, hashed and sent at a time: large enough to keep system calls few, and all the memory
# that a file of any size takes.
PIECE_BYTES = 256 * 1024
# An answer names one file or tells one problem. More is not this service.
ANSWER_BYTES_MAX = 1 << 20
# How long the service may keep silent. It flushes to disk before it answers, and disks can be slow.
TIMEOUT_SECONDS = 120
# Request Timeout, Too Many Requests, and what services and proxies say when they are busy.
LATER = {408, 429, 502, 503, 504}
# Without a Retry-After: doubled each time, and spread, so that not all clients come back at once.
FIRST_WAIT_SECONDS = 0.25
WAIT_SECONDS_MAX = 30
RETRY_AFTER_SECONDS_MAX = 300
# A link is renewed after this share of its life: an upload must begin before the link expires.
LINK_SHARE = 0.8
# Links that were refused for one file until it is given up: clocks disagree once, not for ever.
LINKS_PER_FILE = 3


class Refused(Exception):
    """The service said no, and would again. `everything` where it would to every file."""

    def __init__(self, status: int, detail: str, everything: bool = False):
        super().__init__(detail)
        self.status = status
        self.everything = everything


class Unreachable(Exception):
    """The service did not answer, or asked for patience once too often."""


class Stopped(Exception):
    """The user, or a failure that concerns all files, ended this one."""


class Unreadable(Exception):
    """The local file cannot be read, or changed under our hands."""


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> dict:
        try:
            document = json.loads(self.body)
        except ValueError:
            document = None
        return document if isinstance(document, dict) else {}

    @property
    def detail(self) -> str:
        """The problem in words; the file's own reason where there is one."""
        problem = self.json()
        reasons = [file["reason"] for file in problem.get("files", []) if "reason" in file]
        return " ".join(reasons) or problem.get("detail") or f"status {self.status}"

    @property
    def retry_after_seconds(self) -> float | None:
        """Seconds, or a date (RFC 9110 section 10.2.3)."""
        value = self.headers.get("retry-after", "").strip()
        if value.isdigit():
            return min(float(value), RETRY_AFTER_SECONDS_MAX)
        try:
            until = email.utils.parsedate_to_datetime(value).timestamp()
        except ValueError:
            return None
        return min(max(until - time.time(), 0), RETRY_AFTER_SECONDS_MAX)


def pieces(path: str) -> Iterator[bytes]:
    """A file's bytes. Its errors are not mistaken for the network's."""
    try:
        with open(path, "rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error


def hash_file(path: str, stopping: threading.Event) -> str:
    """The id that the service will give this file."""
    digest = hashlib.sha256()
    for piece in pieces(path):
        if stopping.is_set():
            raise Stopped
        digest.update(piece)
    return digest.hexdigest()


def form(path: str) -> tuple[str, bytes, bytes]:
    """The content type, and what comes before and after the file's bytes.

    The filename is UTF-8, with the three escapes that browsers use (RFC 7578 section 4.2 and the
    HTML standard's multipart/form-data encoding).
    """
    name = os.path.basename(path).encode("utf-8", "replace")
    for byte, escape in ((b"\r", b"%0D"), (b"\n", b"%0A"), (b'"', b"%22")):
        name = name.replace(byte, escape)
    boundary = os.urandom(16).hex()
    disposition = b'form-data; name="image_files"; filename="' + name + b'"'
    before = (f"--{boundary}\r\n".encode() + b"Content-Disposition: " + disposition
              + b"\r\nContent-Type: application/octet-stream\r\n\r\n")
    return f"multipart/form-data; boundary={boundary}", before, f"\r\n--{boundary}--\r\n".encode()


class Service:
    """Asks the service, with a connection for each thread. Safe to use from several."""

    def __init__(self, url: str, key: str, expiry_seconds: int, tries: int,
                 stopping: threading.Event):
        self.place = urllib.parse.urlsplit(url)
        self.key = key
        self.expiry_seconds = expiry_seconds
        self.tries = tries
        self.stopping = stopping
        self.local = threading.local()
        self.lock = threading.Lock()
        self.connections: set[http.client.HTTPConnection] = set()
        self.link_lock = threading.Lock()
        self.link: str | None = None
        self.renew_at = 0.0

    def knows(self, image_id: str) -> bool:
        """Whether the image is in the store already."""
        answer = self.patiently(lambda: self.exchange("HEAD", f"/api/images/{image_id}"))
        if answer.status not in (200, 404):
            raise Refused(answer.status, f"asked for an image, and got status {answer.status}")
        return answer.status == 200

    def upload(self, path: str, image_id: str, sent: Callable[[int], None]) -> None:
        """Uploads a file, and makes sure that the service has got just these bytes."""
        for _ in range(LINKS_PER_FILE):
            link = self.current_link()
            answer = self.patiently(lambda: self.post_file(link, path, sent))
            if answer.status not in (404, 410):
                break
            self.forget_link(link)
        if answer.status != 200:
            raise refusal(answer)
        if list(answer.json().values()) != [image_id]:
            raise Unreadable("the file changed while it was being sent")

    def post_file(self, link: str, path: str, sent: Callable[[int], None]) -> Answer:
        """One attempt. What was sent in vain is taken back from the progress."""
        content_type, before, after = form(path)
        try:
            size_bytes = os.stat(path).st_size
        except OSError as error:
            raise Unreadable(error.strerror or str(error)) from error
        reported = 0

        def body() -> Iterator[bytes]:
            nonlocal reported
            yield before
            left = size_bytes
            for piece in pieces(path):
                piece = piece[:left]
                yield piece
                left -= len(piece)
                reported += len(piece)
                sent(len(piece))
                if left == 0:
                    break
            if left:
                # Too few bytes: the service still waits for them, so this connection is of no use.
                raise Unreadable("the file became shorter while it was being sent")
            yield after

        length = len(before) + size_bytes + len(after)
        fields = {"Content-Type": content_type, "Content-Length": str(length)}
        status = None
        try:
            answer = self.exchange("POST", link, fields, body())
            status = answer.status
            return answer
        finally:
            if status != 200:
                sent(-reported)

    def current_link(self) -> str:
        """A link that is still good for a while."""
        with self.link_lock:
            if self.link is None or time.monotonic() >= self.renew_at:
                asked_at = time.monotonic()
                body = json.dumps({"expiry": self.expiry_seconds}).encode()
                fields = {"Content-Type": "application/json", "Content-Length": str(len(body))}
                answer = self.patiently(
                    lambda: self.exchange("POST", "/api/generate-upload-link", fields, [body]))
                if answer.status != 200:
                    raise refusal(answer, everything=True)
                link = answer.json().get("upload_url", "")
                if not re.fullmatch(r"/[\w/.~-]+", link):
                    raise Refused(200, "what answers there is not an image service", True)
                self.link = link
                self.renew_at = asked_at + LINK_SHARE * self.expiry_seconds
            return self.link

    def forget_link(self, link: str) -> None:
        """Has the next one made, unless another thread has seen to that."""
        with self.link_lock:
            if self.link == link:
                self.link = None

    def patiently(self, attempt: Callable[[], Answer]) -> Answer:
        """Tries again after lost connections and where the service asks for patience."""
        for turn in range(1, self.tries + 1):
            wait = random.uniform(0.5, 1) * min(FIRST_WAIT_SECONDS * 2 ** turn, WAIT_SECONDS_MAX)
            try:
                answer = attempt()
            except (OSError, http.client.HTTPException) as error:
                reason = str(error) or type(error).__name__
            else:
                if answer.status not in LATER:
                    return answer
                reason = answer.detail
                if (asked := answer.retry_after_seconds) is not None:
                    wait = asked
            if self.stopping.is_set() or (turn < self.tries and self.stopping.wait(wait)):
                raise Stopped
        raise Unreachable(f"no success in {self.tries} tries at {self.place.netloc}: {reason}")

    def exchange(self, method: str, path: str, fields: dict[str, str] | None = None,
                 body: Iterable[bytes] = ()) -> Answer:
        """One request. A connection after which anything is unclear is not used again."""
        connection = self.connection()
        reusable = False
        try:
            connection.putrequest(method, self.place.path.rstrip("/") + path)
            connection.putheader("x-api-key", self.key)
            for name, value in (fields or {}).items():
                connection.putheader(name, value)
            connection.endheaders()
            complete = self.send(connection, body)
            with closing(connection.getresponse()) as response:
                content = response.read(ANSWER_BYTES_MAX)
                reusable = complete and response.isclosed() and not response.will_close
            return Answer(response.status, response.headers, content)
        finally:
            if not reusable:
                self.drop(connection)

    def send(self, connection: http.client.HTTPConnection, body: Iterable[bytes]) -> bool:
        """Sends a body until the service has answered, and says whether that was all of it.

        A refusal comes before the body's end. It is looked for in plain HTTP only: under TLS a
        socket may be readable for TLS's own sake.
        """
        for piece in body:
            if self.stopping.is_set():
                raise Stopped
            if self.place.scheme == "http" and select.select([connection.sock], [], [], 0)[0]:
                return False
            try:
                connection.send(piece)
            except ConnectionError:
                return False  # closed, perhaps after an answer: the caller reads it
        return True

    def connection(self) -> http.client.HTTPConnection:
        if getattr(self.local, "connection", None) is None:
            secure = self.place.scheme == "https"
            kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            self.local.connection = kind(self.place.netloc, timeout=TIMEOUT_SECONDS)
            with self.lock:
                self.connections.add(self.local.connection)
        return self.local.connection

    def drop(self, connection: http.client.HTTPConnection) -> None:
        self.local.connection = None
        with self.lock:
            self.connections.discard(connection)
        connection.close()

    def interrupt(self) -> None:
        """Wakes the threads that wait for the network; `stopping` tells them why."""
        with self.lock:
            for connection in self.connections:
                if connection.sock:
                    try:
                        connection.sock.shutdown(2)
                    except OSError:
                        pass  # closed already, which is as good


def refusal(answer: Answer, everything: bool = False) -> Refused:
    """A wrong key is wrong for every file, and a disk that is full stays so."""
    return Refused(answer.status, answer.detail, everything or answer.status in (401, 403, 507))
