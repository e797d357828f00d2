"""The order of flushes, as the kernel sees it: nothing is acknowledged before it is durable."""

import pathlib
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import pytest

import forms
import images
from service import Service
from wire import wait_until

TRACED = ("fsync,fdatasync,syncfs,sync_file_range,link,linkat,rename,renameat,renameat2,write,"
          "pwrite64,writev,pwritev,pwritev2,sendto,sendmsg")
UNFINISHED = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<rest>.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<call>\w+) resumed>(?P<rest>.*)$")
WHOLE = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<rest>.*)$")


@dataclass
class Call:
    """A system call: the trace's lines at which it began and at which it had returned."""

    name: str
    text: str
    began: int
    ended: int

    @property
    def succeeded(self) -> bool:
        return re.search(r"= -1 E[A-Z]+", self.text) is None


def read_trace(path: pathlib.Path) -> list[Call]:
    """The calls in the order in which they began; strace shows an interrupted one on two lines."""
    calls: list[Call] = []
    open_calls: dict[str, Call] = {}
    for number, line in enumerate(path.read_text(errors="replace").split("\n")):
        if match := UNFINISHED.match(line):
            call = Call(match["call"], match["rest"], number, -1)
            open_calls[match["pid"]] = call
            calls.append(call)
        elif match := RESUMED.match(line):
            call = open_calls.pop(match["pid"], None)
            if call is not None:
                call.text += match["rest"]
                call.ended = number
        elif match := WHOLE.match(line):
            calls.append(Call(match["call"], match["rest"], number, number))
    return calls


def trace(service: Service, output: pathlib.Path, action: Callable[[], None]) -> list[Call]:
    """What the server does while the action runs."""
    command = ["strace", "-f", "-y", "-s", "200", "-e", f"trace={TRACED}", "-o", str(output),
               "-p", str(service.process.pid)]
    strace = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        attached = strace.stderr.readline()
        if "attached" not in attached:
            pytest.skip(f"strace may not attach here: {attached.strip()}")
        action()
        # The trace is written as it happens; the action's own answer is its last event of interest.
        wait_until(lambda: "HTTP/1.1 200" in output.read_text(errors="replace"), 10, "the answer")
    finally:
        strace.terminate()
        strace.wait()
    return read_trace(output)


def first(calls: list[Call], after: int, names: set[str], pattern: str) -> Call:
    """The first such call that began after the given line, and that succeeded."""
    for call in calls:
        found = call.name in names and call.began > after and re.search(pattern, call.text)
        if found and call.succeeded:
            assert call.ended >= 0, f"never returned: {call}"
            return call
    lines = [f"{call.began}-{call.ended} {call.name}({call.text[:150]}" for call in calls]
    listing = "\n".join(lines)
    raise AssertionError(f"no {names} matching {pattern} after line {after} of:\n{listing}")


WRITES = {"write", "writev", "pwrite64", "pwritev", "pwritev2"}
SENDS = WRITES | {"sendto", "sendmsg"}
FLUSHES = {"fsync", "fdatasync"}


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_an_upload_is_durable_step_by_step_before_its_200(
    start: Callable[..., Service], tmp_path: pathlib.Path
) -> None:
    service = start()
    link = service.link()
    data = images.jpeg(1, 40_000)
    image_id = images.image_id(data)
    calls = trace(service, tmp_path / "trace", lambda: service.upload(("a.jpg", data), link=link))

    answer = first(calls, -1, SENDS, r"HTTP/1\.1 200")
    data_flushed = first(calls, -1, FLUSHES, r"/incoming/")
    linked = first(calls, -1, {"link", "linkat", "rename", "renameat", "renameat2"}, image_id)
    folder_flushed = first(calls, linked.ended, FLUSHES, rf"/blobs/{image_id[:2]}>")
    journal_written = first(calls, folder_flushed.ended, WRITES, r"/journal-[0-9a-f]{16}>")
    journal_flushed = first(calls, journal_written.ended, FLUSHES, r"/journal-[0-9a-f]{16}>")
    steps = [data_flushed, linked, folder_flushed, journal_written, journal_flushed, answer]
    for earlier, later in zip(steps, steps[1:], strict=False):
        assert earlier.ended < later.began, f"{later.name} began before {earlier.name} returned"
    written = [call for call in calls if call.name in WRITES and "/incoming/" in call.text]
    assert all(call.ended < data_flushed.began for call in written), "written after its flush"
    assert written, "the file was written under a temporary name"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_many_files_share_their_flushes_and_each_is_still_waited_for(
    start: Callable[..., Service], tmp_path: pathlib.Path
) -> None:
    service = start()
    link = service.link()
    files = [(f"{number}.jpg", images.jpeg(10 + number, 20_000)) for number in range(12)]
    ids = [images.image_id(data) for _, data in files]
    assert len({image_id[:2] for image_id in ids}) >= 4, "or their folders share no flush"
    calls = trace(service, tmp_path / "trace", lambda: service.upload(*files, link=link))

    waited = [call for call in calls
              if call.name == "sync_file_range" and "WAIT_AFTER" in call.text]
    assert len(waited) == len(files)
    data_flushed = first(calls, -1, {"syncfs"}, r"/incoming/")
    assert all(call.ended < data_flushed.began and call.succeeded for call in waited)
    linked = [first(calls, data_flushed.ended, {"link", "linkat"}, image_id) for image_id in ids]
    names_flushed = first(calls, data_flushed.ended, {"syncfs"}, r"/blobs/")
    assert all(call.ended < names_flushed.began for call in linked)
    recorded = first(calls, names_flushed.ended, WRITES, r"/journal-[0-9a-f]{16}>")
    journal_flushed = first(calls, recorded.ended, FLUSHES, r"/journal-[0-9a-f]{16}>")
    assert journal_flushed.ended < first(calls, -1, SENDS, r"HTTP/1\.1 200").began


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_link_is_durable_before_its_200(
    start: Callable[..., Service], tmp_path: pathlib.Path
) -> None:
    service = start()
    calls = trace(service, tmp_path / "trace", service.link)
    answer = first(calls, -1, SENDS, r"HTTP/1\.1 200")
    written = first(calls, -1, WRITES, r"/journal-[0-9a-f]{16}>")
    flushed = first(calls, written.ended, FLUSHES, r"/journal-[0-9a-f]{16}>")
    assert flushed.ended < answer.began


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("error,status,code", [
    ("ENOSPC", 507, "storage_full"), ("EDQUOT", 507, "storage_full"),
    ("EIO", 500, "storage_failed"),
])
def test_a_disk_that_refuses_is_reported_and_nothing_is_kept(
    start: Callable[..., Service], error: str, status: int, code: str
) -> None:
    service = start()
    link, data = service.link(), images.jpeg(2, 40_000)
    command = ["strace", "-f", "-o", "/dev/null", "-p", str(service.process.pid), "-e",
               "trace=pwrite64,pwritev", "-e", f"inject=pwrite64,pwritev:error={error}"]
    strace = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        if "attached" not in (attached := strace.stderr.readline()):
            pytest.skip(f"strace may not attach here: {attached.strip()}")
        answer = service.post(forms.files(("a.jpg", data)), link=link)
    finally:
        strace.terminate()
        strace.wait()
    assert (answer.status, answer.problem()["code"]) == (status, code)
    assert service.image(images.image_id(data)).status == 404
    assert service.details()["images"] == 0
    service.upload(("a.jpg", data), link=link)
    assert service.image(images.image_id(data)).body == data, "works again once the disk does"
