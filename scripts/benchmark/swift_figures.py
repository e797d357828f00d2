"""Figures of the Swift executable `Benchmarks`: the parsers alone, and ten million images.

It prints a line of JSON for each, with `name`, `value` and `unit`, and knows no bars; those of the
table are here, found by a piece of the name.
"""

import json
import subprocess
import sys

from benchmark import programs
from benchmark.session import Case, Session
from benchmark.turns import Bar, Figure, at_most

BARS: dict[str, Bar] = {
    "bytes per image": at_most(120),
    "start with 10,000,000 images": at_most(5),
    "p99.9 while a snapshot is written, against without": at_most(2),
    "1e7 against 1e4": at_most(1.2),
}
# For everything else less is better: seconds, bytes, allocations, ratios of times.
HIGHER_IS_BETTER = ("/s", "per second")


def benchmarks(kind: str) -> Case:
    def run(session: Session) -> None:
        program = programs.release_build("Benchmarks")
        ran = subprocess.run([program, kind, "--json"], stdin=subprocess.DEVNULL, check=True,
                             text=True, stdout=subprocess.PIPE, stderr=sys.stderr)
        for line in ran.stdout.splitlines():
            if line.startswith("{"):
                session.figures.append(figure(json.loads(line)))

    return Case(kind, run)


def figure(found: dict) -> Figure:
    name, unit = found["name"], found["unit"]
    bar = next((bar for piece, bar in BARS.items() if piece in name), None)
    return Figure(name, "", [found["value"]], bar, unit,
                  lower_is_better=not unit.endswith(HIGHER_IS_BETTER))
