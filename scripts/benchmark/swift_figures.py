"""Figures that have programs of their own: the parsers alone, and what ten million images cost.

`micro.py` and `scale.py` print a line of JSON for each figure: `name`, `value` and `unit`, and
where they know them `min`, `max` and `at_most`, its bar.
"""

import json
import subprocess
import sys

from benchmark import programs
from benchmark.session import Case, Session
from benchmark.turns import Figure, at_most

# The exit status of a script that a bar was missed.
MISSED = 3
# Of everything else less is better: times, bytes, instructions, allocations, ratios of times.
HIGHER_IS_BETTER = "/s"


def run(session: Session, script: str, *options: object) -> None:
    command = [sys.executable, programs.SOURCES / script, "--json", *map(str, options)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE, stderr=sys.stderr)
    try:
        output, _ = process.communicate()
    except BaseException:
        # It ends its servers and removes its data, for which it is given the time it needs.
        process.terminate()
        process.wait()
        raise
    figures = [figure(json.loads(line)) for line in output.splitlines() if line.startswith("{")]
    session.figures += figures
    # A missed bar is told by the table; that something is missing from it is another matter.
    if process.returncode not in (0, MISSED) or not figures:
        raise RuntimeError(f"{script} ended with {process.returncode}")


def figure(found: dict) -> Figure:
    value, unit = found["value"], found["unit"]
    values = [found.get("min", value), value, found.get("max", value)]
    bar = at_most(found["at_most"]) if "at_most" in found else None
    return Figure(found["name"], "", values, bar, unit,
                  lower_is_better=not unit.endswith(HIGHER_IS_BETTER))


def micro(session: Session) -> None:
    run(session, "micro.py")


def scale(session: Session) -> None:
    folder = session.place.directory / "scale"
    run(session, "scale.py", "--data", folder, "--turns", session.turns,
        "--server", session.place.binary)


SCALE = [Case("scale", scale)]
MICRO = [Case("micro", micro)]
