"""Starts the built executable for a test and ends it, always by its own process id."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import forms
from wire import Answer, exchange

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KEY = "test-key-1f0e9d8c7b6a"
START_SECONDS = 20
STOP_SECONDS = 60


def binary() -> pathlib.Path:
    """The executable under test."""
    if path := os.environ.get("IMAGE_SERVICE_BINARY"):
        return pathlib.Path(path).resolve()
    command = ["swift", "build", "--package-path", str(ROOT), "--show-bin-path"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    return pathlib.Path(shown.stdout.strip()) / "image-service"


def photos() -> pathlib.Path | None:
    """The folder of real photographs with their ground truth, where there is one."""
    default = ROOT.parent / "shared" / "photos"
    folder = pathlib.Path(os.environ.get("IMAGE_SERVICE_PHOTOS", default))
    return folder if (folder / "manifest.jsonl").exists() else None


def free_port() -> int:
    """A port that nobody listens on, where a test cannot let the system choose."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(data: pathlib.Path, **settings: object) -> dict[str, str]:
    """What the executable is started with: nothing of ours that a test did not ask for."""
    needed = ("PATH", "HOME", "TMPDIR")
    inherited = {name: os.environ[name] for name in needed if name in os.environ}
    chosen = {"API_KEY": KEY, "HOST": "127.0.0.1", "DATA_DIR": data, **settings}
    return inherited | {name: str(value) for name, value in chosen.items() if value is not None}


def command_line(
    data: pathlib.Path, *arguments: str, **settings: object
) -> subprocess.CompletedProcess:
    """Runs a subcommand to its end."""
    return subprocess.run([binary(), *arguments], env=environment(data, **settings),
                          capture_output=True, text=True, timeout=STOP_SECONDS, check=False)


class Service:
    """One running server with a data directory of its own."""

    def __init__(self, data: pathlib.Path, wrapper: tuple[str, ...] = (), **settings: object):
        self.data = data
        # 0: the system chooses a port that no other test has, and the log tells which.
        self.port = int(settings.setdefault("PORT", 0))
        self.log_path = data.parent / f"{data.name}.log"
        self.log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        self.started_at = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*wrapper, binary()], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment(data, **settings))

    def wait_until_ready(self) -> "Service":
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"the server ended:\n{self.log()}"
            listening = re.search(r"listening on http://127\.0\.0\.1:(\d+)", self.log())
            if listening:
                self.port = int(listening.group(1))
                if exchange(self.port, "GET", "/readyz").status == 200:
                    return self
            time.sleep(0.005)
        raise AssertionError(f"not ready after {START_SECONDS} s:\n{self.log()}")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def key_field(self) -> str:
        return f"x-api-key: {KEY}"

    def log(self) -> str:
        """What this process has said; earlier ones on the same directory have their own part."""
        with open(self.log_path, "rb") as file:
            file.seek(self.log_start)
            return file.read().decode(errors="replace")

    def get(self, target: str, *fields: str, method: str = "GET") -> Answer:
        return exchange(self.port, method, target, *fields)

    def link(self, expiry: int = 600) -> str:
        """A new upload link's path."""
        body = b'{"expiry": %d}' % expiry
        answer = exchange(self.port, "POST", "/api/generate-upload-link", self.key_field,
                          "Content-Type: application/json", body=body)
        assert answer.status == 200, answer
        return answer.json()["upload_url"]

    def post(self, body: bytes, *fields: str, link: str | None = None) -> Answer:
        """Sends a body to an upload link."""
        return exchange(self.port, "POST", link or self.link(), self.key_field,
                        f"Content-Type: {forms.CONTENT_TYPE}", *fields, body=body)

    def upload(self, *named: tuple[str, bytes], link: str | None = None) -> dict[str, str]:
        """Uploads files, which has to work: filename to image id."""
        answer = self.post(forms.files(*named), link=link)
        assert answer.status == 200, answer
        return answer.json()

    def image(self, image_id: str) -> Answer:
        return self.get(f"/api/images/{image_id}")

    def statistics(self) -> dict:
        answer = self.get("/api/stats", self.key_field)
        assert answer.status == 200, answer
        return answer.json()

    def details(self) -> dict:
        answer = self.get("/api/stats/details", self.key_field)
        assert answer.status == 200, answer
        return answer.json()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends the server and gives its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()


def temporary_files(data: pathlib.Path) -> list[pathlib.Path]:
    """What is left of uploads that did not finish."""
    return [path for path in (data / "incoming").rglob("*") if path.is_file()]


def blobs(data: pathlib.Path) -> set[str]:
    """The names of the stored images."""
    return {path.name for path in (data / "blobs").rglob("*") if path.is_file()}


@contextmanager
def in_parallel(*actions) -> Iterator[None]:
    """Runs functions each on a thread of its own, and raises what one of them raised."""
    failures: list[BaseException] = []

    def run(action) -> None:
        try:
            action()
        except BaseException as failure:  # handed to the test's own thread below
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]
