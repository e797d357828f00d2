"""Each rule of scripts/tidy fires on a small tree that breaks it, and on nothing else there."""

import pathlib
import subprocess
import sys

import pytest

from service import ROOT

MARK = "TO" + "DO"
CLEAN = {
    "README.md": "# Small\n",
    "Sources/HTTP1/Parser.swift": "struct Parser {\n    func next() -> Int { 1 }\n}\n",
    "Tests/HTTP1Tests/ParserTests.swift": "import HTTP1\n\nfunc check() { _ = Parser() }\n",
}


def swift_function(lines: int) -> str:
    body = "\n".join(f"        let value{number} = {number}" for number in range(lines - 2))
    return f"struct Parser {{\n    func long() {{\n{body}\n    }}\n}}\n"


UNSAFE = "struct Parser {\n    func read() {\n        unsafe pointer.pointee = 1\n    }\n}\n"
SOURCE = "Sources/HTTP1/Parser.swift"
# What is wrong: the files that are added or replaced, and the finding that has to come.
BROKEN: dict[str, tuple[dict[str, str], str]] = {
    "a file of 401 lines": (
        {SOURCE: CLEAN[SOURCE] + "// more\n" * 398}, f"{SOURCE}:401: 401 lines"),
    "a Swift function of 61 lines": ({SOURCE: swift_function(61)}, f"{SOURCE}:2: function of 61"),
    "a Python function of 61 lines": (
        {"scripts/a.py": "def a():\n" + "    pass\n" * 60}, "scripts/a.py:1: function of 61"),
    "a shell function of 61 lines": (
        {"scripts/a": "#!/usr/bin/env bash\na() {\n" + "    true\n" * 59 + "}\n"},
        "scripts/a:2: function of 61"),
    "a line of 101 columns": ({SOURCE: CLEAN[SOURCE] + "//" + "é" * 99 + "\n"},
                              f"{SOURCE}:4: 101 columns"),
    "an unfinished mark": ({SOURCE: CLEAN[SOURCE] + f"// {MARK}: later\n"}, f"{SOURCE}:4: {MARK}"),
    "CUV outside UV": ({SOURCE: "internal import CUV\n" + CLEAN[SOURCE]}, f"{SOURCE}:1: CUV"),
    "CReserve outside UV": (
        {SOURCE: "internal import CReserve\n" + CLEAN[SOURCE]}, f"{SOURCE}:1: CReserve"),
    "CEXIF outside its file": (
        {"Sources/ImageFormat/Parser.swift": "import CEXIF\n" + CLEAN[SOURCE]},
        "Sources/ImageFormat/Parser.swift:1: CEXIF"),
    "Foundation": (
        {"Tests/HTTP1Tests/ParserTests.swift": "import Foundation\nlet p = Parser.self\n"},
        "Tests/HTTP1Tests/ParserTests.swift:1: import FoundationEssentials"),
    "the system in a parser": ({SOURCE: "import Glibc\n" + CLEAN[SOURCE]}, f"{SOURCE}:1: Glibc"),
    "the system in a format file": (
        {"Sources/Catalog/JournalFormat.swift": "import Glibc\nstruct Parser {}\n"},
        "Sources/Catalog/JournalFormat.swift:1: Glibc"),
    "an import against the arrows": (
        {SOURCE: "package import struct UV.Loop\n" + CLEAN[SOURCE]}, f"{SOURCE}:1: HTTP1 may not"),
    "unsafe without a reason": ({SOURCE: UNSAFE}, f"{SOURCE}:3: unsafe without"),
    "unsafe with a reason in another function": (
        {SOURCE: UNSAFE.replace("{\n    func", "{\n    func a() {\n        // SAFETY: fine\n"
                                "        unsafe b()\n    }\n\n    func", 1)},
        f"{SOURCE}:8: unsafe without"),
    "an unexplained promise": (
        {SOURCE: CLEAN[SOURCE] + "\n\n\nextension Parser: @unchecked Sendable {}\n"},
        f"{SOURCE}:7: @unchecked Sendable without"),
    "an unexplained global": (
        {SOURCE: CLEAN[SOURCE] + "\n\n\nnonisolated(unsafe) var count = 0\n"},
        f"{SOURCE}:7: nonisolated(unsafe) without"),
    "a stranger at the top": ({"notes.txt": "hello\n"}, "notes.txt: not one of the top-level"),
    "a file over 1 MB": ({"openapi/big.json": "x" * 1_000_001}, "openapi/big.json: 1000001 bytes"),
    "a file name that says nothing": (
        {"Sources/HTTP1/StringUtils.swift": "extension Parser {}\n"},
        "Sources/HTTP1/StringUtils.swift: StringUtils says nothing"),
    "a type name that says nothing": (
        {SOURCE: CLEAN[SOURCE] + "final class ConnectionManager {}\n"},
        f"{SOURCE}:4: ConnectionManager says nothing"),
    "a source file without a test": (
        {"Sources/HTTP1/Framing.swift": "package enum Framing {}\n"},
        "Sources/HTTP1/Framing.swift: no Swift test mentions Framing"),
}
FINE = {
    "a file of 400 lines": {SOURCE: CLEAN[SOURCE] + "// more\n" * 397},
    "a function of 60 lines": {SOURCE: swift_function(60)},
    "a line of 100 columns": {SOURCE: CLEAN[SOURCE] + "//" + "é" * 98 + "\n"},
    "unsafe with its reason": {
        SOURCE: UNSAFE.replace("        unsafe", "        // SAFETY: it lives\n        unsafe")},
    "unsafe with the reason of its type": {
        SOURCE: UNSAFE.replace("{\n", "{\n    // SAFETY: valid until deinit\n    let p: P\n", 1)},
    "words in comments and strings": {
        SOURCE: CLEAN[SOURCE] + '// import Foundation, unsafe x\nlet a = "unsafe \\(b("}")) {"\n'
                'let c = #"""\nimport Foundation\nunsafe d {{{\n"""#\n/* /* import CUV */ { */\n'},
    "a promise with its reason": {
        SOURCE: CLEAN[SOURCE] + "// Only read after it is made.\n"
                "extension Parser: @unchecked Sendable {}\n"},
    "libexif in its file": {
        "Sources/ImageFormat/EXIF+libexif.swift": "import CEXIF\nextension Parser {}\n"},
    "the system in UV": {"Sources/UV/Loop.swift": "import CUV\nimport Glibc\nclass Parser {}\n"},
    "a type that only its own target can name": {
        "Sources/HTTP1/Framing.swift": "enum Framing {}\n"},
    "a long line in what a script wrote": {
        "Sources/Server/Generated/Document.swift": "let a = \"" + "b" * 200 + "\"\n"},
    "a requirement before a long type": {
        SOURCE: "protocol Parser {\n    func a() -> Int\n}\n" + swift_function(60)},
}


def tidy(folder: pathlib.Path, files: dict[str, str]) -> tuple[int, list[str]]:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    command = [sys.executable, ROOT / "scripts" / "tidy", folder]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout.splitlines()


@pytest.mark.parametrize("case", BROKEN)
def test_tidy_finds(tmp_path: pathlib.Path, case: str) -> None:
    files, finding = BROKEN[case]
    status, found = tidy(tmp_path, CLEAN | files)
    assert status == 1
    assert len(found) == 1 and found[0].startswith(finding), found


@pytest.mark.parametrize("case", FINE)
def test_tidy_accepts(tmp_path: pathlib.Path, case: str) -> None:
    assert tidy(tmp_path, CLEAN | FINE[case]) == (0, [])


def test_tidy_does_not_pass_on_nothing(tmp_path: pathlib.Path) -> None:
    assert tidy(tmp_path, {})[0] == 1
