"""Says what python-multipart makes of bodies, one line of JSON each, for DifferentialTests.swift.

Standard input: for each body three frames `[length: u32 LE][bytes]`, which are the boundary, the
size of the pieces to feed it in, as text, and the body. Bytes are Latin-1 in the answers.
"""

import json
import logging
import struct
import sys

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

# It warns about bytes behind the close delimiter, which some of the bodies have on purpose.
logging.disable(logging.CRITICAL)


class Recorder:
    """Collects what one parser calls back."""

    def __init__(self):
        self.parts = []
        self.header_name = b""
        self.header_value = b""
        self.ended = False

    def callbacks(self):
        return {
            "on_part_begin": lambda: self.parts.append({"content": ""}),
            "on_header_field": self.add_to_name,
            "on_header_value": self.add_to_value,
            "on_header_end": self.end_header,
            "on_part_data": self.add_content,
            "on_end": self.end,
        }

    def add_to_name(self, data, start, end):
        self.header_name += data[start:end]

    def add_to_value(self, data, start, end):
        self.header_value += data[start:end]

    def end_header(self):
        if self.header_name.lower() == b"content-disposition":
            options = parse_options_header(self.header_value)[1]
            for key in (b"name", b"filename"):
                if key in options:
                    self.parts[-1][key.decode()] = options[key].decode("utf-8")
        self.header_name = self.header_value = b""

    def add_content(self, data, start, end):
        self.parts[-1]["content"] += data[start:end].decode("latin-1")

    def end(self):
        self.ended = True


def parse(boundary, piece_bytes, body):
    recorder = Recorder()
    error = None
    try:
        parser = MultipartParser(boundary, recorder.callbacks())
        for start in range(0, len(body), piece_bytes):
            parser.write(body[start : start + piece_bytes])
        parser.finalize()
    except FormParserError as raised:
        error = str(raised)
    return {"parts": recorder.parts, "ended": recorder.ended, "error": error}


def read_frame():
    length = sys.stdin.buffer.read(4)
    return sys.stdin.buffer.read(*struct.unpack("<I", length)) if length else None


while (boundary := read_frame()) is not None:
    print(json.dumps(parse(boundary, int(read_frame()), read_frame())))
