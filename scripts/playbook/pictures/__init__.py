"""Pictures by code, for trying Image Service out without anybody's photographs.

Ten scenes, eight formats, a dozen cameras. A seed gives the same files, byte for byte, as long as
the packages of requirements.txt stay the same; another seed gives others.
"""

import pathlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from .cameras import CAMERAS, Camera, any_camera
from .files import FORMATS, SCENES, encode, huge_bmp, take

__all__ = [
    "CAMERAS", "Camera", "FORMATS", "Picture", "SCENES", "huge_bmp", "make_album", "make_pictures",
]

SIZE = (960, 640)
ALBUM_SIZE = (360, 240)
# Cameras number their files; ours begin here, the album's a thousand later.
FIRST_NUMBER = 4217
# Half of all pictures are JPEG, as out there; of the album's others each format has its share.
ALBUM_FORMATS = ("JPEG", "HEIF", "JPEG", "PNG", "JPEG", "WEBP", "JPEG", "AVIF", "JPEG", "TIFF")


@dataclass(frozen=True)
class Picture:
    """A file that was made, and what is in it."""

    path: pathlib.Path
    scene: str
    format: str
    camera: Camera | None

    @property
    def data(self) -> bytes:
        return self.path.read_bytes()


def make_pictures(folder: pathlib.Path, seed: int = 1,
                  size: tuple[int, int] = SIZE) -> list[Picture]:
    """One picture of each scene, so that each format occurs."""
    formats = [*FORMATS, "JPEG", "JPEG"]
    plan = zip(SCENES, formats, strict=True)
    work = [(number, scene, format_name) for number, (scene, format_name) in enumerate(plan)]
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda item: make_one(folder, seed, size, *item), work))


def make_album(folder: pathlib.Path, count: int = 40, seed: int = 1) -> Iterator[Picture]:
    """Small pictures in subfolders by month, as they come off a memory card, one by one."""
    scenes = list(SCENES)
    for number in range(count):
        month = folder / f"2024-{3 + number * 8 // count:02}"
        month.mkdir(parents=True, exist_ok=True)
        scene = scenes[(number * 7 + number // len(scenes)) % len(scenes)]
        format_name = ALBUM_FORMATS[number % len(ALBUM_FORMATS)]
        yield make_one(month, seed, ALBUM_SIZE, number + 1000, scene, format_name)


def make_one(folder: pathlib.Path, seed: int, size: tuple[int, int], number: int, scene: str,
             format_name: str) -> Picture:
    """Makes the picture that this seed has at this number."""
    rng = np.random.default_rng([seed, number])
    extension, has_exif = FORMATS[format_name]
    camera = any_camera(rng) if has_exif else None
    stem = camera.name.format(FIRST_NUMBER + number) if camera else f"{scene}-{number}"
    path = folder / f"{stem}.{extension}"
    path.write_bytes(encode(take(scene, rng, size), format_name, camera, rng))
    return Picture(path, scene, format_name, camera)
