"""Makes image files by code, each the smallest that is still what it says: the repository holds no
photographs. `seed` gives different bytes, hence another image id; the same seed the same bytes.
"""

import hashlib
import random
import struct
import zlib
from collections.abc import Iterator

JPEG_END = b"\xff\xd9"


def image_id(data: bytes) -> str:
    """The id that the service has to give these bytes."""
    return hashlib.sha256(data).hexdigest()


def random_bytes(count: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(count)


def exif_block(make: str | None, model: str | None) -> bytes:
    """A TIFF structure with one directory that names the camera (EXIF 2.32, section 4.6)."""
    entries = [(0x010F, make), (0x0110, model)]
    present = [(tag, value.encode() + b"\0") for tag, value in entries if value is not None]
    offset = 8 + 2 + 12 * len(present) + 4
    directory, values = struct.pack("<H", len(present)), b""
    for tag, value in present:
        # Values of up to four bytes stand in the entry itself; padding one makes it always longer.
        value = value.ljust(5, b"\0")
        directory += struct.pack("<HHII", tag, 2, len(value), offset + len(values))
        values += value
    return b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", 0) + values


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg_head(seed: int = 0, make: str | None = None, model: str | None = None,
              width: int = 16, height: int = 8) -> bytes:
    """Everything up to and including the start of scan, which may be followed by any filler."""
    head = b"\xff\xd8" + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
    if make is not None or model is not None:
        head += segment(0xE1, b"Exif\0\0" + exif_block(make, model))
    head += segment(0xFE, f"seed {seed}".encode())
    head += segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")
    return head + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")


def jpeg(seed: int = 0, size: int = 1000, **head: object) -> bytes:
    """A JPEG of exactly `size` bytes as far as its header goes; its scan is noise."""
    start = jpeg_head(seed, **head)
    noise = random_bytes(size - len(start) - len(JPEG_END), seed).replace(b"\xff", b"\xfe")
    return start + noise + JPEG_END


def jpeg_stream(seed: int, size: int, piece: int = 1 << 20) -> Iterator[bytes]:
    """The same in pieces, for files that are not to be held in memory."""
    start = jpeg_head(seed)
    yield start
    filler = random_bytes(piece, seed).replace(b"\xff", b"\xfe")
    left = size - len(start)
    while left > 0:
        yield filler[: min(piece, left)]
        left -= piece


def png(seed: int = 0, width: int = 4, height: int = 4) -> bytes:
    """A PNG that every decoder shows (PNG third edition, sections 5 and 11)."""
    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + random_bytes(3 * width, seed * 1000 + y) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def gif(seed: int = 0) -> bytes:
    """A GIF of one pixel with the seed in a comment extension (GIF89a, section 24)."""
    comment = f"seed {seed}".encode()
    return (b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff"
            + b"\x21\xfe" + bytes([len(comment)]) + comment + b"\0"
            + b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b")


def bmp(seed: int = 0) -> bytes:
    """A BMP of four pixels, 24 bits each."""
    pixels = random_bytes(6, seed) + b"\0\0" + random_bytes(6, seed + 1) + b"\0\0"
    info = struct.pack("<IiiHHIIiiII", 40, 2, 2, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) + info + pixels


NOT_AN_IMAGE = b"This is a text, whatever its name says.\n" * 10
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><script/></svg>'
