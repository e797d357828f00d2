"""What is proved, by which tests and lines, and when it counts as held."""

from dataclasses import dataclass, field

from proving.evidence import Evidence

# No state of any client makes another one's GET slower than this, at the 99th percentile.
OTHERS_P99_MS_MAX = 10


@dataclass(frozen=True)
class Point:
    """One promise. Each of its `lines` has to be there, and each of its `cases` has to pass."""

    number: int
    """Its number in the list of what is proved; two points may share one."""
    what: str
    lines: tuple[str, ...] = ()
    cases: str | None = None
    is_quick: bool = True
    """Whether the quick form has it."""


POINTS = {
    "histories": Point(
        1, "power cuts and failing operations, in histories",
        (r"^histories=\d+ operations=",), r"^DurabilityTests\.HistoryTests"),
    "soak": Point(
        2, "kill -9 of the real server under load", (r"^(soak: seed=\d+ )?rounds=\d+ kills=",)),
    "disks": Point(
        3, "full and read-only disks, EIO, no descriptors",
        cases=r"^test_(failing_disks|flush_order)"),
    "memory": Point(
        3, "memory that is refused", (r"^memory limits: ",), r"^test_memory_limits"),
    "damage": Point(
        4, "damage at rest: flipped bytes, cut tails, swapped files",
        (r"^damage at rest: ",), r"^CatalogTests\.DamageAtRestTests"),
    "siege": Point(
        5, "a hostile network, all of it at once", (r"^attacks=\d+ connections=",),
        r"^test_besiege"),
    "smuggling": Point(
        6, "request smuggling, form by form", (r"^request smuggling: ",),
        r"^HTTP1Tests\.`Request smuggling`"),
    "nginx": Point(6, "the same requests as nginx sees", (r"^nginx: ",), r"^test_nginx"),
    "fuzz": Point(7, "fuzzing", (r"^== \d+ targets: ",), is_quick=False),
    "hostile images": Point(
        8, "hostile images", (r"^hostile files: ", r"^hostile images: "),
        r"^ImageFormatTests\.`Hostile files`|^test_hostile_images"),
}


@dataclass(frozen=True)
class Total:
    """A sum of figures of points: of what was done, or of what came of it."""

    what: str
    key: str
    figures: tuple[tuple[str, str], ...]
    outcome_of: str | None = None
    """The key of what was done; without it, this is what was done, and may not be nothing."""
    maximum: float = 0
    """What an outcome may be at most."""


TOTALS = [
    Total("histories played, from seeds", "histories", (("histories", "histories"),)),
    Total("power cuts in them", "power_cuts", (("histories", "cuts"),)),
    Total("faults injected in them", "faults", (("histories", "faults"),)),
    Total("kills of the real server", "kills", (("soak", "kills"),)),
    Total("other promises broken", "broken", (("soak", "broken"),), "kills"),
    Total("images acknowledged", "acknowledged",
          (("histories", "acknowledged"), ("soak", "acknowledged"))),
    Total("images lost", "lost", (("histories", "lost"), ("soak", "lost")), "acknowledged"),
    Total("bad inputs tried", "bad_inputs",
          tuple((point, "tried") for point in ("damage", "smuggling", "hostile images"))),
    Total("requests compared with nginx", "nginx_requests", (("nginx", "requests"),)),
    Total("disagreements", "disagreements", (("nginx", "disagreements"),), "nginx_requests"),
    Total("inputs of the fuzzer", "fuzz_inputs", (("fuzz", "inputs"),)),
    Total("findings", "fuzz_findings", (("fuzz", "findings"),), "fuzz_inputs"),
    Total("attacks on the network, all kinds at once", "attacks", (("siege", "attacks"),)),
    Total("99th percentile of another client's GET in ms", "p99_ms", (("siege", "p99_ms"),),
          "attacks", OTHERS_P99_MS_MAX),
]


@dataclass
class Finding:
    """What came of one point. It is held when `wrong` is empty."""

    point: Point
    figures: dict[str, float] = field(default_factory=dict)
    passed: int = 0
    skipped: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def judge_point(point: Point, evidence: Evidence) -> Finding:
    """Holds a point to what was said. Silence proves nothing, so it is wrong as well."""
    finding = Finding(point)
    for pattern in point.lines:
        figures = evidence.figures(pattern)
        if not figures:
            finding.wrong.append(f"no line like {pattern}")
        for key, value in figures.items():
            finding.figures[key] = finding.figures.get(key, 0) + value
    if point.cases is not None:
        outcomes = evidence.outcomes(point.cases)
        finding.passed, finding.skipped = len(outcomes["passed"]), outcomes["skipped"]
        finding.wrong += [f"failed: {name}" for name in outcomes["failed"]]
        if not finding.passed:
            finding.wrong.append(f"no test like {point.cases} passed")
    return finding


@dataclass
class Verdict:
    """What came of all points together."""

    findings: dict[str, Finding]
    totals: dict[str, float]
    wrong: list[str]

    @property
    def is_well(self) -> bool:
        return not self.wrong


def judge(evidence: Evidence, is_quick: bool) -> Verdict:
    """Judges every point of the form that was run, and adds them up."""
    findings = {name: judge_point(point, evidence) for name, point in POINTS.items()
                if point.is_quick or not is_quick}
    wrong = [f"{name} did not end well" for name in evidence.failed_runs]
    wrong += [f"{finding.point.what}: {each}"
              for finding in findings.values() for each in finding.wrong]
    totals: dict[str, float] = {}
    for total in TOTALS:
        asked = [(point, key) for point, key in total.figures if point in findings]
        # A point that has said nothing is wrong already.
        spoken = [(findings[point].figures, key) for point, key in asked
                  if findings[point].figures]
        wrong += [f"{total.what}: no line says {key}" for figures, key in spoken
                  if key not in figures]
        if not asked or len(spoken) < len(asked):
            continue
        value = sum(figures.get(key, 0) for figures, key in spoken)
        totals[total.key] = value
        if total.outcome_of is None and not value:
            wrong.append(f"{total.what}: none")
        elif total.outcome_of is not None and value > total.maximum:
            wrong.append(f"{total.what}: {value:,}, and {total.maximum} at most")
    return Verdict(findings, totals, wrong)
