#!/usr/bin/env python3
"""Makes photograph-like pictures by code: several formats, with the EXIF of several cameras.

Needs the packages of requirements.txt, which stands beside it.
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
from pictures import make_album, make_pictures  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path, help="where to put them; made when missing")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other pictures")
    parser.add_argument("--album", type=int, metavar="COUNT",
                        help="so many small ones in subfolders instead of ten large ones")
    arguments = parser.parse_args()
    if arguments.album is None:
        pictures = make_pictures(arguments.folder, arguments.seed)
    else:
        pictures = make_album(arguments.folder, arguments.album, arguments.seed)
    for picture in pictures:
        taken_with = picture.camera.title if picture.camera else "no camera"
        print(f"{picture.path}: {picture.format}, {picture.scene}, {taken_with}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
