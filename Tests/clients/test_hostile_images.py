"""Images that are made to cost: each is uploaded, decided in bounded time, and costs no memory.

What the readers make of them byte by byte is in Tests/ImageFormatTests; here it is what the process
needs for them, with the upload around it. The last line is for programs.
"""

import struct
import time
import zlib
from collections.abc import Callable, Iterator

import pytest

import forms
import images
from service import Service
from test_resources import MIB, ONLY_RELEASE, status_bytes

# The largest file here is of 24 MiB; nothing of it may stay in memory.
GROWTH_BYTES_MAX = 24 * MIB
SECONDS_MAX = 2
EXIF_BYTES = 24 * MIB
BOMB_PIXELS = 10_000


def chunk(kind: bytes, content: bytes, length: int | None = None) -> bytes:
    size = len(content) if length is None else length
    return struct.pack(">I", size) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(*chunks: bytes, width: int = 64, height: int = 48) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks)


def box(kind: bytes, content: bytes = b"", size: int | None = None) -> bytes:
    return struct.pack(">I", len(content) + 8 if size is None else size) + kind + content


def directory(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)


def tiff(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    return b"II*\0" + struct.pack("<I", 8) + directory(*entries, following=following)


def bomb() -> bytes:
    """A whole PNG whose 300 megabytes of pixels are all alike."""
    packer, row = zlib.compressobj(), bytes(3 * BOMB_PIXELS + 1)
    data = b"".join(packer.compress(row) for _ in range(BOMB_PIXELS)) + packer.flush()
    return png(chunk(b"IDAT", data), chunk(b"IEND", b""), width=BOMB_PIXELS, height=BOMB_PIXELS)


SIZE = ((256, 4, 1, 64), (257, 4, 1, 48))
FILE_TYPE = box(b"ftyp", b"heic\0\0\0\0mif1heic")


def hostile() -> Iterator[tuple[str, bytes, int]]:
    """Name, bytes, and the status that they get."""
    yield "bomb", bomb(), 200
    yield "png of 2^31-1", png(width=0x7FFFFFFF, height=0x7FFFFFFF), 200
    yield "tiff of 2^32-1", tiff((256, 4, 1, 0xFFFFFFFF), (257, 4, 1, 0xFFFFFFFF)), 200
    yield "gif of 65535", b"GIF89a" + b"\xff" * 4 + b"\xf7\0\0", 200
    yield "png chunk of 2^31-1", png(chunk(b"IDAT", b"x", 0x7FFFFFFF)), 200
    yield "png chunks without end", png() + bytes(12) * 400_000, 200
    yield "jpeg fill bytes", b"\xff\xd8" + b"\xff" * 4 * MIB, 415
    yield "jpeg segments", b"\xff\xd8" + b"\xff\xfe\0\x02" * MIB, 415
    yield "jpeg segment of nothing", b"\xff\xd8\xff\xe1\0\0" * 1000, 415
    yield "boxes in boxes", FILE_TYPE + b"".join(
        struct.pack(">I", 8 * (100_000 - depth)) + b"meta" for depth in range(100_000)), 415
    yield "boxes without end", FILE_TYPE + box(b"free") * 400_000, 415
    yield "box of 2^64-1", FILE_TYPE + struct.pack(">I4sQ", 1, b"free", 2**64 - 1), 415
    yield "tiff in a circle", tiff(*SIZE, (0x8769, 4, 1, 8), (0x014A, 4, 1, 8), following=8), 200
    yield "tiff chain", tiff(*SIZE, following=38) + b"".join(
        directory(following=38 + 6 * n) for n in range(1, 200_000)), 200
    for offset in (0, 8, 0x7FFFFFFF, 0xFFFFFFFF):
        # A model of four gigabytes, wherever it is said to be.
        block = tiff((0x0110, 2, 0xFFFFFFFF, offset))
        yield f"exif at {offset}", png(chunk(b"eXIf", block)), 200
        yield f"jpeg exif at {offset}", b"\xff\xd8" + images.segment(
            0xE1, b"Exif\0\0" + block) + images.jpeg_head()[2:], 200
    many = tiff(*[(0xC000, 4, 1, 8)] * 65_535)
    yield "megabytes of exif", png(chunk(b"eXIf", many + bytes(EXIF_BYTES - len(many)))), 200
    far = b"II*\0" + struct.pack("<I", EXIF_BYTES - 1000) + bytes(EXIF_BYTES - 8)
    yield "exif behind megabytes", png(chunk(b"eXIf", far)), 200


@ONLY_RELEASE
def test_hostile_images_cost_bounded_time_and_memory(
    start: Callable[..., Service], capsys: pytest.CaptureFixture[str]
) -> None:
    service = start()
    service.upload(("first.jpg", images.jpeg(1)))
    before, slowest, count, link = status_bytes(service, "VmHWM"), 0.0, 0, service.link()
    for name, data, status in hostile():
        body = forms.files((f"{name}.bin", data))
        begun = time.monotonic()
        answer = service.post(body, link=link)
        seconds = time.monotonic() - begun
        assert answer.status == status, (name, answer)
        assert seconds < SECONDS_MAX, (name, seconds)
        slowest, count = max(slowest, seconds), count + 1
        if status == 200:
            assert service.image(images.image_id(data)).body == data, name
    growth = status_bytes(service, "VmHWM") - before
    assert growth < GROWTH_BYTES_MAX, growth
    assert service.process.poll() is None
    with capsys.disabled():
        print(f"\nhostile images: bad inputs tried={count} slowest_ms={slowest * 1000:.0f} "
              f"memory_growth_kib={growth >> 10} limit_kib={GROWTH_BYTES_MAX >> 10}")
