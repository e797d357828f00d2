"""The verdict for people, for programs, and as JSON."""

import re

from proving.points import TOTALS, Finding, Verdict

HEADINGS = ["what was done", "how often", "what came of it"]


def number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def result(finding: Finding) -> str:
    if finding.wrong:
        return "NOT HELD"
    return f"held, {len(finding.skipped)} tests skipped" if finding.skipped else "held"


def evidence(finding: Finding) -> str:
    told = [f"{key}={value}" for key, value in finding.figures.items() if key != "seed"]
    passed = [f"tests={finding.passed}"] if finding.passed else []
    return " ".join([*passed, *told])


def tables(verdict: Verdict) -> str:
    """Point by point what was found, then the sums."""
    lines = [row(["point", "what", "evidence", "result"]), row(["---"] * 4)]
    for finding in verdict.findings.values():
        lines.append(row([str(finding.point.number), finding.point.what, evidence(finding),
                          result(finding)]))
    return "\n".join([*lines, "", sums(verdict)])


def sums(verdict: Verdict) -> str:
    """What was done, how often, and what came of it."""
    lines = [row(HEADINGS), row(["---", "---:", "---"])]
    for done in TOTALS:
        if done.outcome_of is None and done.key in verdict.totals:
            outcomes = [f"{total.what}: {number(verdict.totals[total.key])}" for total in TOTALS
                        if total.outcome_of == done.key and total.key in verdict.totals]
            lines.append(row([done.what, number(verdict.totals[done.key]), ", ".join(outcomes)]))
    return "\n".join(lines)


def updated(readme: str, verdict: Verdict, seconds_per_part: int) -> str:
    """The README with these sums in the place of those that it has."""
    start = readme.index(row(HEADINGS))
    end = readme.index("\n\n", start)
    text = readme[:start] + sums(verdict) + readme[end:]
    return re.sub(r"(--seconds-per-part) \d+ --update`",
                  rf"\1 {seconds_per_part} --update`", text)


def line(verdict: Verdict) -> str:
    """One line that a script can read."""
    told = [f"{key}={value}" for key, value in verdict.totals.items()]
    return " ".join([*told, f"wrong={len(verdict.wrong)}"])


def as_json(verdict: Verdict, about: dict[str, object]) -> dict[str, object]:
    return about | {
        "points": {
            name: {"number": finding.point.number, "what": finding.point.what,
                   "figures": finding.figures, "passed": finding.passed,
                   "skipped": finding.skipped, "wrong": finding.wrong}
            for name, finding in verdict.findings.items()},
        "totals": verdict.totals, "wrong": verdict.wrong,
    }
