"""`scripts/prove` as far as it can be tried without proving: what it reads, and what it calls
wrong. Its parts are the other tests here, and those in Swift."""

import json
import pathlib
import subprocess
import sys

import pytest

from service import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
from proving import report, runs  # noqa: E402  (stands in the folder added above)
from proving.evidence import Case, Evidence  # noqa: E402
from proving.points import POINTS, TOTALS, judge  # noqa: E402

SAID = """\
histories=6 operations=7076 cuts=134 recovery_cuts=31 faults=445 acknowledged=1164 lost=0
soak: seed=5 rounds=24 kills=30 acknowledged=2400 \
snapshots_cut=3 links=99 reads=5000 verified=3 broken=0 lost=0
memory limits: kind=data limits=6 acknowledged=150 refused=99 lost=0
damage at rest: bad inputs tried=300
damage at rest: bad inputs tried=50
attacks=12000 connections=3000 p99_ms=4.50 limit_ms=10
request smuggling: forms=306 bad inputs tried=34889
nginx: seed=2190139846 connections=786 requests=1588 forwarded=1055 disagreements=0
hostile files: bad inputs tried=500
hostile images: bad inputs tried=24 slowest_ms=93 memory_growth_kib=7960 limit_kib=24576
"""
FUZZED = "== 12 targets: inputs=90000 findings=0\n"
CASES = {
    "DurabilityTests.HistoryTests": "`no power cut`()",
    "CatalogTests.DamageAtRestTests": "`a changed byte`(mask:)",
    "HTTP1Tests.`Request smuggling`": "`a form`(_:)",
    "ImageFormatTests.`Hostile files`": "`a hostile file`(_:)",
    "test_besiege": "test_every_attack",
    "test_failing_disks": "test_a_full_disk",
    "test_hostile_images": "test_hostile_images",
    "test_memory_limits": "test_a_crowd",
    "test_nginx": "test_nginx_and_the_service",
    "OtherTests.Other": "`something else`()",
}


def evidence(said: str = SAID, **outcomes: str) -> Evidence:
    """Everything as it should be, but for these tests."""
    return Evidence(said.splitlines(), [
        Case(f"{name}.{test}", outcomes.get(name.split(".")[0], "passed"))
        for name, test in CASES.items()])


def test_what_was_said_is_added_up() -> None:
    verdict = judge(evidence(SAID + FUZZED), is_quick=False)
    assert verdict.is_well, verdict.wrong
    assert set(verdict.findings) == set(POINTS)
    assert verdict.totals == {
        "histories": 6, "power_cuts": 134, "faults": 445, "kills": 30, "broken": 0,
        "acknowledged": 1164 + 2400, "lost": 0, "bad_inputs": 300 + 50 + 34889 + 500 + 24,
        "nginx_requests": 1588, "disagreements": 0, "fuzz_inputs": 90000, "fuzz_findings": 0,
        "attacks": 12000, "p99_ms": 4.5}
    assert set(verdict.totals) == {total.key for total in TOTALS}


def test_every_point_of_the_list_has_its_proof() -> None:
    assert {point.number for point in POINTS.values()} == set(range(1, 9))


@pytest.mark.parametrize(("old", "new", "told"), [
    ("acknowledged=1164 lost=0", "acknowledged=1164 lost=1", "images lost: 1"),
    ("broken=0 lost=0", "broken=1 lost=2", "images lost: 2"),
    ("broken=0 lost=0", "broken=1 lost=0", "other promises broken: 1"),
    ("disagreements=0", "disagreements=1", "disagreements: 1"),
    ("findings=0", "findings=1", "findings: 1"),
    ("p99_ms=4.50", "p99_ms=10.10", "10 at most"),
    ("kills=30", "kills=0", "kills of the real server: none"),
    ("rounds=24 kills=30", "rounds=24", "no line like"),
    ("p99_ms=4.50", "", "no line says p99_ms"),
    (FUZZED, "", "no line like"),
])
def test_a_loss_a_finding_and_silence_are_wrong(old: str, new: str, told: str) -> None:
    said = SAID + FUZZED
    assert old in said
    verdict = judge(evidence(said.replace(old, new)), is_quick=False)
    assert not verdict.is_well
    assert any(told in each for each in verdict.wrong), verdict.wrong


def test_ten_milliseconds_are_not_too_many() -> None:
    assert judge(evidence(SAID.replace("p99_ms=4.50", "p99_ms=10.00")), is_quick=True).is_well


def test_a_test_that_fails_is_wrong_and_one_that_is_skipped_is_told() -> None:
    failed = judge(evidence(test_nginx="failed"), is_quick=True)
    assert any("test_nginx_and_the_service" in each for each in failed.wrong)
    assert judge(evidence(OtherTests="failed"), is_quick=True).is_well, "it is of no point"
    skipped = evidence(test_failing_disks="skipped")
    assert not judge(skipped, is_quick=True).is_well, "none of the point's tests ran"
    skipped.cases.append(Case("test_failing_disks.test_another", "passed"))
    assert judge(skipped, is_quick=True).is_well
    assert judge(skipped, is_quick=True).findings["disks"].skipped


def test_a_run_that_fails_is_wrong_whatever_it_said() -> None:
    found = evidence()
    found.failed_runs.append("soak")
    assert judge(found, is_quick=True).wrong == ["soak did not end well"]


def test_a_run_is_evidence_of_what_it_prints_and_of_how_it_ends(tmp_path: pathlib.Path) -> None:
    found, said = Evidence(), []
    runs.Run("good", ("echo", "rounds=1 kills=2 lost=0")).do(tmp_path, found, said.append)
    assert found.figures("rounds=") == {"rounds": 1, "kills": 2, "lost": 0}
    assert found.failed_runs == []
    runs.Run("bad", ("sh", "-c", "echo because; exit 3")).do(tmp_path, found, said.append)
    assert found.failed_runs == ["bad"] and any("because" in each for each in said)


def test_it_writes_its_figures_into_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    verdict = judge(evidence(SAID + FUZZED), is_quick=False)
    updated = report.updated(readme, verdict, 77)
    assert "`scripts/prove --seconds-per-part 77 --update`" in updated
    assert "| images acknowledged | 3,564 | images lost: 0 |\n" in updated
    old, new = readme.splitlines(), updated.splitlines()
    assert len(old) == len(new)
    changed = [line for line, before in zip(new, old, strict=True) if line != before]
    assert all(line.startswith("| ") or "77" in line for line in changed)
    assert report.updated(updated, verdict, 77) == updated


def prove(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "scripts" / "prove", *map(str, arguments)], capture_output=True,
                          text=True, timeout=60, check=False)


def test_it_judges_a_run_that_has_been(tmp_path: pathlib.Path) -> None:
    output, results, proved = (tmp_path / name for name in ("output", "tests.xml", "proved.json"))
    cases = "".join(f"<testcase classname='{name}' name='{test}'/>" for name, test in CASES.items())
    results.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    for said, status, last in [(SAID, 0, "wrong=0"),
                               (SAID.replace("broken=0 lost=0", "broken=1 lost=1"), 1, "wrong=2")]:
        output.write_text(said)
        ran = prove("--quick", "--json", proved, "--read", output, results)
        assert ran.returncode == status, ran.stdout + ran.stderr
        assert ran.stdout.splitlines()[-1].endswith(last)
        assert "| kills of the real server | 30 | other promises broken:" in ran.stdout
        assert json.loads(proved.read_text())["totals"]["lost"] == status
    results.unlink()
    assert prove("--quick", "--read", output, results).returncode == 1, "there are no tests"


def test_it_explains_itself_and_refuses_what_it_cannot_do() -> None:
    ran = prove("--help")
    assert ran.returncode == 0 and ran.stdout.startswith("usage: scripts/prove")
    for wrong in (("--seconds-per-part", "0"), ("--quick", "more"), ("--read",),
                  ("--quick", "--update")):
        assert prove(*wrong).returncode == 2
