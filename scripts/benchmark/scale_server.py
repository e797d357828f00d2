"""What the number of images costs as a client sees it: the real server on a filled directory.

The server has one core and one loop, the load the other core. Needs wrk (apt).
"""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

KEY = "scale"
SERVER_CORE, LOAD_CORE = "0", "1"
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
LOAD_SECONDS = 3
CONNECTIONS = 16
# Small enough to be kept hot, as most images that are asked for often are.
IMAGE_BYTES = 4 << 10
IMAGE_COUNT = 32
# How often something changes while snapshots are due every second.
CHANGE_SECONDS = 0.2
SNAPSHOT_INTERVAL, NEVER_SECONDS = 1, 86_400
SNAPSHOT_SECONDS_MAX = 120


def jpeg(number: int) -> bytes:
    """The smallest image that the server takes, made larger and unlike any other."""
    frame = struct.pack(">BHHBBBB", 8, 480, 640, 1, 1, 0x11, 0)
    head = b"\xff\xd8\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
    return head + scan + struct.pack(">dQ", time.time(), number) + bytes(IMAGE_BYTES)


class Server:
    """A server that is ready, and what its start took."""

    def __init__(self, program: pathlib.Path, data: pathlib.Path, **settings: object):
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {"PATH": os.environ["PATH"], "API_KEY": KEY, "HOST": "127.0.0.1",
                       "PORT": str(self.port), "DATA_DIR": str(data), "WORKERS": "1",
                       "LOG_LEVEL": "error",
                       # It would miss a file for each of the made-up images, and say so.
                       "SCRUB_INTERVAL": "0"}
        environment |= {name: str(value) for name, value in settings.items()}
        began = time.monotonic()
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CORE, program], env=environment,
                                        stdin=subprocess.DEVNULL)
        while self.status("/readyz") != 200:
            if self.process.poll() is not None:
                raise RuntimeError("the server ended before it was ready")
            if time.monotonic() - began > START_SECONDS_MAX:
                raise RuntimeError("the server is not ready")
            time.sleep(0.002)
        self.start_seconds = time.monotonic() - began

    def request(self, method: str, target: str, body: bytes = b"", **fields: str) -> tuple:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, target, body or None, {"x-api-key": KEY, **fields})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def status(self, target: str) -> int:
        """A status, or 0 where nobody listens yet."""
        try:
            return self.request("GET", target)[0]
        except ConnectionError:
            return 0

    def link(self) -> str:
        status, content = self.request("POST", "/api/generate-upload-link", b'{"expiry": 3600}')
        assert status == 200, content
        return json.loads(content)["upload_url"]

    def upload(self, link: str, image: bytes) -> str:
        """Uploads one image and gives its path."""
        body = (b"--b\r\nContent-Disposition: form-data; name=\"image_files\"; filename=\"a\"\r\n"
                b"\r\n" + image + b"\r\n--b--\r\n")
        fields = {"Content-Type": "multipart/form-data; boundary=b"}
        status, content = self.request("POST", link, body, **fields)
        assert status == 200, content
        return f"/api/images/{json.loads(content)['a']}"

    def resident_bytes(self) -> int:
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) << 10

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS_MAX)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def load(self, *arguments: str) -> dict:
        """What wrk tells of some seconds of requests."""
        script = pathlib.Path(__file__).with_name("scale.lua")
        command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}",
                   f"-d{LOAD_SECONDS}s", "-s", str(script), f"http://127.0.0.1:{self.port}", "--",
                   *arguments]
        ran = subprocess.run(command, check=True, capture_output=True, text=True)
        told = json.loads(ran.stderr.splitlines()[-1])
        assert told["requests"] > 0 and told["errors"] == 0, ran.stdout + ran.stderr
        return told


@contextmanager
def copy_of(directory: pathlib.Path, name: str) -> Iterator[pathlib.Path]:
    """A directory to measure on: what is measured adds images, and the next wants the same."""
    path = directory.with_name(f"working-{name}")
    shutil.copytree(directory, path)
    # Otherwise the first flush of what is measured would wait for the copy.
    os.sync()
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextmanager
def serving(program: pathlib.Path, directory: pathlib.Path, name: str, **settings: object
            ) -> Iterator[Server]:
    """A server on a copy of a directory, for as long as it is needed."""
    with copy_of(directory, name) as data:
        server = Server(program, data, **settings)
        try:
            yield server
        finally:
            server.stop()


class Changes:
    """Uploads an image now and then, and looks whether a snapshot is being written meanwhile."""

    def __init__(self, server: Server):
        self.server, self.link = server, server.link()
        self.temporary = server.data / "snapshot.tmp"
        self.ended, self.looks = threading.Event(), []
        self.thread = threading.Thread(target=self.change)

    def change(self) -> None:
        number = 0
        while not self.ended.wait(CHANGE_SECONDS):
            number += 1
            self.server.upload(self.link, jpeg(number))
            self.looks.append(self.temporary.exists())

    def wait_for_snapshot(self, is_there: bool) -> None:
        deadline = time.monotonic() + SNAPSHOT_SECONDS_MAX
        while self.temporary.exists() != is_there:
            if time.monotonic() > deadline:
                raise RuntimeError("no snapshot begins or ends")
            time.sleep(0.001)

    def __enter__(self) -> "Changes":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()


def rate(told: dict) -> float:
    return told["requests"] / told["microseconds"] * 1e6


def row(name: str, values: list[float], unit: str) -> dict:
    """A figure: the median of some values, and how far they reach."""
    return {"name": f"server/{name}", "unit": unit, "value": median(values), "min": min(values),
            "max": max(values)}


def ratios(ours: list[dict], theirs: list[dict], key: str) -> list[float]:
    return [one[key] / other[key] for one, other in zip(ours, theirs, strict=True)]


def gets(size: int, quiet: Server, busy: Server, turns: int) -> Iterator[dict]:
    """GETs of a few images, without and with a snapshot being written, in turns. Two servers, since
    only their settings say when; the one whose turn it is not has nothing to do."""
    without, during, share = [], [], []
    paths = {server: [server.upload(server.link(), jpeg(number)) for number in range(IMAGE_COUNT)]
             for server in (quiet, busy)}
    for server in (quiet, busy):
        server.load("get", *paths[server])
    for _ in range(turns):
        with Changes(quiet):
            without.append(quiet.load("get", *paths[quiet]))
        with Changes(busy) as changes:
            changes.wait_for_snapshot(True)
            changes.looks.clear()
            during.append(busy.load("get", *paths[busy]))
            share.append(sum(changes.looks) / max(1, len(changes.looks)))
        # Nothing changes any more: when the last one has ended, none comes before the next turn.
        time.sleep(SNAPSHOT_INTERVAL + CHANGE_SECONDS)
        changes.wait_for_snapshot(False)
    for quantile in ("p50", "p99", "p99.9"):
        yield row(f"{size}/get/{quantile}", [told[quantile] for told in without], "us")
        yield row(f"{size}/get-while-snapshot/{quantile}", [told[quantile] for told in during],
                  "us")
        yield row(f"{size}/get-while-snapshot/{quantile}-to-without",
                  ratios(during, without, quantile), "times")
    yield row(f"{size}/get/rate", [rate(told) for told in without], "requests/s")
    yield row(f"{size}/get-while-snapshot/rate", [rate(told) for told in during], "requests/s")
    yield row(f"{size}/get-while-snapshot/share-of-time-written", share, "ratio")


def stats(server: Server, size: int, other: Server | None, other_size: int, turns: int
               ) -> Iterator[dict]:
    """What `/api/stats` costs, beside a server with another number of images."""
    ours, theirs = [], []
    for _ in range(turns):
        ours.append(server.load("get-with-key", KEY, "/api/stats"))
        if other:
            theirs.append(other.load("get-with-key", KEY, "/api/stats"))
    yield row(f"{size}/stats/p50", [told["p50"] for told in ours], "us")
    yield row(f"{size}/stats/rate", [rate(told) for told in ours], "requests/s")
    if other:
        yield row(f"{size}/stats/p50-to-{other_size}", ratios(ours, theirs, "p50"), "times")


def uploads(server: Server, size: int, other: Server | None, other_size: int, turns: int
            ) -> Iterator[dict]:
    """Small durable uploads, beside a server with another number of images."""
    image = server.data.with_suffix(".jpg")
    image.write_bytes(jpeg(0))
    ours, theirs = [], []
    for _ in range(turns):
        ours.append(server.load("upload", KEY, server.link(), str(image)))
        if other:
            theirs.append(other.load("upload", KEY, other.link(), str(image)))
    image.unlink()
    yield row(f"{size}/upload/rate", [rate(told) for told in ours], "uploads/s")
    yield row(f"{size}/upload/p99.9", [told["p99.9"] for told in ours], "us")
    if other:
        slower = [rate(there) / rate(here) for here, there in zip(ours, theirs, strict=True)]
        yield row(f"{size}/upload/time-to-{other_size}", slower, "times")


def rows(program: pathlib.Path, directory: pathlib.Path, size: int, turns: int,
         against: pathlib.Path | None = None, other_size: int = 0) -> Iterator[dict]:
    """All figures of one size, each with `name`, `value`, `unit`, `min` and `max`."""
    with ExitStack() as stack:
        def start(data: pathlib.Path, name: str, interval: int = NEVER_SECONDS) -> Server:
            return stack.enter_context(serving(program, data, name, SNAPSHOT_INTERVAL=interval))

        quiet = start(directory, "quiet")
        yield row(f"{size}/resident", [quiet.resident_bytes()], "bytes")
        busy = start(directory, "busy", SNAPSHOT_INTERVAL)
        yield row(f"{size}/start", [quiet.start_seconds, busy.start_seconds], "s")
        yield from gets(size, quiet, busy, turns)
        other = start(against, "other") if against else None
        yield from stats(quiet, size, other, other_size, turns)
        yield from uploads(quiet, size, other, other_size, turns)
