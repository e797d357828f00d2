"""Files on disk for the tests to drag and choose."""

import pathlib
import struct

import images

# A directory with width and height (TIFF 6.0, section 2): a header that browsers do not decode.
TIFF = (b"II*\0" + struct.pack("<IH", 8, 2) + struct.pack("<HHII", 0x100, 4, 1, 640)
        + struct.pack("<HHII", 0x101, 4, 1, 480) + struct.pack("<I", 0))


def write(folder: pathlib.Path, **contents: bytes) -> list[pathlib.Path]:
    """Writes files; `a_png` becomes `a.png`."""
    paths = []
    for name, content in contents.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(content)
        paths.append(path)
    return paths


def three(folder: pathlib.Path, size: int = 300_000) -> list[pathlib.Path]:
    """Two photos of one camera, and a drawing; the photos are large enough to watch."""
    camera = {"make": "SONY", "model": "ILCE-7M2"}
    return write(folder, beach_jpg=images.jpeg(1, size, **camera),
                 forest_jpg=images.jpeg(2, size, **camera), plan_png=images.png(3, 64, 48))
