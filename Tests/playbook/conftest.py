"""A server of its own for each file of tests, and what they run."""

import os
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

import service as services
from service import KEY, ROOT, Service

UPLOAD = ROOT / "scripts" / "upload"
PLAYBOOK = ROOT / "scripts" / "playbook"
# No .pyc files among the scripts, from the kernels either.
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def pytest_report_header() -> str:
    return f"executable under test: {services.binary()}"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("service") / "data").wait_until_ready()
    yield running
    assert running.stop() == 0, running.log()


@pytest.fixture
def start(tmp_path: pathlib.Path) -> Iterator[Callable[..., Service]]:
    """Starts servers with settings of their own."""
    started: list[Service] = []

    def start_one(**settings: object) -> Service:
        started.append(Service(tmp_path / f"data-{len(started)}", **settings))
        return started[-1].wait_until_ready()

    yield start_one
    for running in started:
        running.stop()


def command(url: str, *arguments: object) -> list[str]:
    return [sys.executable, str(UPLOAD), "--url", url, *map(str, arguments)]


def environment(**settings: str) -> dict[str, str]:
    """The right key, and none of the developer's own settings."""
    ours = {"API_KEY", "API_KEY_FILE", "IMAGE_SERVICE_URL"}
    rest = {name: value for name, value in os.environ.items() if name not in ours}
    return rest | {"API_KEY": KEY} | settings


@pytest.fixture
def upload(service: Service) -> Callable[..., subprocess.CompletedProcess]:
    """Runs scripts/upload, against the file's server unless told otherwise."""
    def run(*arguments: object, url: str = service.url,
            **settings: str) -> subprocess.CompletedProcess:
        return subprocess.run(command(url, *arguments), env=environment(**settings), text=True,
                              capture_output=True, timeout=120, check=False)
    return run
