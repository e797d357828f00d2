"""Debian's Chromium, cut off from everything but this machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

# A busy machine may need a while; a test that waits this long fails anyway.
WAIT_MILLISECONDS = 20_000


@contextmanager
def launched() -> Iterator[Browser]:
    """One browser, closed at the end."""
    path = os.environ.get("IMAGE_SERVICE_CHROMIUM") or shutil.which("chromium")
    assert path, "chromium is missing: run scripts/install-missing --tests"
    # No name resolves, so that nothing outside is reached even by mistake.
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    if os.geteuid() == 0:
        # Chromium's sandbox does not run as root, as which containers run tests.
        arguments.append("--no-sandbox")
    expect.set_options(timeout=WAIT_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()
