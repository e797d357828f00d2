"""Uploading: against what hashing and the disk allow, and against the seed's stack.

Every turn has an empty data directory and a server of its own, so that none is slowed down by what
others left, and removes it before the next one begins.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from benchmark import contestants as who
from benchmark.contestants import Place
from benchmark.processes import Program
from benchmark.session import Case, Session
from benchmark.turns import OURS, Comparison, Experiment, Sample, at_least

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
SEED, NGINX = "the seed's stack, no flush", "nginx, DAV PUT, no flush"
KEEP_ONE, KEEP_THREADS = "C, one thread", "C, a thread for each"
HASH = "C, SHA-256 alone"
# More than any contestant can answer in a turn, so that no image comes twice.
SERIALS_EACH_TURN = 10_000_000

Start = Callable[[Place], AbstractContextManager[Program]]


def keep(mode: str) -> Start:
    return lambda place: who.start_keep(place, mode)


STARTS: dict[str, Start] = {
    OURS: who.start_ours, SEED: who.start_seed, NGINX: who.start_nginx,
    KEEP_ONE: keep("one"), KEEP_THREADS: keep("threads"), HASH: keep("hash"),
}


def options(label: str, program: Program) -> dict[str, object]:
    """How that contestant takes an image: ours and the seed as a form, the others as a body."""
    if label in (OURS, SEED):
        return who.form_options(program)
    if label == NGINX:
        return {"method": "PUT", "expect": 201}
    return {"method": "PUT", "path": "/"}


def upload_turn(session: Session, label: str, size: int, connections: int,
                requests: int | None = None) -> Sample:
    with session.fresh_place() as place, STARTS[label](place) as program:
        chosen = options(label, program)
        serial = session.serial(SERIALS_EACH_TURN)
        if label == NGINX:
            # A PUT of a name that is there would be another piece of work: 204.
            names = place.directory / "names.txt"
            names.write_text("".join(f"/upload/{serial + i}\n" for i in range(200_000)))
            chosen["paths"] = names
        if requests:
            chosen["requests"] = requests
        return session.load.own(program, bytes_each=size, image=size, serial=serial,
                                connections=connections, **chosen)


def uploads(name: str, size: int, connections: int, comparisons: list[Comparison],
            requests: int | None = None) -> Case:
    def run(session: Session) -> None:
        labels = list(dict.fromkeys([OURS, *(one.against for one in comparisons)]))
        contestants = {
            label: (lambda label=label: upload_turn(session, label, size, connections, requests))
            for label in labels}
        session.take_turns(Experiment(name, contestants, comparisons))

    return Case(name, run)


CASES = [
    uploads("upload of one 1 GiB file, durable", GIB, 1, [
        Comparison("bytes", KEEP_ONE, at_least(0.9)), Comparison("bytes", HASH),
        Comparison("cpu", KEEP_ONE)], requests=1),
    uploads("uploads of 3 MiB, 16 at a time, durable", 3 * MIB, 16, [
        Comparison("bytes", SEED, at_least(4)), Comparison("bytes", NGINX),
        Comparison("bytes", KEEP_THREADS)]),
    uploads("uploads of 50 KiB, 64 at a time, durable", 50 * KIB, 64, [
        Comparison("uploads", SEED, at_least(3)),
        Comparison("uploads", KEEP_THREADS, at_least(0.9)),
        Comparison("uploads", NGINX), Comparison("cpu", KEEP_THREADS)]),
]
