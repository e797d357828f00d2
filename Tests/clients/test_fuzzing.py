"""What is around the fuzz targets: seeds, and findings printed as tests. The fuzzing itself takes
minutes and is `scripts/fuzz`."""

import pathlib
import re
import subprocess

import smuggling
from service import ROOT


def listed() -> list[str]:
    ran = subprocess.run([ROOT / "scripts/fuzz", "--list"], capture_output=True, text=True,
                         check=True, timeout=20)
    return ran.stdout.split()


def test_every_target_is_listed() -> None:
    assert sorted(listed()) == sorted(
        path.stem for path in (ROOT / "scripts/fuzzing/targets").glob("*.swift"))


def test_the_server_is_fuzzed_from_every_form_of_smuggling(tmp_path: pathlib.Path) -> None:
    subprocess.run([ROOT / "scripts/fuzzing/seeds", "Server", tmp_path], check=True, timeout=20)
    seeds = {path.read_bytes()[1:] for path in tmp_path.iterdir()}
    forms = [form.whole for form in smuggling.forms() if not form.whole.startswith(b"POST /1 ")]
    assert len(forms) > 80 and seeds.issuperset(forms)
    assert len(seeds) >= len(smuggling.forms())


def test_a_finding_is_printed_as_a_test_for_every_target(tmp_path: pathlib.Path) -> None:
    finding = tmp_path / "crash"
    finding.write_bytes(bytes(range(256)))
    for target in listed():
        # `true` stands for a target that finds nothing any more.
        ran = subprocess.run([ROOT / "scripts/fuzzing/test-case", target, "true", finding],
                             capture_output=True, text=True, check=True, timeout=20)
        test = ran.stdout[ran.stdout.index("@Test func"):ran.stdout.index("The bytes as text")]
        digits = re.findall("0x([0-9A-F]{2}),", test)
        assert bytes.fromhex("".join(digits)) == finding.read_bytes(), target
        assert test.count("{") == test.count("}") and "input" in test.split("]", 1)[1], target
        folder = re.search("A test for (.*):", ran.stdout)
        assert folder and (ROOT / folder.group(1)).is_dir(), target
