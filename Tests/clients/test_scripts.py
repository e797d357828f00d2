"""The commands of the README: what `scripts/run` prints can be pasted, and the counts add up."""

import os
import pathlib
import re
import signal
import subprocess

import pytest

import images
import service as services
from service import ROOT
from wire import wait_until

ONLY_RELEASE = pytest.mark.skipif(
    "release" not in str(services.binary()), reason="it would build the release executable first")


@ONLY_RELEASE
def test_run_makes_a_key_serves_and_prints_lines_that_work(tmp_path: pathlib.Path) -> None:
    port = services.free_port()
    data, printed = tmp_path / "da ta", tmp_path / "printed"
    without = {"API_KEY", "API_KEY_FILE", "IMAGE_SERVICE_BINARY"}
    environment = {name: value for name, value in os.environ.items() if name not in without}
    with open(printed, "wb") as output:
        process = subprocess.Popen(
            [ROOT / "scripts" / "run"], cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, env=environment | {"PORT": str(port), "DATA_DIR": str(data)})
    try:
        wait_until(lambda: "Ctrl-C" in printed.read_text(), 300, "the walk-through is printed")
        key = (data / "api-key").read_text()
        assert re.fullmatch(r"[0-9a-f]{64}", key)
        assert (data / "api-key").stat().st_mode & 0o777 == 0o600
        assert key not in printed.read_text()
        photo = images.jpeg(1)
        (tmp_path / "photo.jpg").write_bytes(photo)
        lines = re.search(r"^key=.*?(?=^Ctrl-C)", printed.read_text(), re.MULTILINE | re.DOTALL)
        # The server's log comes to the same place, whenever it comes.
        pasted_lines = re.sub(r"^\d{4}-\d\d-\d\dT.*\n", "", lines.group(0), flags=re.MULTILINE)
        pasted = subprocess.run(["bash", "-e"], input=pasted_lines, cwd=tmp_path, text=True,
                                capture_output=True, timeout=60, check=False)
        assert pasted.returncode == 0, pasted.stderr
        assert images.image_id(photo) in pasted.stdout and "identical" in pasted.stdout
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, "signals reach the server, its status is passed on"
        assert (data / "api-key").read_text() == key
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_each_script_explains_itself() -> None:
    for name in ("run", "test", "fuzz"):
        ran = subprocess.run([ROOT / "scripts" / name, "--help"], capture_output=True, text=True,
                             check=True, timeout=20)
        assert ran.stdout.startswith(f"usage: scripts/{name}")


CASES = {
    "all pass": ('<testcase/><testcase/>', 0, "2 passed, 0 failed, 0 skipped", 0),
    "one fails": ('<testcase/><testcase><failure/></testcase>', 0,
                  "1 passed, 1 failed, 0 skipped", 1),
    "an error counts": ('<testcase><error/></testcase>', 0, "0 passed, 1 failed, 0 skipped", 1),
    "one is skipped": ('<testcase/><testcase><skipped/></testcase>', 0,
                       "1 passed, 0 failed, 1 skipped", 0),
    "nothing ran": ("", 0, "0 passed, 1 failed, 0 skipped", 1),
    "all were skipped": ('<testcase><skipped/></testcase>', 0,
                         "0 passed, 1 failed, 1 skipped", 1),
    "a step failed": ('<testcase/>', 1, "1 passed, 1 failed, 0 skipped", 1),
}


@pytest.mark.parametrize("case", CASES)
def test_the_counts_add_up(tmp_path: pathlib.Path, case: str) -> None:
    inner, failed_steps, line, status = CASES[case]
    path = tmp_path / "results.xml"
    path.write_text(f"<testsuites><testsuite>{inner}</testsuite></testsuites>")
    command = [ROOT / "scripts" / "count-tests", "--failed-steps", str(failed_steps), path]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.returncode) == (line, status)


def test_a_missing_result_file_is_a_failure(tmp_path: pathlib.Path) -> None:
    command = [ROOT / "scripts" / "count-tests", tmp_path / "none.xml"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.returncode) == ("0 passed, 1 failed, 0 skipped", 1)
