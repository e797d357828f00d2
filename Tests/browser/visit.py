"""A page in a browser, and what a person does on it."""

import pathlib
import re
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Request, expect

from service import KEY, Service

# What a browser itself reports of an answer that is an error, however well the page deals with it.
REPORTED_STATUS = re.compile(r"Failed to load resource: .* status of (\d+)")
QUIET_KINDS = {"log", "info", "debug", "verbose"}


class Visit:
    def __init__(self, context: BrowserContext, service: Service, path: str):
        self.context = context
        self.service = service
        self.page = context.new_page()
        # One session, because each would keep its own idea of how slow the network is.
        self.devtools = context.new_cdp_session(self.page)
        self.foreign_requests: list[str] = []
        self.messages: list[str] = []
        # Statuses of answers, and names of failures, that the test brings about.
        self.expected: set[str] = set()
        self.page.on("request", self.note_request)
        self.page.on("console", self.note_message)
        self.page.on("pageerror", lambda error: self.messages.append(f"uncaught: {error}"))
        # The first listener makes the browser hand file choosers over, and that takes a moment: a
        # test that opened one right after asking for it would wait for what it had missed.
        self.page.on("filechooser", lambda _: None)
        self.page.goto(service.url + path)

    def note_request(self, request: Request) -> None:
        if not request.url.startswith((self.service.url + "/", "blob:", "data:")):
            self.foreign_requests.append(request.url)

    def note_message(self, message: ConsoleMessage) -> None:
        if message.type not in QUIET_KINDS:
            self.messages.append(message.text)

    def expects(self, *what: str) -> None:
        """Names statuses (`401`) or network failures (`ERR_CONNECTION_REFUSED`) to come."""
        self.expected |= set(what)

    def unexpected_messages(self) -> list[str]:
        def is_expected(message: str) -> bool:
            status = REPORTED_STATUS.search(message)
            if status:
                return status.group(1) in self.expected
            return any(f"net::{name}" in message for name in self.expected)

        return [message for message in self.messages if not is_expected(message)]

    # The page for uploads

    def sign_in(self, key: str = KEY) -> "Visit":
        self.page.get_by_label("Key").fill(key)
        self.page.get_by_role("button", name="Sign in").click()
        return self

    def signed_in(self) -> "Visit":
        self.sign_in()
        expect(self.page.get_by_role("heading", name="Upload", exact=True)).to_be_visible()
        return self

    def choose(self, *files: pathlib.Path | dict[str, Any]) -> None:
        self.page.get_by_label("Choose images").set_input_files(list(files))

    def drop(self, *files: pathlib.Path) -> None:
        """Drags files over the page and lets them go there, as the window system would."""
        box = self.page.locator("#drop-zone").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        copying = 1
        data = {"items": [], "files": [str(file) for file in files],
                "dragOperationsMask": copying}
        for kind in ("dragEnter", "dragOver"):
            self.devtools.send("Input.dispatchDragEvent",
                               {"type": kind, "x": x, "y": y, "data": data})
        expect(self.page.locator("#drop-zone.is-target")).to_be_visible()
        self.devtools.send("Input.dispatchDragEvent",
                           {"type": "drop", "x": x, "y": y, "data": data})

    def slow_down(self, upload_bytes_per_second: int) -> None:
        self.devtools.send("Network.enable")
        self.devtools.send("Network.emulateNetworkConditions", {
            "offline": False, "latency": 0, "downloadThroughput": -1,
            "uploadThroughput": upload_bytes_per_second})

    def rows(self, state: str | None = None) -> Locator:
        return self.page.locator(f'.upload[data-state="{state}"]' if state else ".upload")

    def row(self, filename: str) -> Locator:
        return self.page.locator(".upload", has=self.page.get_by_text(filename, exact=True))

    def stored_ids(self) -> set[str]:
        return set(self.page.locator(".upload-id").all_text_contents())

    def bars(self, chart: str) -> dict[str, int]:
        """What a chart shows, by the values that its marks carry."""
        marks = self.page.locator(f"#{chart}-chart .bar-mark").evaluate_all(
            "marks => marks.map(mark => [mark.dataset.day ?? mark.dataset.name,"
            " Number(mark.dataset.count)])")
        return dict(marks)

    def table(self, chart: str) -> dict[str, int]:
        """What its table says."""
        rows = self.page.locator(f"#{chart}-chart tbody tr").evaluate_all(
            "rows => rows.map(row => [row.cells[0].textContent, row.cells[1].textContent])")
        return {name: int(count.replace(",", "")) for name, count in rows}
