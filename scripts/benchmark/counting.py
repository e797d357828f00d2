"""What is counted instead of timed: system calls and instructions of one request.

Counts are the same on every machine with the same libraries, and hardly differ from run to run, so
they need no turns. A counted server is slower than a free one: system calls are counted by the
kernel (perf), which costs little; where that is not allowed, by strace, which shows fewer
epoll_wait calls a request than there are, because more connections become ready meanwhile.
"""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING

from benchmark import contestants as who
from benchmark.processes import Program
from benchmark.programs import compiled, stripped
from benchmark.session import Session, say
from benchmark.turns import OURS, Bar, Figure

if TYPE_CHECKING:
    from benchmark.serving import Servers

SYSTEM_CALL_REQUESTS = 100_000
STRACE_REQUESTS = 10_000
# The difference of two runs, so that start, upload and end do not count.
FEW_REQUESTS, MANY_REQUESTS = 2_000, 12_000
CALLGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")


def count_system_calls(session: Session, size: int, both: "Servers",
                       bars: dict[str, tuple[Bar, Bar]]) -> None:
    path, = both.images(size)
    with who.start_limit(session.place, size) as limit:
        for label, program in ((OURS, both.ours), ("nginx", both.nginx), ("libuv", limit)):
            session.load.own(program, path=path, requests=FEW_REQUESTS)
            value, how = system_calls(session, program, path)
            name = f"GET {size // 1024} KiB, hot, 64 connections: system calls per request"
            say(f"  {label}: {value:.2f} system calls per request ({how})")
            bar = bars[label][0] if label in bars else None
            session.figures.append(figure(name, label, value, bar))


def figure(name: str, label: str, value: float, bar: Bar | None) -> Figure:
    own = name if label == OURS else f"{name} of {label}"
    return Figure(own, "", [value], bar, unit="", lower_is_better=True)


def system_calls(session: Session, program: Program, path: str) -> tuple[float, str]:
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report"
        pids = ",".join(map(str, program.pids()))
        load = [*session.load.pinned, compiled("load"), f"port={program.port}", f"path={path}",
                "connections=64", f"requests={SYSTEM_CALL_REQUESTS}"]
        perf = ["perf", "stat", "-x", ",", "-o", report, "-e", "raw_syscalls:sys_enter",
                "-p", pids, *load]
        if subprocess.run(perf, capture_output=True, check=False).returncode == 0:
            counted = re.search(r"^(\d+),", report.read_text(), re.MULTILINE)
            if counted:
                return int(counted.group(1)) / SYSTEM_CALL_REQUESTS, "perf"
        strace = ["strace", "-f", "-c", "-U", "name,calls", "-o", report, "-p", pids]
        tracer = subprocess.Popen(strace, stderr=subprocess.DEVNULL)
        try:
            time.sleep(1)       # until it is attached
            session.load.own(program, path=path, requests=STRACE_REQUESTS)
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait()
        total = re.search(r"^total\s+(\d+)", report.read_text(), re.MULTILINE)
        if not total:
            raise RuntimeError(f"neither perf nor strace can count here: {report.read_text()}")
        return int(total.group(1)) / STRACE_REQUESTS, "strace"


def count_instructions(session: Session, size: int, bars: dict[str, tuple[Bar, Bar]]) -> None:
    name = f"GET {size // 1024} KiB, hot, 64 connections: user instructions per request"
    for label in (OURS, "nginx", "libuv"):
        few, many = (instructions(session, label, size, requests)
                     for requests in (FEW_REQUESTS, MANY_REQUESTS))
        value = (many - few) / (MANY_REQUESTS - FEW_REQUESTS)
        say(f"  {label}: {value:,.0f} user instructions per request")
        bar = bars[label][1] if label in bars else None
        session.figures.append(figure(name, label, value, bar))


def instructions(session: Session, label: str, size: int, requests: int) -> int:
    """All that a server executes from its start to its end, with that many requests between."""
    with session.fresh_place() as place:
        if label == OURS:
            program = who.start_ours(place, CALLGRIND, stripped(place.binary))
        elif label == "nginx":
            program = who.start_nginx(place, CALLGRIND, master=False)
        else:
            program = who.start_limit(place, size, CALLGRIND)
        with program:
            path = "/api/images/"
            if label == OURS:
                session.load.own(program, image=size, requests=1, connections=1, serial=1,
                                 **who.form_options(program))
                blobs = (place.directory / "data" / "blobs").rglob("*")
                path += next(blob.name for blob in blobs if blob.is_file())
            elif label == "nginx":
                root = place.directory / "nginx-root" / "api" / "images"
                root.mkdir(parents=True)
                (root / ("0" * 64)).write_bytes(os.urandom(size))
                path += "0" * 64
            sample = session.load.own(program, path=path, requests=requests)
            if sample.failed:
                raise RuntimeError(f"{label}: {sample.failed} of {requests} requests failed")
        collected = re.search(r"Collected\s*:\s*(\d+)", program.log.read_text(errors="replace"))
        if not collected:
            raise RuntimeError(f"callgrind said nothing of {label}: {program.log.read_text()}")
        return int(collected.group(1))
