"""A browser for the tests, cut off from everything but this machine, and a server for each test."""

import os
import pathlib
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

import service as services
from service import ROOT, Service
from visit import Visit

DOCS = ROOT / ".docs"
# A busy machine may need a while; a test that waits this long fails anyway.
WAIT_MILLISECONDS = 20_000


def pytest_report_header() -> str:
    return f"executable under test: {services.binary()}"


@pytest.fixture(scope="session")
def docs() -> pathlib.Path:
    assert (DOCS / "installed").exists(), "run scripts/install-docs first"
    return DOCS


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("IMAGE_SERVICE_CHROMIUM") or shutil.which("chromium")
    assert path, "chromium is missing: run scripts/install-missing --tests"
    # No name resolves, so that nothing outside is reached even by mistake.
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    if os.geteuid() == 0:
        # Chromium's sandbox does not run as root, as which containers run tests.
        arguments.append("--no-sandbox")
    expect.set_options(timeout=WAIT_MILLISECONDS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def start(tmp_path: pathlib.Path, docs: pathlib.Path) -> Iterator[Callable[..., Service]]:
    """Starts servers with settings of their own, by default on this test's data directory."""
    started: list[Service] = []

    def start_one(data: pathlib.Path | None = None, **settings: object) -> Service:
        settings = {"DOCS_DIR": docs, **settings}
        running = Service(data or tmp_path / "data", **settings)
        started.append(running)
        return running.wait_until_ready()

    yield start_one
    for running in started:
        running.stop()


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    return start()


@pytest.fixture
def visit(browser: Browser, service: Service) -> Iterator[Callable[..., Visit]]:
    """Opens a page of the server in a fresh browser profile.

    However a test ends, its pages have asked nobody else for anything, and have complained of
    nothing but the statuses that the test said it expects.
    """
    opened: list[Visit] = []

    def open_one(path: str = "/", *, at: Service = service, **context: object) -> Visit:
        new = Visit(browser.new_context(**context), at, path)
        new.page.set_default_timeout(WAIT_MILLISECONDS)
        opened.append(new)
        return new

    yield open_one
    for each in opened:
        each.context.close()
    for each in opened:
        assert each.foreign_requests == []
        assert each.unexpected_messages() == []
