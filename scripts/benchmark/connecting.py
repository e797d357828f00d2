"""Many connections: what an idle one costs, and what uploads do to those who read."""

import resource
import socket

from benchmark import contestants as who
from benchmark.contestants import Place
from benchmark.processes import Program
from benchmark.session import Case, Session, say
from benchmark.turns import OURS, Comparison, Experiment, Figure, Sample, at_most

KIB, MIB = 1 << 10, 1 << 20
WANTED_CONNECTIONS = 10_000
SPARE_DESCRIPTORS = 200
READ_BYTES, UPLOAD_BYTES, UPLOADS_AT_A_TIME = 20 * KIB, 3 * MIB, 64
READERS = 16


def idle(session: Session) -> None:
    """Resident memory with so many idle keep-alive connections, less that without, for each.

    Each connection has asked for an image once. What a server needs anyway, it has by then: it has
    answered 64 connections for a while.
    """
    results: dict[str, list[float]] = {OURS: [], "nginx": []}
    for turn in range(session.turns):
        for label in results:
            with session.fresh_place() as place:
                value = bytes_for_idle(session, place, label)
            results[label].append(value)
            say(f"  {turn + 1}/{session.turns} {label}: {value:,.0f} bytes a connection")
    name = f"{idle_count():,} idle connections: resident bytes for each"
    bar = at_most(4 * KIB)
    for label, values in results.items():
        own = name if label == OURS else f"{name}, {label}"
        session.figures.append(Figure(own, "", values, bar if label == OURS else None,
                                      unit="bytes", lower_is_better=True))
    ratios = [ours / max(theirs, 1) for ours, theirs in
              zip(results[OURS], results["nginx"], strict=True)]
    session.figures.append(Figure(name, "nginx", ratios, lower_is_better=True))


def idle_count() -> int:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return min(WANTED_CONNECTIONS, limit - SPARE_DESCRIPTORS)


def bytes_for_idle(session: Session, place: Place, label: str) -> float:
    with who.start_ours(place) as ours:
        path = one_image(session, place, ours)
        if label == OURS:
            return resident_difference(session, ours, path)
        with who.start_nginx(place) as nginx:
            return resident_difference(session, nginx, path)


def one_image(session: Session, place: Place, ours: Program) -> str:
    """The path of a small image that both servers have."""
    session.load.own(ours, image=READ_BYTES, requests=1, connections=1,
                     serial=session.serial(1), **who.form_options(ours))
    blob = next(blob for blob in (place.directory / "data" / "blobs").rglob("*") if blob.is_file())
    root = place.directory / "nginx-root" / "api" / "images"
    root.mkdir(parents=True, exist_ok=True)
    (root / blob.name).hardlink_to(blob)
    return f"/api/images/{blob.name}"


def resident_difference(session: Session, program: Program, path: str) -> float:
    session.load.own(program, path=path, requests=10_000)
    before, count = program.resident_bytes(), idle_count()
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    sockets: list[socket.socket] = []
    try:
        for _ in range(count):
            client = socket.create_connection(("127.0.0.1", program.port), timeout=30)
            sockets.append(client)
            client.sendall(request)
            read_answer(client)
        return (program.resident_bytes() - before) / count
    finally:
        for client in sockets:
            client.close()


def read_answer(client: socket.socket) -> None:
    received = b""
    while b"\r\n\r\n" not in received or \
            len(received) - received.index(b"\r\n\r\n") - 4 < READ_BYTES:
        piece = client.recv(1 << 16)
        if not piece:
            raise RuntimeError("a connection was closed while it was being made idle")
        received += piece


def reading_beside_uploads(session: Session) -> None:
    """Readers ask without a pause, and 64 uploads are always under way, as fast as the server lets
    them. Those yield to the readers on the load's core: what is measured is the server's delay."""
    def turn(with_uploads: bool) -> Sample:
        with session.fresh_place() as place, who.start_ours(place) as ours:
            path = one_image(session, place, ours)
            beside = None
            if with_uploads:
                beside = session.load.start(
                    ours, yields=True, image=UPLOAD_BYTES, connections=UPLOADS_AT_A_TIME,
                    seconds=session.load.seconds + 1, serial=session.serial(1_000_000),
                    **who.form_options(ours))
            try:
                sample = session.load.wrk(ours, path, connections=READERS, bytes_each=READ_BYTES)
            finally:
                result = session.load.finish(beside) if beside else None
            if result:
                rate = result["all"] * UPLOAD_BYTES / result["wall_seconds"] / MIB
                say(f"  uploads: {rate:,.0f} MiB/s, p99 of GET {sample.p99_us:,.0f} us")
                sample.failed += result["failed"]
            return sample

    session.take_turns(Experiment(BESIDE.name, {
        "with": lambda: turn(True), "without": lambda: turn(False),
    }, [Comparison("p99", "without", at_most(3)), Comparison("rate", "without")], subject="with"))


BESIDE = Case("GET 20 KiB beside 64 running uploads", reading_beside_uploads)
CASES = [Case("idle connections", idle), BESIDE]
