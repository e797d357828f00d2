"""What a benchmark needs and does not find: Debian's packages, the programs in C, the seed's
Python, the executable under test. All of it ends up in .build/benchmark."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SOURCES = ROOT / "scripts" / "benchmark"
BUILD = ROOT / ".build" / "benchmark"
COMPILER = ["gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2"]
PROGRAMS = {
    "limit": (["limit.c"], ["-luv"]),
    "keep": (["keep.c"], ["-pthread", "-lcrypto"]),
    "load": (["load.c", "load_message.c"], []),
}


def install_missing() -> None:
    subprocess.run([ROOT / "scripts" / "install-missing", "--benchmarks"], check=True)


def compiled(name: str) -> pathlib.Path:
    """The program in C of that name, compiled when its source is newer."""
    sources, libraries = PROGRAMS[name]
    paths = [SOURCES / source for source in sources]
    program = BUILD / name
    newest = max(path.stat().st_mtime for path in [*paths, *SOURCES.glob("*.h")])
    if not program.exists() or program.stat().st_mtime < newest:
        BUILD.mkdir(parents=True, exist_ok=True)
        subprocess.run([*COMPILER, "-o", program, *paths, *libraries], check=True)
    return program


def seed_python() -> pathlib.Path:
    """A Python with the seed's packages, installed once."""
    folder, requirements = BUILD / "seed", SOURCES / "requirements.txt"
    stamp = folder / "requirements.installed"
    python = folder / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                        f"--requirement={requirements}"], stdin=subprocess.DEVNULL, check=True)
        stamp.write_text(requirements.read_text())
    return python


def release_build(product: str) -> pathlib.Path:
    build = ["swift", "build", "--package-path", ROOT, "-c", "release"]
    subprocess.run([*build, "--product", product], check=True, stdout=sys.stderr)
    shown = subprocess.run([*build, "--show-bin-path"], check=True, text=True, capture_output=True)
    return pathlib.Path(shown.stdout.strip()) / product


def stripped(program: pathlib.Path) -> pathlib.Path:
    """A copy that Debian 12's valgrind can read: it stumbles over DWARF 5."""
    copy = BUILD / "stripped" / program.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["strip", "--strip-debug", "-o", copy, program], check=True)
    return copy
