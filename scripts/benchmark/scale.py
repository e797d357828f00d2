#!/usr/bin/env python3
"""Measures what the number of images costs: in one process, and through the real server.

    scripts/benchmark/scale.py --data FOLDER [--json] [--images 10,10000,1000000,10000000]

For each size a catalog of made-up images is written below FOLDER (64 bytes an image), measured on
copies, and removed. FOLDER should lie on an ext4 with a journal, be empty or absent, and have room
for 3 GiB. `scale_server.py` holds what goes through the server. What is compared takes turns: two
sizes, or requests with a snapshot being written and without. Exits with 3 when a bar is missed.
"""

import argparse
import json
import pathlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

sys.dont_write_bytecode = True
import scale_server  # noqa: E402  (stands beside this script)
from micro import executable, figures, line  # noqa: E402

SIZES = (10, 10_000, 1_000_000, 10_000_000)
TURNS = 5
# A size whose catalog fits into the processor's caches, and the largest: what is compared.
SMALL, LARGE = 10_000, 10_000_000
# The exit status that tells of a missed bar; 1 is Python's own, for what went wrong.
MISSED = 3
# What a figure must not exceed.
BARS = {
    f"scale/{LARGE}/memory": 120,
    f"scale/{LARGE}/start": 5,
    f"server/{LARGE}/start": 5,
    f"server/{LARGE}/get-while-snapshot/p99.9-to-without": 2,
    f"scale/{LARGE}/statistics/p50-to-{SMALL}": 1.2,
    f"scale/{LARGE}/upload-1/time-to-{SMALL}": 1.2,
    f"scale/{LARGE}/upload-64/time-to-{SMALL}": 1.2,
    f"server/{LARGE}/stats/p50-to-{SMALL}": 1.2,
}


def filled(program: pathlib.Path, folder: pathlib.Path, size: int) -> pathlib.Path:
    """A directory with so many made-up images, made if need be."""
    directory = folder / f"images-{size}"
    if not directory.exists():
        fill = [program, "fill", "--images", str(size), "--data-dir", directory]
        subprocess.run(fill, check=True, stdout=sys.stderr)
    return directory


def in_process(program: pathlib.Path, directory: pathlib.Path, against: pathlib.Path | None
               ) -> Iterator[dict]:
    """What the catalog alone costs; `Benchmarks scale` takes its own turns."""
    with ExitStack() as stack:
        data = stack.enter_context(scale_server.copy_of(directory, "process"))
        command = [program, "scale", "--data-dir", data, "--json"]
        if against:
            copy = stack.enter_context(scale_server.copy_of(against, "against"))
            command += ["--against", copy]
        yield from figures(*command)


def rows(program: pathlib.Path, server: pathlib.Path, folder: pathlib.Path, sizes: list[int],
         turns: int) -> Iterator[dict]:
    """All figures, each with `name`, `value` and `unit`, with their spread and their bar."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for size in sizes:
            print(f"{size} images", file=sys.stderr, flush=True)
            directory = filled(program, folder, size)
            against = filled(program, folder, SMALL) if size == LARGE else None
            yield from map(with_bar, in_process(program, directory, against))
            yield from map(with_bar, scale_server.rows(
                server, directory, size, turns, against, SMALL))
    finally:
        for directory in folder.glob("images-*"):
            shutil.rmtree(directory, ignore_errors=True)


def with_bar(row: dict) -> dict:
    bar = BARS.get(row["name"])
    return row if bar is None else row | {"at_most": bar, "reached": row["value"] <= bar}


def interrupt(*_: object) -> None:
    """Ends all that was started, however it is told to; once, so that a second time ends none of
    that halfway."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--data", type=pathlib.Path, required=True, help="folder for the catalogs")
    options.add_argument("--json", action="store_true", help="print one JSON object a line")
    options.add_argument("--turns", type=int, default=TURNS)
    options.add_argument("--images", default=",".join(map(str, SIZES)), help="sizes, with commas")
    options.add_argument("--server", type=pathlib.Path, help="default: the release build's")
    chosen = options.parse_args()
    sizes = [int(size) for size in chosen.images.split(",")]
    server = chosen.server or executable("image-service")
    missed = 0
    for row in rows(executable("Benchmarks"), server, chosen.data, sizes, chosen.turns):
        print(json.dumps(row) if chosen.json else line(row), flush=True)
        missed += not row.get("reached", True)
    return MISSED if missed else 0


if __name__ == "__main__":
    sys.exit(main())
