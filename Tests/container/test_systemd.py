"""The systemd unit: well-formed, as closed as can be, and no tighter than the program needs."""

import pathlib
import re
import shutil

import pytest

import images
from service import ROOT, Service, binary
from tools import DEPLOY, check, run, tool
from wire import exchange, wait_until

UNIT = DEPLOY / "image-service.service"
# systemd's measure from 0 (closed) to 10 (open), times ten. Most of the 1.0 that is left is for
# being on the network at all, and 0.1 for setpriority, by which uploads give way to downloads.
EXPOSURE_MAX = 10


@pytest.fixture
def unit(tmp_path: pathlib.Path) -> pathlib.Path:
    """The unit with a program that is there, as `verify` looks for it."""
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/usr/local/bin/image-service", str(binary())))
    assert str(binary()) in copy.read_text()
    return copy


def settings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def test_systemd_reads_it_without_a_remark(unit: pathlib.Path) -> None:
    assert check(tool("systemd-analyze"), "verify", "--man=no", unit).strip() == ""


def test_verify_would_have_found_a_mistake(unit: pathlib.Path) -> None:
    unit.write_text(unit.read_text().replace("ProtectHome=yes", "ProtectHome=perhaps"))
    said = run(tool("systemd-analyze"), "verify", "--man=no", unit).stdout
    assert "protect home" in said, said


def test_its_exposure_stays_low(unit: pathlib.Path) -> None:
    check(tool("systemd-analyze"), "security", "--offline=true", f"--threshold={EXPOSURE_MAX}",
          unit)


def test_it_gives_the_time_that_a_shutdown_takes() -> None:
    readme = (ROOT / "README.md").read_text()
    shutdown_seconds = int(re.search(r"`SHUTDOWN_TIMEOUT` \| `(\d+)`", readme).group(1))
    connections = int(re.search(r"`MAX_CONNECTIONS` \| `(\d+)`", readme).group(1))
    assert int(settings()["TimeoutStopSec"][0]) > shutdown_seconds
    assert int(settings()["LimitNOFILE"][0]) > connections


def calls_of(name: str) -> set[str]:
    """The system calls of one of systemd's sets, those of the sets in it included."""
    lines = check(tool("systemd-analyze"), "syscall-filter", name).splitlines()
    words = {line.strip() for line in lines if line.startswith("    ") and "#" not in line}
    nested = {word for word in words if word.startswith("@")}
    return (words - nested).union(*(calls_of(word) for word in nested))


def test_the_program_makes_no_call_that_the_filter_refuses(
    tmp_path: pathlib.Path, unit: pathlib.Path
) -> None:
    if not shutil.which("strace"):
        pytest.skip("strace is not on this machine")
    filters = settings()["SystemCallFilter"]
    assert filters[0] == "@system-service" and filters[1].startswith("~")
    refused = set().union(*(calls_of(name) for name in filters[1].removeprefix("~").split()))
    allowed = calls_of(filters[0]) - refused | set(filters[2].split())
    assert "openat" in allowed and "mount" not in allowed
    trace = tmp_path / "trace"
    # -D: strace stands aside, and the process that the test starts and ends is the program itself.
    wrapper = ("strace", "-D", "--follow-forks", "--quiet=all", "--signal=none", "-o", str(trace))
    server = Service(tmp_path / "data", wrapper, SNAPSHOT_INTERVAL=1)
    try:
        server.wait_until_ready()
        use(server)
    finally:
        assert server.stop() == 0, server.log()
    wait_until(lambda: "exit_group" in trace.read_text(errors="replace"), 10, "the trace's end")
    line = r"^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed)"
    made = set(re.findall(line, trace.read_text(errors="replace"), re.MULTILINE))
    assert {"listen", "accept4", "fdatasync", "exit_group"} <= made, made
    assert made - allowed == set()


def use(server: Service) -> None:
    """Something of everything: links, uploads, small and large downloads, statistics, refusals."""
    named = server.upload(("a.jpg", images.jpeg(40, 8000, make="Canon", model="Canon EOS 40D")),
                          ("b.jpg", images.jpeg(41, 3_000_000)))
    for image_id in named.values():
        assert server.image(image_id).status == 200
    assert server.details()["images"] == 2
    assert server.get("/metrics", server.key_field).status == 200
    assert exchange(server.port, "GET", "/nowhere").status == 404
