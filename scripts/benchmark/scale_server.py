"""What the number of images costs as a client sees it: the real server on a filled directory.

The server has one core and one loop, the load the other core. Needs wrk (apt).
"""

import http.client
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

KEY = "scale"
SERVER_CORE, LOAD_CORE = "0", "1"
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
LOAD_SECONDS = 5
CONNECTIONS = 16
# Small enough to be kept hot, as most images that are asked for often are.
IMAGE_BYTES = 4 << 10
IMAGE_COUNT = 32
# How often something changes while snapshots are due every second.
CHANGE_SECONDS = 0.2
NEVER_SECONDS = 86_400


def jpeg(number: int) -> bytes:
    """The smallest image that the server takes, made larger and unlike any other."""
    frame = struct.pack(">BHHBBBB", 8, 480, 640, 1, 1, 0x11, 0)
    head = b"\xff\xd8\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
    return head + scan + struct.pack(">dQ", time.time(), number) + bytes(IMAGE_BYTES)


class Server:
    """A server that is ready, and what its start took."""

    def __init__(self, program: pathlib.Path, data: pathlib.Path, **settings: object):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {"PATH": os.environ["PATH"], "API_KEY": KEY, "HOST": "127.0.0.1",
                       "PORT": str(self.port), "DATA_DIR": str(data), "WORKERS": "1",
                       "LOG_LEVEL": "error"}
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
def serving(program: pathlib.Path, data: pathlib.Path, **settings: object) -> Iterator[Server]:
    """A server for as long as it is needed."""
    server = Server(program, data, **settings)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def changes(server: Server) -> Iterator[None]:
    """Uploads an image now and then, so that there is something to write a snapshot of."""
    link, ended = server.link(), threading.Event()

    def change() -> None:
        number = 0
        while not ended.wait(CHANGE_SECONDS):
            number += 1
            server.upload(link, jpeg(number))

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def snapshots(data: pathlib.Path, ended: threading.Event, seen: set[int]) -> None:
    """Notes each snapshot that comes into being."""
    while not ended.wait(0.02):
        seen.add((data / "snapshot").stat().st_ino)


def latencies(program: pathlib.Path, data: pathlib.Path, prefix: str, **settings: object
              ) -> Iterator[dict]:
    """GETs of a few images, with some changes going on."""
    with serving(program, data, **settings) as server:
        link = server.link()
        paths = [server.upload(link, jpeg(number)) for number in range(IMAGE_COUNT)]
        server.load("get", *paths)
        ended, seen = threading.Event(), set()
        watch = threading.Thread(target=snapshots, args=(data, ended, seen))
        watch.start()
        with changes(server):
            told = server.load("get", *paths)
        ended.set()
        watch.join()
    for quantile in ("p50", "p99", "p99.9"):
        yield {"name": f"{prefix}/{quantile}", "unit": "us", "value": told[quantile]}
    yield {"name": f"{prefix}/rate", "unit": "requests/s",
           "value": told["requests"] / told["microseconds"] * 1e6}
    yield {"name": f"{prefix}/snapshots", "unit": "snapshots", "value": max(0, len(seen) - 1)}


def rows(program: pathlib.Path, data: pathlib.Path, size: int) -> Iterator[dict]:
    """All figures of one size, each with `name`, `value` and `unit`."""
    prefix = f"server/{size}"
    with serving(program, data, SNAPSHOT_INTERVAL=NEVER_SECONDS) as server:
        yield {"name": f"{prefix}/start", "unit": "s", "value": server.start_seconds}
        yield {"name": f"{prefix}/resident", "unit": "bytes", "value": server.resident_bytes()}
        told = server.load("get-with-key", KEY, "/api/stats")
        yield {"name": f"{prefix}/stats/p50", "unit": "us", "value": told["p50"]}
        yield {"name": f"{prefix}/stats/rate", "unit": "requests/s",
               "value": told["requests"] / told["microseconds"] * 1e6}
        image = data.with_suffix(".jpg")
        image.write_bytes(jpeg(0))
        told = server.load("upload", KEY, server.link(), str(image))
        image.unlink()
        yield {"name": f"{prefix}/upload/rate", "unit": "uploads/s",
               "value": told["requests"] / told["microseconds"] * 1e6}
        yield {"name": f"{prefix}/upload/p99.9", "unit": "us", "value": told["p99.9"]}
    yield from latencies(program, data, f"{prefix}/get", SNAPSHOT_INTERVAL=NEVER_SECONDS)
    yield from latencies(program, data, f"{prefix}/get-while-snapshot", SNAPSHOT_INTERVAL=1)
