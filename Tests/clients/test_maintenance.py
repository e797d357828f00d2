"""`verify` and `rebuild`, on directories that the server made and on ones that were damaged."""

import os
import pathlib
import signal
from collections.abc import Callable

import pytest

import images
from service import Service, blobs, command_line

IMAGES = {images.image_id(data): data for data in (
    images.jpeg(1, 5000, make="SONY", model="ILCE-7M2"), images.png(2), images.gif(3),
    images.jpeg(4, 2_000_000))}


@pytest.fixture
def data(start: Callable[..., Service]) -> pathlib.Path:
    """A directory with four images, whose server has ended well."""
    service = start()
    for image_id, content in IMAGES.items():
        assert service.upload(("a", content)) == {"a": image_id}
    assert service.stop() == 0
    return service.data


def blob(data: pathlib.Path, image_id: str) -> pathlib.Path:
    return data / "blobs" / image_id[:2] / image_id


def verify_fails_naming(data: pathlib.Path, word: str, image_id: str) -> None:
    ran = command_line(data, "verify")
    assert ran.returncode > 0, ran.stdout
    said = ran.stdout + ran.stderr
    assert image_id in said and word in said.lower(), said


def test_verify_passes_on_what_the_server_made(data: pathlib.Path) -> None:
    ran = command_line(data, "verify")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_verify_passes_on_an_empty_directory(start: Callable[..., Service]) -> None:
    service = start()
    service.stop()
    assert command_line(service.data, "verify").returncode == 0


def test_verify_names_a_missing_file(data: pathlib.Path) -> None:
    image_id = next(iter(IMAGES))
    blob(data, image_id).unlink()
    verify_fails_naming(data, "missing", image_id)


def flip_a_bit(path: pathlib.Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_short(path: pathlib.Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


@pytest.mark.parametrize("damage", [flip_a_bit, cut_short])
def test_verify_names_a_damaged_file(
    data: pathlib.Path, damage: Callable[[pathlib.Path], None]
) -> None:
    image_id = next(iter(IMAGES))
    damage(blob(data, image_id))
    verify_fails_naming(data, "damaged", image_id)


def test_verify_names_an_untracked_file(data: pathlib.Path) -> None:
    content = images.png(77)
    path = blob(data, images.image_id(content))
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(content)
    verify_fails_naming(data, "untracked", images.image_id(content))


def catalog_files(data: pathlib.Path) -> list[pathlib.Path]:
    return [path for path in data.iterdir() if path.name.startswith(("snapshot", "journal-"))]


def damage_in_the_middle(data: pathlib.Path) -> None:
    for path in catalog_files(data):
        if path.stat().st_size > 100:
            flip_a_bit(path)


def lose_the_catalog(data: pathlib.Path) -> None:
    for path in catalog_files(data):
        path.unlink()


def test_a_damaged_catalog_is_refused_with_the_command_that_repairs_it(
    data: pathlib.Path
) -> None:
    damage_in_the_middle(data)
    ran = command_line(data, PORT=0)
    assert ran.returncode > 0
    assert "image-service rebuild" in ran.stderr, ran.stderr
    assert blobs(data) == set(IMAGES), "nothing was removed"


@pytest.mark.parametrize("damage", [damage_in_the_middle, lose_the_catalog, lambda data: None])
def test_rebuild_makes_the_catalog_from_the_files(
    data: pathlib.Path, start: Callable[..., Service], damage: Callable[[pathlib.Path], None]
) -> None:
    damage(data)
    ran = command_line(data, "rebuild")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    checked = command_line(data, "verify")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    service = start(data)
    for image_id, content in IMAGES.items():
        assert service.image(image_id).body == content
    details = service.details()
    assert details["images"] == len(IMAGES)
    assert details["bytes"] == sum(len(content) for content in IMAGES.values())
    assert details["formats"] == {"JPEG": 2, "GIF": 1, "PNG": 1}
    assert details["cameras"] == {"SONY - ILCE-7M2": 1}


def test_rebuild_does_not_take_in_a_damaged_file(
    data: pathlib.Path, start: Callable[..., Service]
) -> None:
    image_id = next(iter(IMAGES))
    flip_a_bit(blob(data, image_id))
    ran = command_line(data, "rebuild")
    assert image_id in ran.stdout + ran.stderr
    service = start(data)
    assert service.image(image_id).status == 404
    assert service.details()["images"] == len(IMAGES) - 1


def test_a_torn_tail_of_the_journal_is_no_damage(
    start: Callable[..., Service], tmp_path: pathlib.Path
) -> None:
    service = start()
    [image_id] = service.upload(("a.png", images.png(5))).values()
    service.stop(signal.SIGKILL)
    [journal] = [path for path in catalog_files(service.data) if path.stat().st_size
                 and path.name.startswith("journal-")]
    with open(journal, "ab") as file:
        file.write(b"\x01\x02\x03")
    assert command_line(service.data, "verify").returncode == 0
    service = start()
    assert service.image(image_id).status == 200


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_maintenance_is_refused_while_a_server_runs(
    start: Callable[..., Service], command: str
) -> None:
    service = start()
    ran = command_line(service.data, command)
    assert ran.returncode > 0 and str(service.data) in ran.stderr, ran.stderr
