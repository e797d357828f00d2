"""The figures that `--check` compares with, and the comparison.

Ratios and counts carry over from one run to the next on the same machine. Times and speeds change
with its mood; they are neither recorded nor compared. To another machine ratios hardly carry over:
how long a system call takes beside a memory copy is its own. So others are refused.
"""

import json
import pathlib

RECORDED = pathlib.Path(__file__).resolve().parent / "recorded.json"
LOSS_MAX = 0.15
SAME = ("processor", "cores")
TIMES = ("ns", "us", "s")


class OtherMachine(Exception):
    """The recorded figures were taken on another machine, or in another form."""


def load(path: pathlib.Path = RECORDED) -> dict:
    return json.loads(path.read_text())


def loss(now: float, then: float, lower_is_better: bool) -> float:
    """By which share a figure has become worse; negative when it became better."""
    if then == 0:
        return 0.0 if now == 0 or not lower_is_better else float("inf")
    return now / then - 1 if lower_is_better else 1 - now / then


def is_steady(figure: dict) -> bool:
    return figure["unit"] not in TIMES and not figure["unit"].endswith("/s")


def compare(now: dict, then: dict) -> list[tuple[str, float, float, float]]:
    """Each figure that is in both: key, recorded median, present one, loss.

    Figures that were not taken this time are left out, so that `--only` can be checked, too.
    """
    for name in SAME:
        if now["machine"].get(name) != then["machine"].get(name):
            raise OtherMachine(
                f"{name} is {now['machine'].get(name)} here and "
                f"{then['machine'].get(name)} in the record: not to be compared")
    if now.get("cores_for_each") != then.get("cores_for_each"):
        raise OtherMachine(f"--cores {now.get('cores_for_each')} here and "
                           f"{then.get('cores_for_each')} in the record: not to be compared")
    before = {key(figure): figure for figure in then["figures"]}
    rows = []
    for figure in filter(is_steady, now["figures"]):
        if earlier := before.get(key(figure)):
            lost = loss(figure["median"], earlier["median"], figure["lower_is_better"])
            rows.append((key(figure), earlier["median"], figure["median"], lost))
    return rows


def key(figure: dict) -> str:
    return f"{figure['name']} / {figure['against']}"


def check(now: dict, then: dict) -> tuple[list[str], bool]:
    """What to print, and whether all is well. Nothing to compare is not well."""
    rows = compare(now, then)
    lines = []
    for name, earlier, present, lost in rows:
        mark = "LOST" if lost > LOSS_MAX else "ok"
        lines.append(f"{mark:5}{name}: {earlier:,.3g} recorded, {present:,.3g} now "
                     f"({-lost:+.0%})")
    lines.append(f"{len(rows)} figures compared with the record of {then['machine']['commit']}")
    return lines, bool(rows) and all(row[3] <= LOSS_MAX for row in rows)


def record(now: dict, path: pathlib.Path = RECORDED) -> None:
    """Writes the figures down, and keeps those that were not taken this time if they are of the
    same machine. Single samples are left out: the record is read by people, too."""
    figures = {key(figure): figure for figure in now["figures"] if is_steady(figure)}
    if path.exists():
        then = load(path)
        try:
            compare(now, then)
            figures = {key(figure): figure for figure in then["figures"]} | figures
        except OtherMachine:
            pass        # replaced as a whole
    kept = [{name: value for name, value in figure.items() if name != "turns"}
            for figure in figures.values()]
    machine = {name: value for name, value in now["machine"].items()
               if name not in ("binary", "command")}
    written = {"machine": machine, "cores_for_each": now["cores_for_each"], "figures": kept}
    path.write_text(json.dumps(written, indent=1) + "\n")
