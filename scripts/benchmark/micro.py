#!/usr/bin/env python3
"""Measures the parsers alone: time, instructions and allocations of one request each.

    scripts/benchmark/micro.py [--json] [case...]

Time and bytes a second come from `Benchmarks micro`. What is counted comes from valgrind: a case
is run a number of times and twice as often, and the difference divided by that number, so that the
start of the process and the making of the input drop out. The counts are the same in every run and
on every machine with the same compiler, so a regression of a per cent shows in them; the times tell
whether it matters.

Needs valgrind (apt) besides the Swift toolchain. Python's standard library only.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# What is counted: the tool with its options, and where in its last words the number stands.
COUNTERS = {
    "instructions": (["--tool=callgrind", "--callgrind-out-file=/dev/null"],
                     re.compile(r"Collected : (\d+)")),
    "allocations": (["--tool=memcheck", "--leak-check=no", "--undef-value-errors=no"],
                    re.compile(r"total heap usage: ([\d,]+) allocs")),
}
VALGRIND_SECONDS_MAX = 300


def executable(product: str) -> pathlib.Path:
    """A release build's executable, built if need be."""
    build = ["swift", "build", "--package-path", str(ROOT), "-c", "release"]
    subprocess.run([*build, "--product", product], check=True, stdout=sys.stderr)
    shown = subprocess.run([*build, "--show-bin-path"], check=True, capture_output=True, text=True)
    return pathlib.Path(shown.stdout.strip()) / product


def figures(*command: object) -> list[dict]:
    """Runs a command that prints a JSON object a line."""
    ran = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def count(counter: str, program: pathlib.Path, case: str, runs: int) -> int:
    """What one process costs that runs a case some times."""
    options, pattern = COUNTERS[counter]
    command = ["valgrind", *options, str(program), "micro", "--case", case, "--runs", str(runs)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True,
                         timeout=VALGRIND_SECONDS_MAX)
    match = pattern.search(ran.stderr)
    if not match:
        raise RuntimeError(f"valgrind did not say the {counter}:\n{ran.stderr}")
    return int(match.group(1).replace(",", ""))


def counted(program: pathlib.Path, case: str, runs: int) -> Iterator[dict]:
    """Instructions and allocations of one run of a case."""
    for counter in COUNTERS:
        once, twice = (count(counter, program, case, runs * times) for times in (1, 2))
        # Two processes differ by an allocation now and then, which is no tenth of one each run.
        value = max(0, round((twice - once) / runs, 1))
        yield {"name": f"micro/{case}/{counter}", "value": value, "unit": counter}


def rows(program: pathlib.Path, only: list[str]) -> Iterator[dict]:
    """All figures, each with `name`, `value` and `unit`, the timed ones with `min` and `max`."""
    listed = subprocess.run([program, "micro", "--list"], check=True, capture_output=True,
                            text=True).stdout.split()
    cases = dict(zip(listed[::2], map(int, listed[1::2]), strict=True))
    if unknown := set(only) - set(cases):
        raise SystemExit(f"no such case: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        # Debian 12's valgrind gives up at the debugging information that this compiler writes.
        stripped = pathlib.Path(folder) / program.name
        subprocess.run(["strip", "--strip-debug", "-o", stripped, program], check=True)
        for case, runs in cases.items():
            if not only or case in only:
                yield from figures(program, "micro", "--case", case, "--json")
                yield from counted(stripped, case, runs)


def line(row: dict) -> str:
    """A figure as a line of a table."""
    spread = f"  ({row['min']:,.4g} to {row['max']:,.4g})" if "min" in row else ""
    value = row["value"]
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    bar = f"  at most {row['at_most']:g}: {'yes' if row['reached'] else 'NO'}" if "at_most" in row \
        else ""
    return f"{row['name']:60}{shown:>18} {row['unit']}{spread}{bar}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--json", action="store_true", help="print one JSON object a line")
    options.add_argument("case", nargs="*", help="only these cases")
    chosen = options.parse_args()
    for row in rows(executable("Benchmarks"), chosen.case):
        print(json.dumps(row) if chosen.json else line(row), flush=True)


if __name__ == "__main__":
    main()
