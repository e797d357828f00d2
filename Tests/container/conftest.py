"""One server for a file's tests, and programs that stand beside it, ended by their process ids."""

import pathlib
import subprocess
from collections.abc import Callable, Iterator

import pytest

import service as services
from service import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    assert services.binary().is_file(), f"{services.binary()} is missing: build it first"
    running = Service(tmp_path_factory.mktemp("service") / "data").wait_until_ready()
    yield running
    assert running.stop() == 0, running.log()


@pytest.fixture
def beside(tmp_path: pathlib.Path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Starts a program that runs until the test's end; what it says stands in beside.log."""
    started: list[subprocess.Popen] = []

    def start(*command: object, **options: object) -> subprocess.Popen:
        with open(tmp_path / "beside.log", "ab") as log:
            process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, **options)
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(services.STOP_SECONDS)
