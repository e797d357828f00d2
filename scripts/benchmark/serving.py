"""Serving: requests a second, processor time and latency against nginx, libuv and the seed."""

import os
import random
from dataclasses import dataclass

from benchmark import contestants as who
from benchmark import machine
from benchmark.counting import count_instructions, count_system_calls
from benchmark.processes import Program
from benchmark.session import Case, Session, say
from benchmark.turns import OURS, Comparison, Experiment, Sample, at_least, at_most

KIB, MIB = 1 << 10, 1 << 20
HOT_BYTES, COLD_BYTES, RANGE_BYTES = 20 * KIB, 200 * KIB, KIB
ZIPF_IMAGES = 10_000
ZIPF_REQUESTS = 200_000     # the sequence that wrk repeats
# More than CACHE_BYTES holds, so that none comes from memory when the list begins again.
COLD_IMAGES = 3_000
COLD_EACH_TURN = 600
COLD_CONNECTIONS = 8
FILL_CONNECTIONS = 64       # many uploads share their flushes


@dataclass
class Servers:
    """This server with images in it, and nginx over the same files under the same paths."""

    session: Session
    ours: Program
    nginx: Program

    def images(self, size: int, count: int = 1) -> list[str]:
        """Paths of `count` images of that size, which are uploaded when they are not there."""
        root = self.session.place.directory / "nginx-root" / "api" / "images"
        root.mkdir(parents=True, exist_ok=True)
        there = [entry.name for entry in os.scandir(root) if entry.stat().st_size == size]
        if (missing := count - len(there)) > 0:
            say(f"  uploading {missing} images of {size:,} bytes")
            sample = self.session.load.own(
                self.ours, image=size, requests=missing, serial=self.session.serial(missing),
                connections=min(FILL_CONNECTIONS, missing), **who.form_options(self.ours))
            if sample.failed:
                raise RuntimeError(f"{sample.failed} uploads failed")
            for blob in (self.session.place.directory / "data" / "blobs").rglob("*"):
                if blob.is_file() and not (root / blob.name).exists():
                    os.link(blob, root / blob.name)
            there = [entry.name for entry in os.scandir(root) if entry.stat().st_size == size]
        return [f"/api/images/{name}" for name in sorted(there)[:count]]


def servers(session: Session) -> Servers:
    def start() -> Servers:
        enter = session.resources.enter_context
        return Servers(session, enter(who.start_ours(session.place)),
                       enter(who.start_nginx(session.place)))
    return session.once("servers", start)


def confirm(program: Program, path: str, status: int, length: int, method: str = "GET",
            **fields: str) -> dict[str, str]:
    """Asks once before measuring, so that no error page is ever measured."""
    answered, names, body = who.ask(program, method, path, **fields)
    if (answered, len(body)) != (status, length):
        raise RuntimeError(f"{program.command[0]}: {answered} with {len(body)} bytes for {path}")
    return names


def hot(size: int, comparisons: list[Comparison]) -> Case:
    name = f"GET {size_name(size)}, hot, 64 connections"

    def run(session: Session) -> None:
        both = servers(session)
        path, = both.images(size)
        against = {comparison.against for comparison in comparisons}
        with who.start_limit(session.place, size) as limit:
            programs = {OURS: both.ours, "nginx": both.nginx}
            if "libuv" in against:
                programs["libuv"] = limit
            contestants = {}
            for label, program in programs.items():
                confirm(program, path, 200, size)
                contestants[label] = lambda program=program: ask_for(session, program, path, size)
            session.take_turns(Experiment(name, contestants, comparisons))

    return Case(name, run)


def ask_for(session: Session, program: Program, path: str, size: int) -> Sample:
    """With `load.c` where images are large: wrk reads 8 KiB at a time, and would be the limit."""
    if size >= MIB:
        return session.load.own(program, path=path, bytes_each=size)
    return session.load.wrk(program, path, bytes_each=size)


def size_name(size: int) -> str:
    return f"{size // MIB} MiB" if size >= MIB else f"{size // KIB} KiB"


def zipf(session: Session) -> None:
    """The k-th most popular image is asked for in proportion to 1/k, as web objects are (Breslau
    et al., INFOCOM 1999); the same sequence for both."""
    both = servers(session)
    paths = both.images(HOT_BYTES, ZIPF_IMAGES)
    weights = [1 / rank for rank in range(1, len(paths) + 1)]
    sequence = random.Random(1).choices(paths, weights, k=ZIPF_REQUESTS)
    listed = session.place.directory / "zipf.txt"
    listed.write_text("".join(f"{path}\n" for path in sequence))

    def turn(program: Program) -> Sample:
        return session.load.wrk(program, "/", "images.lua", arguments=(str(listed),),
                                bytes_each=HOT_BYTES)

    for program in (both.ours, both.nginx):
        turn(program)       # each has held every image once, as its cache allows
    session.take_turns(Experiment(ZIPF.name, {
        OURS: lambda: turn(both.ours), "nginx": lambda: turn(both.nginx),
    }, [Comparison("rate", "nginx", at_least(1.5)), Comparison("cpu", "nginx")]))


def not_modified(session: Session) -> None:
    both = servers(session)
    path, = both.images(HOT_BYTES)

    def contestant(program: Program):
        tag = confirm(program, path, 200, HOT_BYTES)["etag"]
        confirm(program, path, 304, 0, **{"If-None-Match": tag})
        return lambda: session.load.wrk(program, path, fields=(f"If-None-Match: {tag}",))

    session.take_turns(Experiment(NOT_MODIFIED.name, {
        OURS: contestant(both.ours), "nginx": contestant(both.nginx),
    }, [Comparison("rate", "nginx", at_least(1.4)), Comparison("cpu", "nginx")]))


def head(session: Session) -> None:
    """With `load.c`: wrk waits for the body that HEAD's Content-Length announces."""
    both = servers(session)
    path, = both.images(HOT_BYTES)

    def contestant(program: Program):
        confirm(program, path, 200, 0, method="HEAD")
        return lambda: session.load.own(program, method="HEAD", path=path)

    session.take_turns(Experiment(HEAD.name, {
        OURS: contestant(both.ours), "nginx": contestant(both.nginx),
    }, [Comparison("rate", "nginx", at_least(1.4)), Comparison("cpu", "nginx")]))


def byte_range(session: Session) -> None:
    both = servers(session)
    path, = both.images(HOT_BYTES)
    wanted = f"bytes=4096-{4096 + RANGE_BYTES - 1}"

    def contestant(program: Program):
        confirm(program, path, 206, RANGE_BYTES, Range=wanted)
        return lambda: session.load.wrk(program, path, fields=(f"Range: {wanted}",),
                                        bytes_each=RANGE_BYTES)

    session.take_turns(Experiment(RANGE.name, {
        OURS: contestant(both.ours), "nginx": contestant(both.nginx),
    }, [Comparison("rate", "nginx", at_least(1.4)), Comparison("cpu", "nginx")]))


def cold(session: Session) -> None:
    """A fixed number of cold requests a second for all, so that who is faster gets no more of
    them. Before each turn the files are dropped from the page cache; nginx has them open."""
    both = servers(session)
    hot_path, = both.images(HOT_BYTES)
    paths = both.images(COLD_BYTES, COLD_IMAGES)
    root = session.place.directory / "nginx-root"
    files = [root / path[1:] for path in paths]
    threads = session.resources.enter_context(who.start_nginx(session.place, threads=True))
    listed = session.place.directory / "cold.txt"
    turns = {}

    def turn(program: Program) -> Sample:
        first = turns.get(program.port, 0) * COLD_EACH_TURN % len(paths)
        turns[program.port] = turns.get(program.port, 0) + 1
        chosen = paths[first : first + COLD_EACH_TURN]
        listed.write_text("".join(f"{path}\n" for path in chosen))
        machine.drop_from_page_cache(files)
        beside = session.load.start(
            program, paths=listed, connections=COLD_CONNECTIONS,
            rate=COLD_EACH_TURN / session.load.seconds)
        try:
            sample = session.load.wrk(program, hot_path, bytes_each=HOT_BYTES)
        finally:
            result = session.load.finish(beside)
        sample.failed += result["failed"]
        return sample

    session.take_turns(Experiment(COLD.name, {
        OURS: lambda: turn(both.ours), "nginx": lambda: turn(both.nginx),
        "nginx, aio threads": lambda: turn(threads),
    }, [Comparison("p99", "nginx", at_most(1.0)), Comparison("p99", "nginx, aio threads"),
        Comparison("rate", "nginx")]))


def link_and_stats(session: Session) -> None:
    both = servers(session)
    with who.start_seed(session.place.under("seed")) as seed:
        for name, script, path in (
            ("POST upload link", "link.lua", "/api/generate-upload-link"),
            ("GET stats", "stats.lua", "/api/stats"),
        ):
            def contestant(program: Program, script: str = script, path: str = path):
                return lambda: session.load.wrk(program, path, script, (who.KEY_FIELD,))

            session.take_turns(Experiment(f"{name}, 64 connections", {
                OURS: contestant(both.ours), "the seed's stack": contestant(seed),
            }, [Comparison("rate", "the seed's stack")]))


def counts(session: Session) -> None:
    for size in (4 * KIB, HOT_BYTES):
        bar = {OURS: (at_most(2.3), at_most(5000))}
        count_system_calls(session, size, servers(session), bar)
        count_instructions(session, size, bar)


SMALL = [
    Comparison("rate", "nginx", at_least(1.6)), Comparison("cpu", "nginx", at_most(0.60)),
    Comparison("rate", "libuv", at_least(0.85)), Comparison("cpu", "libuv"),
]
ZIPF = Case("GET of 10,000 different 20 KiB images, zipf, 64 connections", zipf)
NOT_MODIFIED = Case("GET that gives 304, 64 connections", not_modified)
HEAD = Case("HEAD, 64 connections", head)
RANGE = Case("GET with a range of 1 KiB, 64 connections", byte_range)
COLD = Case("hot 20 KiB beside cold 200 KiB images, 64 connections", cold)
CASES = [
    hot(4 * KIB, SMALL),
    hot(HOT_BYTES, SMALL),
    Case("counts of system calls and instructions, GET 4 KiB and 20 KiB", counts),
    hot(COLD_BYTES, [Comparison("rate", "nginx", at_least(1.0)), Comparison("cpu", "nginx"),
                     Comparison("rate", "libuv")]),
    hot(4 * MIB, [Comparison("rate", "nginx", at_least(1.05)), Comparison("cpu", "nginx"),
                  Comparison("rate", "libuv")]),
    ZIPF, NOT_MODIFIED, HEAD, RANGE, COLD,
    Case("link and stats against the seed's stack", link_and_stats),
]
