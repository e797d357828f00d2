"""Contestants that take turns, and what comes of it: a ratio for each turn."""

import re
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

# Above it, it is the load generator that is measured.
LOAD_BUSY_MAX = 0.95


@dataclass
class Sample:
    """What one contestant did in one turn."""

    operations: int
    seconds: float
    cpu_seconds: float = 0.0    # user and system, all threads of the contestant's processes
    counted: int = 0            # operations that the processor time was spent on
    bytes_each: int = 0
    p50_us: float = 0.0
    p99_us: float = 0.0
    load_busy: float = 0.0      # how much of its core the load generator used
    failed: int = 0

    @property
    def rate(self) -> float:
        return self.operations / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu_seconds / (self.counted or self.operations) * 1e6


# What can be compared: how it is called, and how it is read from a sample.
QUANTITIES: dict[str, tuple[str, Callable[[Sample], float]]] = {
    "rate": ("requests/s", lambda sample: sample.rate),
    "uploads": ("uploads/s", lambda sample: sample.rate),
    "bytes": ("bytes/s", lambda sample: sample.rate * sample.bytes_each),
    "cpu": ("processor time per request", lambda sample: sample.cpu_us),
    "p99": ("p99", lambda sample: sample.p99_us),
}


@dataclass(frozen=True)
class Bar:
    """What a figure has to reach."""

    value: float
    at_least: bool = True

    def is_met(self, value: float) -> bool:
        return value >= self.value if self.at_least else value <= self.value

    def __str__(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.value:,g}"


def at_least(value: float) -> Bar:
    return Bar(value)


def at_most(value: float) -> Bar:
    return Bar(value, at_least=False)


@dataclass
class Figure:
    """One row of the table. A ratio, or, without `against`, a value in `unit`."""

    name: str
    against: str
    values: list[float]
    bar: Bar | None = None
    unit: str = ""
    lower_is_better: bool = False

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def key(self) -> str:
        return f"{self.name} / {self.against}" if self.against else self.name

    @property
    def verdict(self) -> str:
        if self.bar is None:
            return ""
        return "met" if self.bar.is_met(self.median) else "NOT MET"

    def as_json(self) -> dict:
        return {
            "name": self.name, "against": self.against, "median": self.median,
            "min": min(self.values), "max": max(self.values), "turns": self.values,
            "unit": self.unit or "ratio", "lower_is_better": self.lower_is_better,
            "bar": str(self.bar) if self.bar else None, "verdict": self.verdict or None,
        }


@dataclass(frozen=True)
class Comparison:
    """Which quantity of ours is divided by whose."""

    quantity: str
    against: str
    bar: Bar | None = None

    @property
    def lower_is_better(self) -> bool:
        return self.quantity in ("cpu", "p99")


OURS = "image-service"


@dataclass
class Experiment:
    """The same work done by several contestants in turn: A B C A B C …"""

    name: str
    contestants: dict[str, Callable[[], Sample]]
    comparisons: list[Comparison]
    subject: str = OURS
    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def run(self, turns: int, say: Callable[[str], None]) -> list[Figure]:
        self.samples = {label: [] for label in self.contestants}
        for turn in range(turns):
            for label, measure in self.contestants.items():
                sample = measure()
                if sample.operations == 0:
                    raise RuntimeError(f"{self.name}: {label} finished nothing in its turn")
                self.samples[label].append(sample)
                say(f"  {turn + 1}/{turns} {label}: {describe(sample)}")
        return [self.figure(comparison) for comparison in self.comparisons]

    def figure(self, comparison: Comparison) -> Figure:
        title, read = QUANTITIES[comparison.quantity]
        pairs = zip(self.samples[self.subject], self.samples[comparison.against], strict=True)
        ratios = [read(ours) / read(theirs) for ours, theirs in pairs]
        return Figure(f"{self.name}: {title}", comparison.against, ratios, comparison.bar,
                      lower_is_better=comparison.lower_is_better)

    def as_json(self) -> dict:
        return {label: [asdict(sample) for sample in samples]
                for label, samples in self.samples.items()}


def describe(sample: Sample) -> str:
    """A turn in a line, with what makes it doubtful."""
    busy = f", load {sample.load_busy:.0%} of its core" if sample.load_busy else ""
    limit = ", THE LOAD IS THE LIMIT" if sample.load_busy > LOAD_BUSY_MAX else ""
    failed = f", {sample.failed} FAILED" if sample.failed else ""
    rate = f"{sample.rate:,.0f}" if sample.rate >= 100 else f"{sample.rate:.3g}"
    return f"{rate}/s{busy}{limit}{failed}"


def is_wanted(name: str, pattern: str | None) -> bool:
    """Whether `--only` asks for this one: a regular expression, found anywhere, in any case."""
    return pattern is None or re.search(pattern, name, re.IGNORECASE) is not None
