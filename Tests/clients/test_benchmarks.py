"""`Benchmarks fill` makes a directory that the service takes for one of its own."""

import json
import pathlib
import subprocess
from collections.abc import Callable

import pytest

import images
from service import ROOT, Service, command_line

IMAGES = 10_000


@pytest.fixture(scope="module")
def benchmarks() -> pathlib.Path:
    """The benchmarks' executable; building every test has built it, and then this is quick."""
    build = ["swift", "build", "--package-path", str(ROOT)]
    subprocess.run([*build, "--product", "Benchmarks"], check=True)
    shown = subprocess.run([*build, "--show-bin-path"], capture_output=True, text=True, check=True)
    return pathlib.Path(shown.stdout.strip()) / "Benchmarks"


def fill(benchmarks: pathlib.Path, data: pathlib.Path, count: int = IMAGES
         ) -> subprocess.CompletedProcess:
    command = [benchmarks, "fill", "--images", str(count), "--data-dir", data]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def filled(benchmarks: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    data = tmp_path / "data"
    ran = fill(benchmarks, data)
    assert ran.returncode == 0, ran.stderr
    return data


def test_the_commands_read_what_was_made_up(filled: pathlib.Path) -> None:
    ran = command_line(filled, "stats")
    assert ran.returncode == 0, ran.stderr
    statistics = json.loads(ran.stdout)
    assert statistics["Most Popular Image Format"] == "JPEG"
    assert len(statistics["Top 10 Popular Camera Models"]) == 10
    # Ten years of images, of which thirty days are some eighty.
    assert 40 <= sum(statistics["Image Upload Frequency Per Day (last 30 days)"].values()) <= 160


def test_verify_calls_every_made_up_image_missing(filled: pathlib.Path) -> None:
    ran = command_line(filled, "verify")
    assert ran.returncode > 0
    assert f"{IMAGES} missing" in ran.stdout
    assert ran.stdout.count("missing ") >= IMAGES


def test_the_server_serves_on_a_filled_directory(
    filled: pathlib.Path, start: Callable[..., Service]
) -> None:
    service = start(filled)
    assert service.details()["images"] == IMAGES
    image = images.png(1)
    uploaded = service.upload(("a.png", image))
    assert service.image(uploaded["a.png"]).body == image
    assert service.details()["images"] == IMAGES + 1
    assert service.stop() == 0


def test_a_directory_that_holds_something_is_left_alone(
    benchmarks: pathlib.Path, filled: pathlib.Path
) -> None:
    before = (filled / "snapshot").read_bytes()
    assert fill(benchmarks, filled, 1).returncode > 0
    assert (filled / "snapshot").read_bytes() == before


def test_the_same_seed_makes_the_same_images(
    benchmarks: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    for name in ("a", "b"):
        assert fill(benchmarks, tmp_path / name, 100).returncode == 0
    # The last block holds the images, 64 bytes each and the digest first; times differ.
    tails = [(tmp_path / name / "snapshot").read_bytes()[-4 - 64 * 100:-4] for name in ("a", "b")]
    digests = [[tail[at:at + 32] for at in range(0, len(tail), 64)] for tail in tails]
    assert digests[0] == digests[1] and len(set(digests[0])) == 100


def test_every_parser_case_does_its_work(benchmarks: pathlib.Path) -> None:
    listed = subprocess.run([benchmarks, "micro", "--list"], capture_output=True, text=True,
                            check=True).stdout.split()
    assert len(listed) >= 2 * 10
    for case in listed[::2]:
        ran = subprocess.run([benchmarks, "micro", "--case", case, "--runs", "1"],
                             capture_output=True, text=True, check=False)
        assert ran.returncode == 0, (case, ran.stderr)
