"""The page *Request smuggling* as data.

The page says how its tables are to be read; `Tests/TestSupport/SmugglingForm.swift` reads it, too.
"""

import pathlib
import re
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "Sources/HTTP1/Documentation.docc/RequestSmuggling.md"
PLACEHOLDER = "{form}"
ROW = re.compile(r"\| (.*) \| `(.*)` \| (.*) \| (.*) \| (.*) \|")
ESCAPE = re.compile(rb"\\(x[0-9a-f]{2}|[rnt0\\])")
SINGLE = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0", b"\\": b"\\"}


@dataclass(frozen=True)
class Form:
    """One row."""

    name: str
    form: bytes
    """The row's own bytes."""
    whole: bytes
    """All bytes of the connection."""
    targets: tuple[str, ...]
    answer: str


def unescaped(text: str) -> bytes:
    def byte(found: re.Match[bytes]) -> bytes:
        escape = found.group(1)
        return SINGLE.get(escape) or bytes([int(escape[1:], 16)])

    return ESCAPE.sub(byte, text.encode())


def forms() -> list[Form]:
    """All rows of the page."""
    found, section, frame = [], "", ""
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif PLACEHOLDER in line and "`" not in line:
            frame = line
        elif row := ROW.fullmatch(line):
            what, form, seen, answer, _ = row.groups()
            whole = unescaped(frame.replace(PLACEHOLDER, form))
            targets = tuple(re.findall("`([^`]*)`", seen))
            found.append(Form(f"{section}: {what}", unescaped(form), whole, targets, answer))
    return found
