"""What the figures were taken on, and where the contestants' data lies meanwhile."""

import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmark.programs import ROOT

DISK_BYTES = 12 << 30       # the largest experiment writes 4 GiB before it clears up
LOAD_AVERAGE_MAX = 1.0
UNMOUNT_TRIES = 50


def processor() -> str:
    text = pathlib.Path("/proc/cpuinfo").read_text()
    found = re.search(r"model name\s*:\s*(.*)", text)
    return found.group(1).strip() if found else platform.machine()


def identity() -> dict[str, object]:
    """What has to be the same for figures to be compared."""
    return {"processor": processor(), "cores": os.cpu_count()}


def commit() -> str:
    command = ["git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=12"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.stdout.strip() or "unknown"


def description(binary: pathlib.Path, disk: str) -> dict[str, object]:
    return identity() | {
        "kernel": platform.release(), "commit": commit(), "binary": str(binary), "disk": disk,
        "command": " ".join(sys.argv), "load_average": round(os.getloadavg()[0], 2)}


def file_system(path: pathlib.Path) -> str:
    """The file system that a path is on, as /proc/mounts has it; the longest mount point wins."""
    best = ("", "unknown")
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        device, point, kind = line.split()[:3]
        if path.is_relative_to(point) and len(point) > len(best[0]):
            best = (point, f"{kind} on {device}")
    return best[1]


@contextmanager
def workplace(chosen: pathlib.Path | None) -> Iterator[tuple[pathlib.Path, str]]:
    """A directory for the contestants' data, and what it is on. Nothing of it is left."""
    if chosen:
        with folder_below(chosen) as folder:
            yield folder, file_system(folder)
    elif os.geteuid() == 0 and shutil.which("mkfs.ext4"):
        with ext4_in_a_file() as folder:
            yield folder, "ext4 with a journal, in a loop-mounted file"
    else:
        print("not root: the data lies on tmpfs, so flushes cost nothing", file=sys.stderr)
        with folder_below(pathlib.Path("/dev/shm")) as folder:
            yield folder, "tmpfs: flushes cost nothing"


@contextmanager
def folder_below(parent: pathlib.Path) -> Iterator[pathlib.Path]:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="image-service-bench-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def ext4_in_a_file() -> Iterator[pathlib.Path]:
    """A file system whose flushes are like most servers': with a journal to share commits of.

    The tables are written at once; the kernel would otherwise do it beside the measurement.
    """
    with folder_below(pathlib.Path("/var/tmp")) as outer:
        disk, point = outer / "disk", outer / "mounted"
        point.mkdir()
        with open(disk, "wb") as file:
            file.truncate(DISK_BYTES)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0",
                        disk], check=True)
        subprocess.run(["mount", "-o", "loop", disk, point], check=True)
        try:
            yield point
        finally:
            unmount(point)


def unmount(point: pathlib.Path) -> None:
    """A process that was just ended may hold its log open for a moment longer."""
    for _ in range(UNMOUNT_TRIES):
        if subprocess.run(["umount", point], capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.2)
    # Out of sight now, and gone with the last that uses it.
    subprocess.run(["umount", "--lazy", point], check=True)


def drop_from_page_cache(paths: list[pathlib.Path]) -> None:
    """Makes files cold: what is dirty is written, then the kernel is told they are not needed.

    Where they lie in a loop-mounted file, that file's pages go as well.
    """
    os.sync()
    for path in [*paths, *backing_file(paths[0])]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def backing_file(path: pathlib.Path) -> list[pathlib.Path]:
    device = os.stat(path).st_dev
    name = f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/loop/backing_file"
    try:
        return [pathlib.Path(pathlib.Path(name).read_text().strip())]
    except OSError:
        return []       # not a loop device


def warn_if_busy() -> None:
    load = os.getloadavg()[0]
    print(f"load average {load:.2f}", file=sys.stderr)
    if load > LOAD_AVERAGE_MAX:
        print("WARNING: the machine is busy; what runs beside this changes the figures",
              file=sys.stderr)
