"""Servers for the tests: `service` is one that a file's tests share, `start` makes special ones."""

import pathlib
from collections.abc import Callable, Iterator

import pytest

import service as services
from service import Service


def pytest_report_header() -> str:
    return f"executable under test: {services.binary()}"


@pytest.fixture(scope="session", autouse=True)
def executable() -> pathlib.Path:
    path = services.binary()
    assert path.is_file(), f"{path} is missing: build it first"
    return path


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One server with the default settings; tests on it must not depend on each other's images."""
    running = Service(tmp_path_factory.mktemp("service") / "data").wait_until_ready()
    yield running
    assert running.stop() == 0, running.log()


@pytest.fixture
def start(tmp_path: pathlib.Path) -> Iterator[Callable[..., Service]]:
    """Starts servers with settings of their own, by default on this test's data directory."""
    started: list[Service] = []

    def start_one(data: pathlib.Path | None = None, wrapper: tuple[str, ...] = (),
                  **settings: object) -> Service:
        running = Service(data or tmp_path / "data", wrapper, **settings)
        started.append(running)
        return running.wait_until_ready()

    yield start_one
    for running in started:
        running.stop()


@pytest.fixture(scope="session")
def photos() -> pathlib.Path:
    folder = services.photos()
    if folder is None:
        pytest.skip("no photographs: set IMAGE_SERVICE_PHOTOS to a folder with a manifest.jsonl")
    return folder
