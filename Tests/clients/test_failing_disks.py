"""A disk that fills up, turns read-only, or has no descriptors left for it: told clearly, nothing
lost, and work goes on when the cause is gone."""

import os
import pathlib
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator

import pytest

import forms
import images
from service import Service, command_line, temporary_files
from wire import Wire, exchange, wait_until

MIB = 1 << 20
DISK_BYTES = 24 * MIB
ERROR_TRIGGER = "/sys/fs/ext4/{}/trigger_fs_error"


def run(*command: object) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False)


class Disk:
    """A small file system of its own, mounted for one test."""

    def __init__(self, folder: pathlib.Path):
        self.image, self.path = folder / "disk.ext4", folder / "disk"
        self.path.mkdir()
        with open(self.image, "wb") as file:
            file.truncate(DISK_BYTES)

    def mount(self) -> None:
        mounted = run("mount", "-o", "loop,errors=remount-ro", self.image, self.path)
        if mounted.returncode:
            pytest.skip(f"nothing can be mounted here: {mounted.stderr.strip()}")

    def unmount(self) -> None:
        if os.path.ismount(self.path):
            assert run("umount", self.path).returncode == 0

    @property
    def data(self) -> pathlib.Path:
        return self.path / "data"

    def fill(self) -> pathlib.Path:
        """Takes all the room there is."""
        filler = self.path / "filler"
        with open(filler, "wb", buffering=0) as file:
            for size in (MIB, 1024):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass  # until not even a kilobyte is left
        return filler


@pytest.fixture
def disk() -> Iterator[Disk]:
    if os.geteuid() != 0:
        pytest.skip("mounting a disk needs root")
    with tempfile.TemporaryDirectory(prefix="image-service-disk-") as folder:
        made = Disk(pathlib.Path(folder))
        if run("mkfs.ext4", "-q", "-m", "0", made.image).returncode:
            pytest.skip("there is no mkfs.ext4")
        made.mount()
        yield made
        made.unmount()


def readiness(service: Service) -> int:
    return service.get("/readyz").status


def upload_until_full(service: Service, link: str) -> list[bytes]:
    """Uploads until there is no room; gives what was acknowledged."""
    kept = []
    for seed in range(200):
        data = images.jpeg(seed, 700_000)
        answer = service.post(forms.files((f"{seed}.jpg", data)), link=link)
        if answer.status != 200:
            assert answer.status == 507, answer
            assert answer.problem()["code"] == "storage_full"
            return kept
        kept.append(data)
    raise AssertionError("the disk did not fill up")


def links_until_full(service: Service) -> list[str]:
    """Asks for links until the journal has no room for another; gives those that were made."""
    made = []
    for _ in range(500):
        answer = exchange(service.port, "POST", "/api/generate-upload-link", service.key_field)
        if answer.status != 200:
            assert answer.status == 507, answer
            assert answer.problem()["code"] == "storage_full"
            return made
        made.append(answer.json()["upload_url"])
    raise AssertionError("500 links fit on a full disk")


def all_there(service: Service, kept: list[bytes]) -> None:
    for data in kept:
        answer = service.image(images.image_id(data))
        assert (answer.status, answer.body) == (200, data)
    assert service.details()["images"] == len(kept)


def test_a_full_disk_refuses_uploads_and_links_and_loses_nothing(
    start: Callable[..., Service], disk: Disk
) -> None:
    service = start(disk.data, CACHE_BYTES=0)
    link = service.link()
    kept = upload_until_full(service, link)
    assert len(kept) > 3
    assert not temporary_files(disk.data), "what did not fit is removed at once"
    filler = disk.fill()
    links = links_until_full(service)
    wait_until(lambda: readiness(service) == 503, 5, "a full disk is not ready")
    all_there(service, kept)

    filler.unlink()
    wait_until(lambda: readiness(service) == 200, 5, "there is room again")
    more = images.jpeg(999, 50_000)
    for url in [*links[-3:], link]:
        service.upload(("more.jpg", more), link=url)
    all_there(service, [*kept, more])

    service.stop(signal.SIGKILL)
    service = start(disk.data)
    all_there(service, [*kept, more])
    assert service.stop() == 0
    checked = command_line(disk.data, "verify")
    assert checked.returncode == 0, checked.stdout


def test_a_disk_that_turns_read_only_goes_on_serving(
    start: Callable[..., Service], disk: Disk
) -> None:
    service = start(disk.data, CACHE_BYTES=0)
    link = service.link()
    kept = [images.jpeg(seed, 200_000) for seed in range(3)]
    for data in kept:
        service.upload(("a.jpg", data), link=link)
    # What the kernel does with a disk whose metadata it cannot trust any more.
    device = run("findmnt", "-no", "SOURCE", disk.path).stdout.strip()
    trigger = pathlib.Path(ERROR_TRIGGER.format(pathlib.Path(device).name))
    if not trigger.exists():
        pytest.skip("this kernel cannot pretend an error of ext4")
    trigger.write_text("1")
    wait_until(lambda: readiness(service) == 503, 5, "nothing can be written")
    answer = service.post(forms.files(("b.jpg", images.jpeg(9, 1000))), link=link)
    assert answer.status == 500 and answer.problem()["code"] == "storage_failed", answer
    answer = exchange(service.port, "POST", "/api/generate-upload-link", service.key_field)
    assert answer.status == 500 and answer.problem()["code"] == "storage_failed", answer
    all_there(service, kept)

    service.stop(signal.SIGKILL)
    disk.unmount()
    # 1: errors were corrected, namely the note that there was one.
    assert run("e2fsck", "-fp", disk.image).returncode <= 1
    disk.mount()
    service = start(disk.data)
    all_there(service, kept)
    service.upload(("b.jpg", images.jpeg(9, 1000)), link=link)
    assert service.stop() == 0
    checked = command_line(disk.data, "verify")
    assert checked.returncode == 0, checked.stdout


def test_without_descriptors_it_says_so_and_recovers(start: Callable[..., Service]) -> None:
    service = start(WORKERS=1, CACHE_BYTES=0)
    data = images.jpeg(1, 300_000)
    [image_id] = service.upload(("a.jpg", data)).values()
    link = service.link()
    with Wire(service.port) as wire:
        wire.send_head("GET", "/healthz")
        assert wire.receive().status == 200
        # Below what is open already, so that one being closed just now makes no room either.
        limited = run("prlimit", "--pid", service.process.pid, "--nofile=3:")
        if limited.returncode:
            pytest.skip(f"the limit of another process cannot be set: {limited.stderr.strip()}")
        wire.send_head("GET", f"/api/images/{image_id}")
        answer = wire.receive()
        assert answer.status == 503 and answer.problem()["code"] == "too_many_uploads", answer

        def is_ready() -> bool:
            wire.send_head("GET", "/readyz")
            return wire.receive().status == 200
        wait_until(lambda: not is_ready(), 5, "not ready without descriptors")
        # Without a descriptor nothing of it can be kept, and the connection ends after the answer.
        body = forms.files(("b.jpg", images.jpeg(2, 1000)))
        wire.send_head("POST", link, service.key_field, f"Content-Type: {forms.CONTENT_TYPE}",
                       f"Content-Length: {len(body)}")
        wire.send(body)
        assert wire.receive().status == 503
    assert run("prlimit", "--pid", service.process.pid, "--nofile=1024:").returncode == 0
    wait_until(lambda: readiness(service) == 200, 10, "there are descriptors again")
    service.upload(("b.jpg", images.jpeg(2, 1000)), link=link)
    assert service.image(image_id).body == data


def test_the_data_directory_itself_may_be_a_symbolic_link(
    start: Callable[..., Service], tmp_path: pathlib.Path
) -> None:
    """As systemd's DynamicUser= makes it one; what is inside is held to more, as below."""
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "link"
    link.symlink_to("elsewhere")
    service = start(link)
    data = images.jpeg(3, 1000)
    [image_id] = service.upload(("a.jpg", data)).values()
    service.stop()
    assert command_line(link, "verify").returncode == 0
    assert start(link).image(image_id).body == data
    assert list((tmp_path / "elsewhere" / "blobs").rglob(image_id))


@pytest.mark.parametrize("place", ["blobs/{ab}", "blobs", "incoming"])
def test_a_directory_that_is_a_symbolic_link_is_refused(
    start: Callable[..., Service], tmp_path: pathlib.Path, place: str
) -> None:
    service = start()
    data = images.png(1)
    [image_id] = service.upload(("a.png", data)).values()
    assert service.stop() == 0
    path = service.data / place.format(ab=image_id[:2])
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    before = sorted((tmp_path / "elsewhere").rglob("*"))
    for command in ([], ["verify"]):
        ran = command_line(service.data, *command, PORT=0)
        assert ran.returncode > 0 and str(path) in ran.stderr, ran.stderr
    ran = command_line(service.data, "rebuild")
    if place != "incoming":
        assert str(path) in ran.stdout + ran.stderr, ran.stdout + ran.stderr
    assert sorted((tmp_path / "elsewhere").rglob("*")) == before


def test_a_file_that_is_a_symbolic_link_is_not_an_image(
    start: Callable[..., Service], tmp_path: pathlib.Path
) -> None:
    service = start(CACHE_BYTES=0)
    data = images.png(2)
    [image_id] = service.upload(("a.png", data)).values()
    path = service.data / "blobs" / image_id[:2] / image_id
    path.rename(tmp_path / "elsewhere.png")
    path.symlink_to(tmp_path / "elsewhere.png")
    assert service.image(image_id).status == 500
    assert service.stop() == 0
    for command in ("verify", "rebuild"):
        ran = command_line(service.data, command)
        assert image_id in ran.stdout and "not a regular file" in ran.stdout, ran.stdout
    service = start()
    assert service.image(image_id).status == 404
    # The next upload of the same image puts a file in its place.
    service.upload(("a.png", data))
    assert service.image(image_id).body == data
    assert not path.is_symlink() and (tmp_path / "elsewhere.png").read_bytes() == data


@pytest.mark.parametrize("name", ["snapshot", "journal-", "lock"])
def test_a_catalog_file_that_is_a_symbolic_link_is_refused(
    start: Callable[..., Service], tmp_path: pathlib.Path, name: str
) -> None:
    service = start()
    service.upload(("a.png", images.png(3)))
    assert service.stop() == 0
    [path] = [path for path in service.data.iterdir() if path.name.startswith(name)]
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    before = (tmp_path / "elsewhere").read_bytes()
    ran = command_line(service.data, PORT=0)
    assert ran.returncode > 0 and "symbolic link" in ran.stderr, ran.stderr
    assert (tmp_path / "elsewhere").read_bytes() == before


def scrub_findings(service: Service) -> dict[str, int]:
    text = service.get("/metrics", service.key_field).body.decode()
    return {kind: int(count) for kind, count in (
        line.removeprefix('image_service_scrub_findings{kind="').split('"} ')
        for line in text.splitlines() if line.startswith("image_service_scrub_findings{"))}


def test_the_scrub_tells_of_a_damaged_and_a_missing_image_and_removes_nothing(
    start: Callable[..., Service]
) -> None:
    service = start(SCRUB_INTERVAL=1)
    damaged, missing, whole = (images.image_id(images.png(seed)) for seed in (1, 2, 3))
    service.upload(*((f"{seed}.png", images.png(seed)) for seed in (1, 2, 3)))
    folder = service.data / "blobs"
    (folder / missing[:2] / missing).unlink()
    path = folder / damaged[:2] / damaged
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    wanted = {"damaged": 1, "missing": 1, "untracked": 0}
    wait_until(lambda: scrub_findings(service) == wanted, 20, "the scrub has come round")
    assert path.read_bytes().endswith(b"?")
    assert f"image {damaged} is damaged" in service.log()
    assert f"image {missing} is missing" in service.log()
    assert service.image(whole).status == 200
    # The next upload of the same files mends them, and the scrub sees it.
    service.upload(*((f"{seed}.png", images.png(seed)) for seed in (1, 2)))
    sound = dict.fromkeys(wanted, 0)
    wait_until(lambda: scrub_findings(service) == sound, 20, "the scrub has come round again")
