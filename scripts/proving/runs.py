"""The commands that prove something, in the order in which they run."""

import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from proving.evidence import Evidence

ROOT = pathlib.Path(__file__).resolve().parents[2]
SWIFT_TESTS = "DurabilityTests|DamageAtRestTests|Request smuggling|Hostile files"
CLIENT_TESTS = ("test_besiege.py", "test_failing_disks.py", "test_flush_order.py",
                "test_hostile_images.py", "test_memory_limits.py", "test_nginx.py")
# More than a machine plays in the time it is given; the time ends it.
HISTORIES = 1_000_000
# Every how many of a history's operations the power is cut: many histories rather than each cut of
# a few. A prime, so that the cuts fall on other steps in each.
STRIDE = 97
# What each of nginx's four variants does in a second, on a machine that is half as fast as ours.
NGINX_CONNECTIONS_A_SECOND = 60
# As in scripts/test: a thousand answers to measure.
QUICK_SIEGE_SECONDS = 5
# How much of the output of a run that failed is shown.
TAIL_LINES = 40


@dataclass(frozen=True)
class Run:
    """A command, what it needs in its environment, and the result file it writes, if any."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    results: str | None = None

    def do(self, folder: pathlib.Path, evidence: Evidence, say: Callable[[str], None]) -> None:
        """Runs it in the project's folder and takes what it says as evidence."""
        output = folder / f"{self.name}.log"
        say(f"== {self.name}: {' '.join(self.command)}")
        begun = time.monotonic()
        with open(output, "wb") as file:
            status = subprocess.run(
                self.command, cwd=ROOT, env=os.environ | self.environment, check=False,
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT).returncode
        say(f"   {time.monotonic() - begun:.0f} s, exit status {status}")
        evidence.read(output)
        if self.results:
            evidence.read(pathlib.Path(self.results))
        if status:
            evidence.failed_runs.append(self.name)
            tail = output.read_text(errors="replace").splitlines()[-TAIL_LINES:]
            say("\n".join(f"   | {line}" for line in tail))


def swift_tests(folder: pathlib.Path, **environment: object) -> Run:
    results = str(folder / "swift.xml")
    return Run("swift-tests",
               ("swift", "test", "--disable-xctest", "--parallel", "--xunit-output", results,
                "--filter", SWIFT_TESTS),
               {name: str(value) for name, value in environment.items()}, results)


def client_tests(folder: pathlib.Path, *more: str, **environment: object) -> Run:
    results = str(folder / "clients.xml")
    files = [f"Tests/clients/{name}" for name in (*CLIENT_TESTS, *more)]
    return Run("client-tests",
               ("scripts/python", "-m", "pytest", *files, "--quiet", "-ra", "-p",
                "no:cacheprovider", "--junitxml", results),
               {name: str(value) for name, value in environment.items()}, results)


def siege(seconds: int) -> Run:
    return Run("siege", ("scripts/besiege", "--seconds", str(seconds)))


def quick(folder: pathlib.Path) -> list[Run]:
    """What is a part of the ordinary tests."""
    return [swift_tests(folder), client_tests(folder, "test_durability.py"),
            siege(QUICK_SIEGE_SECONDS)]


def thorough(folder: pathlib.Path, seconds: int, seed: int) -> list[Run]:
    """Each part for that many seconds; those that have an end by themselves, to their end."""
    listed = subprocess.run([ROOT / "scripts" / "fuzz", "--list"], check=True, text=True,
                            capture_output=True)
    fuzz_seconds = max(1, seconds // len(listed.stdout.split()))
    return [
        swift_tests(folder, HISTORIES=HISTORIES, HISTORY_SECONDS=seconds, STRIDE=STRIDE,
                    SEED=seed),
        Run("soak", ("scripts/soak", "--seconds", str(seconds), "--seed", str(seed))),
        client_tests(folder, IMAGE_SERVICE_SEED=seed,
                     IMAGE_SERVICE_NGINX_CONNECTIONS=seconds * NGINX_CONNECTIONS_A_SECOND),
        siege(seconds),
        Run("fuzz", ("scripts/fuzz", "--seconds", str(fuzz_seconds))),
    ]


def release_build() -> pathlib.Path:
    """The executable that people run: the promises are about it."""
    build = ["swift", "build", "--package-path", str(ROOT), "-c", "release"]
    subprocess.run([*build, "--product", "image-service"], check=True, stdout=sys.stderr)
    shown = subprocess.run([*build, "--show-bin-path"], check=True, text=True, capture_output=True)
    return pathlib.Path(shown.stdout.strip()) / "image-service"
