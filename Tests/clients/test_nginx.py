"""nginx and the service see the same requests, whatever a client sends (RFC 9112 §11.2).

IMAGE_SERVICE_NGINX_CONNECTIONS says how many connections each variant of nginx gets (the quick form
has QUICK_CONNECTIONS), IMAGE_SERVICE_SEED repeats a run. The last line is for programs.
"""

import json
import os
import pathlib
import random
import socket
from collections import Counter
from collections.abc import Iterator

import pytest

import mixtures
import smuggling
from nginx import VARIANTS, Nginx, Variant
from service import Service, in_parallel
from wire import wait_until

QUICK_CONNECTIONS = 120
# Longer than nginx's own patience. It has none with what follows a refused body.
TIMEOUT_SECONDS = 1
LOG_SECONDS = 20
# What a head can be refused with. Then the id is the service's own, since no field was taken.
HEAD_REFUSALS = {400, 408, 414, 417, 431, 501, 505}
END = b"GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def entry(request_id: str, method: str | None = "GET", status: int = 404,
          path: str | None = "/") -> dict:
    return {"request_id": request_id, "method": method, "status": status, "path": path}


def passed_on(seen: list[dict]) -> list[dict]:
    """What nginx sent to the service, or began to."""
    return [request for request in seen if request["to"] not in ("", "-")]


def is_abandoned(request: dict) -> bool:
    """Whether nginx let go of it before an answer came, because its client did."""
    return request["tried"].split(", ")[-1] in ("", "-")


def disagreements(sent: list[dict], served: list[dict]) -> list[str]:
    """Where the service has seen other requests than nginx sent, or answered another one.

    A head that the service refuses gets an id from the service, which came back to nginx. What
    nginx sends again, because a connection was just closed, may be seen twice. Of one client's
    connection nginx sends one request after the other; those of two clients may overtake. What
    nginx began to send, and let go of when its client did, is seen or not.
    """
    found: list[str] = []
    by_id = {request["id"]: request for request in sent}
    by_echo = {request["echoed"]: request for request in sent if request["echoed"]}
    times: Counter[str] = Counter()
    latest: dict[str, int] = {}
    for request in served:
        ours = request["request_id"]
        is_refusal = ours not in by_id and request["status"] in HEAD_REFUSALS
        theirs = by_id.get(ours) or (by_echo.get(ours) if is_refusal else None)
        if theirs is None:
            found.append(f"nginx never sent what the service saw: {request}")
            continue
        tries = theirs["tried"].split(", ")
        times[theirs["id"]] += 1
        if request["method"] != theirs["method"] and not (is_refusal and not request["method"]):
            found.append(f"another method: {request}, {theirs}")
        if times[theirs["id"]] > len(tries):
            found.append(f"one request was seen as two: {request}, {theirs}")
        answered = times[theirs["id"]] == len(tries) and not is_abandoned(theirs)
        if answered and (theirs["echoed"], tries[-1]) != (ours, str(request["status"])):
            found.append(f"the answer to {request} went to {theirs}")
        if latest.get(theirs["connection"], -1) > theirs["number"]:
            found.append(f"out of order: {request}, {theirs}")
        latest[theirs["connection"]] = theirs["number"]
    missing = [request for request in sent
               if not times[request["id"]] and not is_abandoned(request)]
    return found + [f"the service never saw what nginx sent: {request}" for request in missing]


def test_the_comparison_finds_what_it_is_for() -> None:
    def sent(request_id: str, echoed: str | None = None, tried: str = "404") -> dict:
        return {"id": request_id, "method": "GET", "tried": tried, "connection": "1",
                "number": int(request_id), "echoed": request_id if echoed is None else echoed}
    both = [sent("1"), sent("2")]
    assert not disagreements(both, [entry("1"), entry("2")])
    assert disagreements(both, [entry("1"), entry("3"), entry("2")]), "one more"
    assert disagreements(both, [entry("1"), entry("1"), entry("2")]), "one is two"
    assert disagreements(both, [entry("1")]), "two are one"
    assert disagreements(both, [entry("2"), entry("1")]), "another order"
    assert disagreements(both, [entry("1"), entry("2", "POST")]), "another method"
    assert disagreements(both, [entry("1"), entry("2"), entry("x", None, 400, None)]), "bytes left"
    assert disagreements([sent("1", "2"), sent("2", "1")], [entry("1"), entry("2")]), "swapped"
    assert disagreements([sent("1", tried="200")], [entry("1")]), "another answer"
    for refused in entry("9", None, 400, None), entry("9", "GET", 400):
        assert not disagreements([sent("1", "9", "400")], [refused]), "refused"
        assert disagreements([sent("1", "8", "400")], [refused]), "another one was refused"
    assert disagreements([sent("1", "9", "400")], [entry("9", "PUT", 400)]), "another was refused"
    assert disagreements([sent("1", "9")], [entry("9")]), "no head is refused with 404"
    assert not disagreements([sent("1", tried="502, 404")], [entry("1"), entry("1")]), "again"
    assert not disagreements([sent("1", "", "-")], []), "let go of"
    assert not disagreements([sent("1", "", "-")], [entry("1")]), "let go of late"
    assert disagreements([sent("1", "", "-")], [entry("1"), entry("1")]), "let go of, and two"


def converse(port: int, data: bytes) -> bytes:
    """Sends all of it, and reads until nginx ends the connection."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS) as connection:
        try:
            connection.sendall(data)
            while piece := connection.recv(1 << 16):
                received += piece
        except (ConnectionError, TimeoutError):
            pass  # what nginx does not read, it answers with a reset, or not at all
    return received


@pytest.fixture
def proxy(tmp_path: pathlib.Path) -> Iterator[tuple[Nginx, dict[Variant, Service]]]:
    """nginx with a service of its own behind each variant, so that each log is one sequence."""
    started = {variant: Service(tmp_path / variant.name, LOG_FORMAT="json", WORKERS=1)
               for variant in VARIANTS}
    try:
        for running in started.values():
            running.wait_until_ready()
        nginx = Nginx(tmp_path, {variant: running.port for variant, running in started.items()})
        try:
            yield nginx, started
        finally:
            nginx.stop()
    finally:
        for running in started.values():
            running.stop()


def served(service: Service) -> list[dict]:
    """The service's access lines, without those of waiting for it."""
    lines = [json.loads(line) for line in service.log().splitlines() if line.startswith("{")]
    return [line for line in lines if "request_id" in line and line.get("path") != "/readyz"]


def run(nginx: Nginx, variant: Variant, service: Service, connections: Iterator[bytes]) -> int:
    """Sends the connections one after the other; gives how many requests reached the service."""
    for data in connections:
        converse(nginx.ports[variant], data + END)
    # Whatever came before: this one is whole, and everything before it is written down.
    answer = converse(nginx.ports[variant], END)
    assert answer.startswith(b"HTTP/1.1 404 "), answer

    def is_written() -> bool:
        ours, theirs = served(service), passed_on(nginx.seen(variant))
        return bool(ours and theirs) and ours[-1]["request_id"] == theirs[-1]["id"]
    wait_until(is_written, LOG_SECONDS, f"the last request in both logs of {variant.name}")
    found = disagreements(passed_on(nginx.seen(variant)), served(service))
    assert not found, f"{variant}: {len(found)} disagreements: {found[0]}"
    return len(served(service))


def test_nginx_and_the_service_see_the_same_requests(
    proxy: tuple[Nginx, dict[Variant, Service]], capsys: pytest.CaptureFixture[str]
) -> None:
    nginx, services = proxy
    count = int(os.environ.get("IMAGE_SERVICE_NGINX_CONNECTIONS", QUICK_CONNECTIONS))
    seed = int(os.environ.get("IMAGE_SERVICE_SEED", random.SystemRandom().getrandbits(32)))
    print(f"seed={seed}")
    rows = [mixtures.with_body_reader(form.whole) for form in smuggling.forms()]
    reached: Counter[str] = Counter()

    def compare(number: int, variant: Variant) -> None:
        # The rows are spread over the variants in the quick form; each gets all in the full one.
        own = rows if count > len(rows) else rows[number::len(VARIANTS)]
        generated = mixtures.connections(random.Random(seed + number), count)
        reached[variant.name] = run(nginx, variant, services[variant],
                                    iter([*own, *generated]))

    def action(number: int, variant: Variant):
        return lambda: compare(number, variant)

    with in_parallel(*(action(*pair) for pair in enumerate(VARIANTS))):
        pass
    assert all(reached[variant.name] > count // 2 for variant in VARIANTS), reached
    seen = sum(len(nginx.seen(variant)) for variant in VARIANTS)
    with capsys.disabled():
        print(f"\nnginx: seed={seed} connections={count * len(VARIANTS) + len(rows)} "
              f"requests={seen} forwarded={sum(reached.values())} disagreements=0")
