"""Writes pictures as the files that cameras and programs make of them."""

import io
import struct
from collections.abc import Callable, Iterator

import numpy as np
import pillow_heif
from PIL import Image

from . import landscapes, studies
from .cameras import Camera, exif
from .light import Array, develop

pillow_heif.register_heif_opener()

SCENES: dict[str, Callable[[np.random.Generator, int, int], Array]] = {
    "mountains": landscapes.mountains, "flower": studies.flower, "lake": landscapes.lake,
    "city": studies.city, "sea": landscapes.sea, "spheres": studies.spheres,
    "bokeh": studies.bokeh, "dunes": landscapes.dunes, "forest": landscapes.forest,
    "stars": landscapes.stars,
}
# What Pillow calls the format → extension, and whether it can carry EXIF at all.
FORMATS: dict[str, tuple[str, bool]] = {
    "JPEG": ("jpg", True), "HEIF": ("heic", True), "PNG": ("png", True), "WEBP": ("webp", True),
    "AVIF": ("avif", True), "TIFF": ("tif", True), "GIF": ("gif", False), "BMP": ("bmp", False),
}
GIF_FRAMES = 8
GIF_FRAME_MS = 120


def take(scene: str, rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """A picture of a scene."""
    return develop(SCENES[scene](rng, *size), rng)


def encode(picture: Image.Image, format_name: str, camera: Camera | None,
           rng: np.random.Generator) -> bytes:
    """The picture as a file, with the camera's EXIF where the format has a place for it."""
    options: dict[str, object] = {}
    if camera and FORMATS[format_name][1]:
        # As bytes: each format wants them in a place of its own (JPEG APP1, PNG eXIf, WEBP EXIF,
        # the Exif item of HEIF and AVIF), and Pillow knows them all. TIFF has its own directory for
        # it, which Pillow writes with this much in it only where nothing is compressed.
        options["exif"] = exif(camera, picture.size, rng).tobytes()
    if format_name in ("JPEG", "WEBP", "HEIF", "AVIF"):
        options["quality"] = {"JPEG": 90, "WEBP": 85, "HEIF": 70, "AVIF": 70}[format_name]
    if format_name == "AVIF":
        # Of its speeds the fastest: the playbook's reader waits for it.
        options["speed"] = 10
    if format_name == "GIF":
        picture = picture.reduce(2)
        options |= {"save_all": True, "append_images": dimmed(picture), "loop": 0,
                    "duration": GIF_FRAME_MS}
    file = io.BytesIO()
    picture.save(file, format_name, **options)
    return file.getvalue()


def dimmed(picture: Image.Image) -> list[Image.Image]:
    """Frames in which the light goes down and up again, so that the GIF is one that moves."""
    waves = [0.5 + 0.5 * np.cos(2 * np.pi * n / GIF_FRAMES) for n in range(1, GIF_FRAMES)]
    return [picture.point([round(value * (0.55 + 0.45 * wave)) for value in range(256)] * 3)
            for wave in waves]


def huge_bmp(width: int, height: int, rows: int = 100) -> Iterator[bytes]:
    """An uncompressed picture in stripes of a few rows: its maker never holds it, nor need anybody.

    BMP stores rows from the bottom up, in blue, green, red. `width` must be a multiple of four, so
    that rows need no padding.
    """
    pixels = 3 * width * height
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, pixels, 2835, 2835, 0, 0)
    yield b"BM" + struct.pack("<IHHI", 54 + pixels, 0, 0, 54) + info
    x = np.linspace(0, 255, width)
    for first in range(0, height, rows):
        y = np.linspace(0, 1, height)[first:first + rows, None]
        stripe = np.empty((len(y), width, 3), np.uint8)
        stripe[..., 0] = 90 + 120 * y
        stripe[..., 1] = 60 + x * 0.4 + 60 * y
        stripe[..., 2] = 255 - x * 0.7 - 40 * y
        yield stripe.tobytes()
