"""`scripts/upload`: what it sends, prints and answers with, against the built server."""

import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import urllib.parse

import pytest

import images
from conftest import command, environment
from service import KEY, Service
from stand_in import StandIn

MEBIBYTE = 1 << 20
# A Python with its modules takes about 25 MiB; a file of ten times that must not show.
MEMORY_MAX_KIB = 60 * 1024


def fill(folder: pathlib.Path, **files: bytes) -> pathlib.Path:
    """Writes files; two underscores in a name stand for a folder, one before the end for a dot."""
    for name, data in files.items():
        path = folder / re.sub(r"_(?=[^_]*$)", ".", name).replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def large_bmp(path: pathlib.Path, size: int) -> pathlib.Path:
    """A file with a picture's header and a hole for its pixels: it takes no room on the disk."""
    path.write_bytes(images.bmp(1))
    os.truncate(path, size)
    return path


def outcomes(ran: subprocess.CompletedProcess) -> tuple[dict[str, dict], dict]:
    """What --json printed: the files by name, and the sums."""
    *files, sums = [json.loads(line) for line in ran.stdout.splitlines()]
    return {pathlib.Path(file["path"]).name: file for file in files}, sums


def test_a_folder_of_any_depth_is_stored_and_told_as_sha256sum_does(upload, service, tmp_path):
    made = {"a_jpg": images.jpeg(1), "sub__b_png": images.png(2), "sub__deep__c_gif": images.gif(3)}
    folder = fill(tmp_path / "in", **made, notes_txt=b"not a picture")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "d.jpg").write_bytes(images.jpeg(4))
    ran = upload(folder)
    assert ran.returncode == 0, ran.stderr
    printed = {line.split("  ")[0] for line in ran.stdout.splitlines()}
    assert printed == {images.image_id(data) for data in made.values()}
    assert all(service.image(images.image_id(data)).body == data for data in made.values())
    assert service.image(images.image_id(images.jpeg(4))).status == 404
    assert "3 uploaded" in ran.stderr and "1 not images" in ran.stderr
    check = subprocess.run(["sha256sum", "--check", "--strict"], input=ran.stdout, text=True,
                           capture_output=True, check=False)
    assert check.returncode == 0, check.stderr


def test_a_second_run_sends_nothing(upload, service, tmp_path):
    folder = fill(tmp_path, a_jpg=images.jpeg(10), b_jpg=images.jpeg(11))
    assert upload(folder).returncode == 0
    with StandIn(service) as between:
        again = upload("--json", folder, url=between.url)
        assert between.count("POST", "upload-images") == 0
        assert between.count("HEAD", "images") == 2
    assert again.returncode == 0
    files, sums = outcomes(again)
    assert {file["status"] for file in files.values()} == {"present"}
    assert sums == {"counts": {"present": 2}, "uploaded_bytes": 0}


def test_files_of_the_same_bytes_are_sent_once_and_told(upload, service, tmp_path):
    same = images.jpeg(20)
    folder = fill(tmp_path, a_jpg=same, b_jpg=same, sub__c_jpg=same)
    with StandIn(service) as between:
        ran = upload("--json", folder, url=between.url)
        assert between.count("POST", "upload-images") == 1
    files, _ = outcomes(ran)
    assert ran.returncode == 0
    assert sorted(file["status"] for file in files.values()) == [
        "duplicate", "duplicate", "uploaded"]
    [first] = [file["path"] for file in files.values() if file["status"] == "uploaded"]
    told = {file["detail"] for file in files.values() if file["status"] == "duplicate"}
    assert told == {f"same as {first}"}


def test_a_file_that_is_refused_is_told_and_keeps_no_other_out(upload, service, tmp_path):
    good = images.jpeg(30)
    folder = fill(tmp_path, good_jpg=good, broken_jpg=b"\xff\xd8\xff and nothing more")
    ran = upload(folder)
    assert ran.returncode == 1
    assert re.search(r"^upload: .*broken\.jpg: .+", ran.stderr, re.MULTILINE)
    assert "1 uploaded" in ran.stderr and "1 failed" in ran.stderr
    assert service.image(images.image_id(good)).status == 200


def test_with_all_the_service_decides_what_an_image_is(upload, tmp_path):
    folder = fill(tmp_path, good_jpg=images.jpeg(31), notes_txt=b"not a picture")
    files, sums = outcomes(upload("--json", "--all", folder))
    assert files["notes.txt"]["status"] == "failed"
    assert "JPEG" in files["notes.txt"]["detail"], "the service's own reason is passed on"
    assert sums["counts"] == {"uploaded": 1, "failed": 1}


def test_a_wrong_key_is_told_once_and_shown_nowhere(upload, service, tmp_path):
    folder = fill(tmp_path, **{f"f{n}_jpg": images.jpeg(40 + n) for n in range(5)})
    ran = upload(folder, API_KEY="a-wrong-one")
    assert ran.returncode == 1 and ran.stdout == ""
    assert ran.stderr == "upload: Send a valid key in the header x-api-key.\n"
    assert service.image(images.image_id(images.jpeg(40))).status == 404


@pytest.mark.parametrize("settings, arguments, word", [
    ({"API_KEY": ""}, [], "API_KEY"),
    ({"API_KEY": "", "API_KEY_FILE": "/nowhere"}, [], "/nowhere"),
    ({}, ["--parallel", "0"], "--parallel"),
    ({}, ["--parallel", "65"], "--parallel"),
    ({}, ["--tries", "0"], "--tries"),
    ({}, ["--url", "ftp://example.org"], "--url"),
    ({}, ["/no/such/folder"], "/no/such/folder"),
])
def test_wrong_usage_ends_with_2_and_names_what_is_wrong(settings, arguments, word, tmp_path):
    # Not this machine: the key that scripts/run made would be found.
    ran = subprocess.run(command("http://images.example", *arguments, tmp_path), text=True,
                         env=environment(**settings), capture_output=True, check=False, timeout=20)
    assert ran.returncode == 2
    assert word in ran.stderr.splitlines()[-1]


def test_the_key_may_come_from_a_file_and_the_url_from_the_environment(service, tmp_path):
    folder = fill(tmp_path / "in", a_jpg=images.jpeg(50))
    (tmp_path / "key").write_text(f"{KEY},another\n")
    script = command("", folder)
    script = [part for part in script if part not in ("--url", "")]
    settings = environment(API_KEY_FILE=str(tmp_path / "key"), IMAGE_SERVICE_URL=service.url)
    del settings["API_KEY"]
    ran = subprocess.run(script, env=settings, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_nothing_to_upload_is_no_success(upload, tmp_path):
    ran = upload(tmp_path)
    assert ran.returncode == 1 and "nothing to upload" in ran.stderr


def test_names_of_any_bytes_are_sent_and_printed_so_that_sha256sum_reads_them(upload, tmp_path):
    names = ['quote" and ü.jpg', "two\nlines.jpg", "back\\slash.jpg"]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(images.jpeg(60 + number))
    ran = upload(tmp_path)
    assert ran.returncode == 0, ran.stderr
    check = subprocess.run(["sha256sum", "--check", "--strict"], input=ran.stdout, text=True,
                           capture_output=True, check=False)
    assert check.returncode == 0 and len(ran.stdout.splitlines()) == 3, check.stderr


def test_a_file_too_large_is_refused_before_its_end(start, tmp_path):
    small = start(MAX_FILE_BYTES=MEBIBYTE, MAX_REQUEST_BYTES=2 * MEBIBYTE)
    large_bmp(tmp_path / "large.bmp", 512 * MEBIBYTE)
    ran = subprocess.run(command(small.url, "--json", tmp_path / "large.bmp"), text=True,
                         env=environment(), capture_output=True, timeout=60, check=False)
    files, _ = outcomes(ran)
    assert ran.returncode == 1
    assert "bytes" in files["large.bmp"]["detail"]
    assert urllib.parse.urlsplit(small.url).netloc not in files["large.bmp"]["detail"], (
        "a refusal, not a lost connection")


def test_memory_does_not_grow_with_a_file(service, tmp_path):
    path = large_bmp(tmp_path / "large.bmp", 256 * MEBIBYTE)
    measure = ("import resource, subprocess, sys; ran = subprocess.run(sys.argv[1:]);"
               "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss);"
               "sys.exit(ran.returncode)")
    ran = subprocess.run([sys.executable, "-c", measure, *command(service.url, "--quiet", path)],
                         env=environment(), capture_output=True, text=True, timeout=120,
                         check=False)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout.splitlines()[-1]) < MEMORY_MAX_KIB


def test_a_terminal_gets_a_bar_with_bytes_rate_and_time_left(service, tmp_path):
    path = large_bmp(tmp_path / "bar.bmp", 257 * MEBIBYTE)
    ours, theirs = pty.openpty()
    with subprocess.Popen(command(service.url, path), env=environment(COLUMNS="100"),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs) as ran:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:
            pass  # how Linux tells that the other end of a terminal is closed
        os.close(ours)
        assert ran.wait(60) == 0
    lines = shown.decode().split("\r")
    drawn = [line for line in lines if re.search(r"[█░]{24} +\d+% 0/1 files", line)]
    assert drawn, lines
    assert re.search(r"[\d.]+ MB of 269\.5 MB  [\d.]+ MB/s  ETA \d:\d\d", drawn[-1])


def test_interrupting_ends_at_once_and_says_how_to_go_on(service, tmp_path):
    folder = fill(tmp_path, **{f"f{n}_jpg": images.jpeg(70 + n) for n in range(9)})
    with StandIn(service, "hold") as between:
        with subprocess.Popen(command(between.url, "--parallel", 1, folder), env=environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as ran:
            assert between.holding.wait(20), "an upload is under way"
            ran.send_signal(signal.SIGINT)
            _, said = ran.communicate(timeout=20)
        assert ran.returncode == 130
        assert said.splitlines()[-1] == "upload: interrupted; run it again to go on"
        assert not between.released.is_set()


def test_help_explains_itself(upload):
    ran = upload("--help")
    assert ran.returncode == 0 and ran.stdout.startswith("usage: scripts/upload")
    assert "exit status" in ran.stdout
