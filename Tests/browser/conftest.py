"""A browser for the tests, and a server for each test."""

import pathlib
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

import service as services
from chromium import WAIT_MILLISECONDS, launched
from service import ROOT, Service
from visit import Visit

DOCS = ROOT / ".docs"


def pytest_report_header() -> str:
    return f"executable under test: {services.binary()}"


@pytest.fixture(scope="session")
def docs() -> pathlib.Path:
    assert (DOCS / "installed").exists(), "run scripts/install-docs first"
    return DOCS


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


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
