"""What the tests and tools have said: their lines for programs, and their result files."""

import pathlib
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

# `histories=6 operations=7076`: what a line for programs is made of.
FIGURE = re.compile(r"(\w+)=([0-9]+(?:\.[0-9]+)?)(?![\w.])")


@dataclass(frozen=True)
class Case:
    """One test of a result file."""

    name: str
    outcome: str
    """`passed`, `failed` or `skipped`."""


@dataclass
class Evidence:
    """All that was said, by whoever said it."""

    lines: list[str] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    failed_runs: list[str] = field(default_factory=list)
    """What did not end well, whatever it said before."""

    def read(self, path: pathlib.Path) -> None:
        """Takes a JUnit result file, or else the output of a run. One that was never written, by
        a run that came to nothing, is none: its silence will be noticed."""
        if not path.exists():
            return
        if path.suffix == ".xml":
            self.cases += read_cases(path)
        else:
            self.lines += path.read_text(errors="replace").splitlines()

    def figures(self, pattern: str) -> dict[str, float]:
        """What the lines that match tell, added up; of times the longest."""
        found: dict[str, float] = {}
        for line in self.lines:
            if re.search(pattern, line):
                for key, text in FIGURE.findall(line):
                    value = float(text) if "." in text else int(text)
                    is_time = key.endswith("_ms")
                    earlier = found.get(key, 0)
                    found[key] = max(earlier, value) if is_time else earlier + value
        return found

    def outcomes(self, pattern: str) -> dict[str, list[str]]:
        """The names of the cases that match, by their outcome."""
        by_outcome: dict[str, list[str]] = {"passed": [], "failed": [], "skipped": []}
        for case in self.cases:
            if re.search(pattern, case.name):
                by_outcome[case.outcome].append(case.name)
        return by_outcome


def read_cases(path: pathlib.Path) -> list[Case]:
    """The cases of a JUnit file."""
    cases = []
    for case in ElementTree.parse(path).iter("testcase"):
        kinds = {child.tag for child in case}
        outcome = "passed"
        if kinds & {"failure", "error"}:
            outcome = "failed"
        elif "skipped" in kinds:
            outcome = "skipped"
        cases.append(Case(f"{case.get('classname')}.{case.get('name')}", outcome))
    return cases
