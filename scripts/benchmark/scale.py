#!/usr/bin/env python3
"""Measures what the number of images costs: in one process, and through the real server.

    scripts/benchmark/scale.py --data FOLDER [--json] [--images 10,10000,1000000,10000000]

For each size a catalog of made-up images is written below FOLDER (64 bytes an image), measured and
removed. FOLDER should lie on an ext4 with a journal, and be empty or absent. `scale_server.py`
holds what goes through the server. The sizes take turns, so that a change of the machine's mood
meets all of them. Exits with 1 when a bar is missed.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

sys.dont_write_bytecode = True
import scale_server  # noqa: E402  (stands beside this script)
from micro import executable, figures, line  # noqa: E402

SIZES = (10, 10_000, 1_000_000, 10_000_000)
TURNS = 5
# A size whose catalog fits into the processor's caches, and the largest: what is compared.
SMALL, LARGE = 10_000, 10_000_000


@dataclass
class Bar:
    """What must be reached: a figure, or how many times another one it is."""

    figure: str
    at_most: float
    unit: str
    compared_with: str | None = None


BARS = [
    Bar(f"scale/{LARGE}/memory", 120, "bytes/image"),
    Bar(f"scale/{LARGE}/start", 5, "s"),
    Bar(f"server/{LARGE}/start", 5, "s"),
    Bar(f"server/{LARGE}/get-while-snapshot/p99.9", 2, "times", f"server/{LARGE}/get/p99.9"),
    Bar(f"scale/{LARGE}/lookup-while-snapshot/p99.9", 2, "times", f"scale/{LARGE}/lookup/p99.9"),
    *(Bar(f"scale/{LARGE}/{name}", 1.2, "times", f"scale/{SMALL}/{name}")
      for name in ("statistics/p50", "upload-1/time", "upload-64/time")),
    Bar(f"server/{LARGE}/stats/p50", 1.2, "times", f"server/{SMALL}/stats/p50"),
]


def merge(turns: list[list[dict]]) -> list[dict]:
    """The median of each figure over all turns, with the least and the greatest."""
    values: dict[tuple[str, str], list[float]] = {}
    for row in (row for turn in turns for row in turn):
        values.setdefault((row["name"], row["unit"]), []).append(row["value"])
    return [{"name": name, "unit": unit, "value": median(found), "min": min(found),
             "max": max(found)} for (name, unit), found in values.items()]


def bars(turns: list[list[dict]]) -> Iterator[dict]:
    """Each bar's figure; a ratio is that of one turn, and the median of all turns is given."""
    by_name = [{row["name"]: row["value"] for row in turn} for turn in turns]
    for bar in BARS:
        names = [bar.figure, *([bar.compared_with] if bar.compared_with else [])]
        found = [turn[names[0]] / (turn[names[1]] if len(names) > 1 else 1)
                 for turn in by_name if all(name in turn for name in names)]
        if found:
            yield {"name": f"bar/{bar.figure}", "unit": bar.unit, "value": median(found),
                   "min": min(found), "max": max(found), "at_most": bar.at_most,
                   "reached": median(found) <= bar.at_most}


@contextmanager
def copy_of(directory: pathlib.Path, path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A directory to measure on: what is measured adds images, and each turn wants the same."""
    shutil.copytree(directory, path)
    # Otherwise the first flush of what is measured would wait for the copy.
    os.sync()
    try:
        yield path
    finally:
        shutil.rmtree(path)


def rows(program: pathlib.Path, server: pathlib.Path, folder: pathlib.Path,
         sizes: tuple[int, ...] = SIZES, turns: int = TURNS) -> Iterator[dict]:
    """All figures, each with `name`, `value`, `unit`, `min` and `max`; the bars come last."""
    folder.mkdir(parents=True, exist_ok=True)
    directories = {size: folder / f"images-{size}" for size in sizes}
    try:
        for size, directory in directories.items():
            fill = [program, "fill", "--images", str(size), "--data-dir", directory]
            subprocess.run(fill, check=True, stdout=sys.stderr)
        found = []
        for turn in range(turns):
            found.append([])
            for size, directory in directories.items():
                print(f"turn {turn + 1} of {turns}: {size} images", file=sys.stderr)
                with copy_of(directory, folder / "working") as data:
                    found[-1] += figures(program, "scale", "--data-dir", data, "--json")
                with copy_of(directory, folder / "working") as data:
                    found[-1] += scale_server.rows(server, data, size)
        yield from merge(found)
        yield from bars(found)
    finally:
        for directory in directories.values():
            shutil.rmtree(directory, ignore_errors=True)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--data", type=pathlib.Path, required=True, help="folder for the catalogs")
    options.add_argument("--json", action="store_true", help="print one JSON object a line")
    options.add_argument("--turns", type=int, default=TURNS)
    options.add_argument("--images", default=",".join(map(str, SIZES)), help="sizes, with commas")
    options.add_argument("--server", type=pathlib.Path, help="default: the release build's")
    chosen = options.parse_args()
    sizes = tuple(int(size) for size in chosen.images.split(","))
    server = chosen.server or executable("image-service")
    missed = 0
    for row in rows(executable("Benchmarks"), server, chosen.data, sizes, chosen.turns):
        print(json.dumps(row) if chosen.json else line(row), flush=True)
        missed += not row.get("reached", True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
