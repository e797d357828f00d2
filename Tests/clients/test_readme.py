"""What README.md and CONTRIBUTING.md say of the program and of the files is so."""

import pathlib
import re
import sys

from service import ROOT, command_line

sys.path.insert(0, str(ROOT / "scripts"))
from proving.points import TOTALS  # noqa: E402  (stands in the folder added above)

README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
PICTURE_BYTES_MAX = 250_000
# `(PORT; default: 8001 seconds; accepts ...)` closes what `serve --help` says of a setting.
TOLD = re.compile(r"--([a-z-]+) <[^>]*>.*?\(([A-Z_]+)(?:; default: ([^;]*))?; accepts")


def readme_settings() -> list[tuple[str, str]]:
    """Name and default with its unit, of each row of the table."""
    section = README.split("## Settings")[1].split("\n## ")[0]
    rows = [line.split("|")[1:4] for line in section.splitlines() if line.startswith("| `")]
    cells = [[cell.replace("`", "").strip() for cell in row] for row in rows]
    return [(name, "" if default == "none" else f"{default} {unit}".strip())
            for name, default, unit in cells]


def test_the_table_of_settings_is_that_of_the_help(tmp_path: pathlib.Path) -> None:
    shown = command_line(tmp_path, "serve", "--help")
    assert shown.returncode == 0
    told = TOLD.findall(" ".join(shown.stdout.split()))
    assert readme_settings() == [(name, default) for _, name, default in told]
    # The sentence above the table: each is also an option of that name.
    assert [option for option, _, _ in told] == [
        name.lower().replace("_", "-") for _, name, _ in told]


def test_what_the_readme_links_is_there() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_files_that_contributing_names_are_there() -> None:
    paths = re.findall(r"(?<![\w/])(?:Sources|Tests|scripts|openapi)/[\w/.+-]+", CONTRIBUTING)
    assert len(paths) > 30
    named = {path.rstrip(".") for path in paths}
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_the_tests_behind_the_guarantees_are_there() -> None:
    section = README.split("## Guarantees")[1].split("\n## ")[0]
    named = set(re.findall(r"`(test_\w+\.py)`", section))
    assert len(named) >= 5
    there = {path.name for path in (ROOT / "Tests" / "clients").iterdir()}
    assert named - there == set()


def test_the_figures_behind_a_200_are_such_as_prove_prints_and_nothing_is_lost() -> None:
    section = README.split("## What a 200 means")[1].split("\n## ")[0]
    assert re.search(r"`scripts/prove --seconds-per-part \d+ --update`", section)
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in section.splitlines()
            if line.startswith("| ") and "---" not in line]
    done = [total for total in TOTALS if total.outcome_of is None]
    assert [row[0] for row in rows[1:]] == [total.what for total in done]
    for total, (_, count, came) in zip(done, rows[1:], strict=True):
        assert int(count.replace(",", "")) > 0
        outcomes = [other for other in TOTALS if other.outcome_of == total.key]
        told = [outcome.rsplit(": ", 1) for outcome in came.split(", ") if outcome]
        assert [what for what, _ in told] == [other.what for other in outcomes]
        assert all(float(value) <= other.maximum
                   for (_, value), other in zip(told, outcomes, strict=True))


def test_the_map_shows_every_folder() -> None:
    """A folder that nobody explains is one that nobody finds."""
    table = CONTRIBUTING.split("| folder |")[1].split("\n\n")[0]
    shown = set(re.findall(r"`([\w/-]+)`", table))
    shown |= {f"Sources/{name}" for name in shown}
    folders = [path for parent in ("Sources", "Sources/Server", "scripts", "Tests")
               for path in (ROOT / parent).iterdir() if path.is_dir()]
    missing = [
        str(path.relative_to(ROOT)) for path in folders
        if not (path.name.startswith(("_", ".")) or path.name.endswith((".docc", "Tests")))
        and str(path.relative_to(ROOT)) not in shown
    ]
    assert missing == []


def test_each_package_for_tests_and_playbook_has_its_reason() -> None:
    for file in ("Tests/requirements.txt", "scripts/playbook/requirements.txt"):
        packages = re.findall(r"^([\w-]+)==", (ROOT / file).read_text(), re.MULTILINE)
        assert packages
        section = CONTRIBUTING.split(f"`{file}`")[1].split("\n\n")[1]
        reasons = " ".join(row.split("|")[1] for row in section.splitlines())
        assert [name for name in packages if name not in re.split(r"[\s,]+", reasons)] == []


def test_the_picture_is_one_that_a_reader_can_afford() -> None:
    [picture] = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert 10_000 < (ROOT / picture).stat().st_size <= PICTURE_BYTES_MAX
