"""What was acknowledged survives: a restart, and a kill in the middle of everything.

The kills are the short form of `scripts/soak`. IMAGE_SERVICE_SEED repeats a run's choices. The last
line is for programs.
"""

import os
import pathlib
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

import images
from service import ROOT, Service, binary, blobs
from wire import wait_until

sys.path.insert(0, str(ROOT / "scripts"))
from proving.soaking import Directory, Soak  # noqa: E402  (stands in the folder added above)

KILL_ROUNDS = 24


def test_a_restart_keeps_everything(start: Callable[..., Service]) -> None:
    service = start()
    stored = {images.image_id(data): data for data in (images.png(seed) for seed in range(20))}
    stored |= {images.image_id(data): data for data in (images.jpeg(7, 3_000_000),)}
    link = service.link()
    for data in stored.values():
        service.upload(("a", data), link=link)
    before = {image_id: service.image(image_id).headers["last-modified"] for image_id in stored}
    for ending in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
        service.stop(ending)
        service = start()
        for image_id, data in stored.items():
            answer = service.image(image_id)
            assert (answer.status, answer.body) == (200, data)
            assert answer.headers["last-modified"] == before[image_id]
        assert service.details()["images"] == len(stored)


def test_kill_9_in_the_middle_of_uploads_downloads_and_snapshots(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("IMAGE_SERVICE_SEED", random.SystemRandom().getrandbits(32)))
    print(f"seed={seed}")
    tally = Soak(tmp_path, seed).run(KILL_ROUNDS)
    assert tally.broken == [] and tally.lost == 0
    assert tally.rounds == KILL_ROUNDS and tally.kills > KILL_ROUNDS and tally.verified
    assert tally.acknowledged > 10 * KILL_ROUNDS, "the rounds were too short to mean anything"
    with capsys.disabled():
        print(f"\nsoak: seed={seed} {tally.line}")


def remove_an_image(data: pathlib.Path) -> None:
    name = min(blobs(data))
    (data / "blobs" / name[:2] / name).unlink()


def change_an_image(data: pathlib.Path) -> None:
    name = min(blobs(data))
    path = data / "blobs" / name[:2] / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def forget_the_catalog(data: pathlib.Path) -> None:
    """What a server would do that did not flush its journal."""
    for path in data.glob("journal-*"):
        path.write_bytes(b"")


@pytest.mark.parametrize("damage", [remove_an_image, change_an_image, forget_the_catalog])
def test_the_soak_sees_a_loss_and_leaves_it_there(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[pathlib.Path], None]
) -> None:
    kill = Directory.load_and_kill

    def kill_and_damage(directory: Directory) -> None:
        kill(directory)
        damage(directory.data)
    monkeypatch.setattr(Directory, "load_and_kill", kill_and_damage)
    tally = Soak(tmp_path, seed=1).run(rounds=3)
    # What is damaged in the first round may be an image that nobody was promised yet.
    assert len(tally.broken) == 1 and tally.lost > 0 and tally.rounds < 3
    assert blobs(tmp_path / "data-0")


def test_the_soak_sees_half_a_request(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill = Directory.load_and_kill

    def keep_half_and_kill(directory: Directory) -> None:
        there, lacking = directory.ledger.new(), directory.ledger.new()
        directory.service.upload(("there", there[1]))
        kill(directory)
        directory.ledger.unanswered.append(frozenset({there[0], lacking[0]}))
    monkeypatch.setattr(Directory, "load_and_kill", keep_half_and_kill)
    tally = Soak(tmp_path, seed=1).run(rounds=3)
    assert len(tally.broken) == 1 and "half a request" in tally.broken[0] and tally.lost == 0


def soak(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "scripts" / "soak", *map(str, arguments)], capture_output=True,
                          text=True, timeout=120, check=False)


def test_the_script_runs_rounds_and_leaves_nothing(tmp_path: pathlib.Path) -> None:
    ran = soak("--rounds", 2, "--seed", 7, "--binary", binary(), "--data", tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    first, *_, last = ran.stdout.splitlines()
    assert first == "seed=7"
    assert re.fullmatch(r"rounds=2 kills=\d+ .*acknowledged=\d+ .* broken=0 lost=0", last)
    assert list(tmp_path.iterdir()) == []


def test_the_script_clears_up_when_it_is_ended(tmp_path: pathlib.Path) -> None:
    command = [ROOT / "scripts" / "soak", "--binary", binary(), "--data", tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as running:
        wait_until(lambda: [*tmp_path.glob("*/data-0/journal-*")], 20, "a server runs")
        running.send_signal(signal.SIGTERM)
        output, errors = running.communicate(timeout=60)
    assert running.returncode == 130 and errors == "interrupted\n", errors
    assert output.splitlines()[-1].endswith("broken=0 lost=0")
    # Its server has ended as well: its directory would come back otherwise.
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("arguments", "told"), [
    (("--rounds", 0), "at least 1"), (("--seconds", "soon"), "--seconds"),
    (("--binary", "/nowhere"), "/nowhere"), (("--data", "/nowhere"), "/nowhere"), (("x",), "x")])
def test_what_the_script_cannot_do_it_says(arguments: tuple, told: str) -> None:
    ran = soak(*arguments)
    assert ran.returncode == 2 and told in ran.stderr and "Traceback" not in ran.stderr, ran.stderr
