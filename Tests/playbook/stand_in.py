"""A stand-in before the service that behaves badly when a test says so, and passes on the rest."""

import http.client
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from service import Service

FIRST_BYTES = 1000
HOLD_SECONDS = 60


class StandIn:
    """`plan` has what to do with the next uploads; afterwards, and with all else, it passes on.

    `busy`: 503 before the body, with a Retry-After. `always busy`: that for ever. `drop`: reads a
    little and closes. `expired`: 410. `hold`: reads a little and says nothing more. `other id`:
    passes on, but answers with another image id.
    """

    def __init__(self, service: Service, *plan: str, retry_after: str = "1"):
        self.plan, self.retry_after = deque(plan), retry_after
        self.seen: list[tuple[str, str]] = []
        self.lock = threading.Lock()
        self.holding, self.released = threading.Event(), threading.Event()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                stand_in.handle(self, service.port)

            do_GET = do_HEAD = do_POST = handle_any

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> "StandIn":
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def next_action(self, method: str, path: str) -> str:
        with self.lock:
            self.seen.append((method, path.split("/")[2]))
            if not path.startswith("/api/upload-images/") or not self.plan:
                return "pass"
            return self.plan[0] if self.plan[0] == "always busy" else self.plan.popleft()

    def count(self, method: str, what: str) -> int:
        return self.seen.count((method, what))

    def handle(self, request: BaseHTTPRequestHandler, port: int) -> None:
        action = self.next_action(request.command, request.path)
        if action in ("busy", "always busy"):
            self.refuse(request, 503, {"Retry-After": self.retry_after})
        elif action == "expired":
            self.refuse(request, 410, {})
        elif action in ("drop", "hold"):
            request.rfile.read(FIRST_BYTES)
            request.close_connection = True
            if action == "hold":
                self.holding.set()
                self.released.wait(HOLD_SECONDS)
        else:
            self.pass_on(request, port, action == "other id")

    def refuse(self, request: BaseHTTPRequestHandler, status: int, fields: dict) -> None:
        request.close_connection = True
        request.send_response(status)
        for name, value in {"Content-Length": "0", "Connection": "close", **fields}.items():
            request.send_header(name, value)
        request.end_headers()

    def pass_on(self, request: BaseHTTPRequestHandler, port: int, is_falsified: bool) -> None:
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HOLD_SECONDS)
        connection.request(request.command, request.path, body or None,
                           {name: value for name, value in request.headers.items()})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if is_falsified:
            content = content[:-8] + b'000000"}'
        request.send_response(answer.status)
        for name in ("Content-Type", "Content-Length"):
            if name in answer.headers:
                request.send_header(name, answer.headers[name])
        request.end_headers()
        request.wfile.write(content)
