"""`scripts/bench` as far as it can be tried without measuring: its choices, its arithmetic, and
what `--check` calls a loss."""

import copy
import pathlib
import subprocess
import sys

import pytest

from service import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
from benchmark import recorded  # noqa: E402  (stands in the folder added above)
from benchmark.turns import (  # noqa: E402
    OURS, Comparison, Experiment, Sample, at_least, at_most)

RECORD = {
    "machine": {"processor": "AMD EPYC", "cores": 2, "commit": "0123456789ab"},
    "cores_for_each": 1,
    "figures": [
        {"name": "GET: requests/s", "against": "nginx", "median": 2.0, "unit": "ratio",
         "lower_is_better": False},
        {"name": "GET: p99", "against": "nginx", "median": 0.5, "unit": "ratio",
         "lower_is_better": True},
    ],
}


def bench(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "scripts" / "bench", *arguments], capture_output=True, text=True,
                          timeout=20, check=False)


def measured(rate: float = 2.0, p99: float = 0.5) -> dict:
    """A run on the recorded machine that came to these ratios."""
    now = copy.deepcopy(RECORD)
    for figure, median in zip(now["figures"], (rate, p99), strict=True):
        figure["median"] = median
    return now


def test_times_and_speeds_are_the_machine_s_and_not_compared() -> None:
    now = measured()
    for unit in (*recorded.TIMES, "MiB/s"):
        then = copy.deepcopy(RECORD)
        for figures in (now["figures"], then["figures"]):
            figures[0]["unit"] = unit
        now["figures"][0]["median"] = 0.001
        assert recorded.check(now, then)[1], unit


def test_it_explains_itself() -> None:
    ran = bench("--help")
    assert ran.returncode == 0
    assert ran.stdout.startswith("usage: scripts/bench")
    for group in ("serve", "upload", "connections", "scale", "micro"):
        assert group in ran.stdout


def test_it_lists_what_can_be_chosen_and_each_name_is_another_one() -> None:
    names = bench("--list").stdout.splitlines()
    assert len(names) == len(set(names)) > 10
    assert bench("serve", "--list", "--only", "ZIPF").stdout.count("\n") == 1


@pytest.mark.parametrize("arguments", [
    ("--only", "no such work"), ("--turns", "0"), ("--seconds", "0"), ("--cores", "3"), ("serv",)])
def test_what_cannot_be_measured_is_refused_before_anything_starts(
    arguments: tuple[str, ...]
) -> None:
    ran = bench(*arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr


@pytest.mark.parametrize(("rate", "p99", "is_well"), [
    (2.0, 0.5, True), (4.0, 0.1, True),
    (1.71, 0.5, True), (1.69, 0.5, False),      # 14.5 and 15.5 per cent less
    (2.0, 0.57, True), (2.0, 0.58, False),      # 14 and 16 per cent more, where less is better
])
def test_a_loss_of_more_than_15_per_cent_fails(rate: float, p99: float, is_well: bool) -> None:
    lines, well = recorded.check(measured(rate, p99), RECORD)
    assert well == is_well
    assert sum(line.startswith("LOST") for line in lines) == (0 if is_well else 1)
    assert lines[-1] == "2 figures compared with the record of 0123456789ab"


@pytest.mark.parametrize(("name", "value"), [("processor", "Other"), ("cores", 64)])
def test_another_machine_is_refused(name: str, value: object) -> None:
    now = measured()
    now["machine"][name] = value
    with pytest.raises(recorded.OtherMachine, match=name):
        recorded.check(now, RECORD)


def test_the_two_core_form_is_not_compared_with_the_one_core_form() -> None:
    with pytest.raises(recorded.OtherMachine, match="--cores 2"):
        recorded.check(measured() | {"cores_for_each": 2}, RECORD)


def test_what_was_not_measured_is_left_out_but_nothing_at_all_is_a_failure() -> None:
    now = measured()
    del now["figures"][0]
    lines, well = recorded.check(now, RECORD)
    assert well and lines[-1].startswith("1 figures")
    assert recorded.check(measured() | {"figures": []}, RECORD)[1] is False


def test_a_record_keeps_what_this_run_did_not_measure(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "recorded.json"
    recorded.record(measured(), path)
    now = measured(rate=3.0)
    del now["figures"][1]
    recorded.record(now, path)
    assert [figure["median"] for figure in recorded.load(path)["figures"]] == [3.0, 0.5]
    other = measured(rate=9.0)
    other["machine"]["cores"] = 64
    recorded.record(other, path)
    assert recorded.load(path)["machine"]["cores"] == 64


def test_contestants_take_turns_and_each_turn_has_its_own_ratio() -> None:
    order = []

    def contestant(label: str, rates: list[int]):
        def measure() -> Sample:
            order.append(label)
            return Sample(rates.pop(0), 1.0, cpu_seconds=0.5)
        return measure

    experiment = Experiment("GET", {
        OURS: contestant(OURS, [200, 330, 400]), "nginx": contestant("nginx", [100, 110, 100]),
    }, [Comparison("rate", "nginx", at_least(3)), Comparison("cpu", "nginx", at_most(0.3))])
    rate, cpu = experiment.run(3, lambda line: None)
    assert order == [OURS, "nginx"] * 3
    assert rate.values == [2.0, 3.0, 4.0] and rate.median == 3.0 and rate.verdict == "met"
    assert cpu.lower_is_better and cpu.median == pytest.approx(1 / 3)
    assert cpu.verdict == "NOT MET"


def test_a_contestant_that_does_nothing_wins_nothing() -> None:
    experiment = Experiment("GET", {OURS: lambda: Sample(0, 1.0)}, [])
    with pytest.raises(RuntimeError, match="finished nothing"):
        experiment.run(1, lambda line: None)
