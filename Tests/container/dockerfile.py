"""Reads Dockerfiles, and decides as Docker does which files it gets to see."""

import pathlib
import re
import shlex
from dataclasses import dataclass, field


@dataclass
class Stage:
    """What stands between one FROM and the next, as pairs of instruction and arguments."""

    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def values(self, instruction: str) -> list[str]:
        return [arguments for name, arguments in self.steps if name == instruction]

    def pairs(self, instruction: str) -> dict[str, str]:
        """The NAME=VALUE words of all ENV, LABEL or ARG instructions."""
        words = [word for value in self.values(instruction) for word in shlex.split(value)]
        return dict(word.partition("=")[::2] for word in words)

    def copied(self) -> list[str]:
        """What is copied out of the checkout."""
        lines = [value for value in self.values("COPY") if "--from=" not in value]
        words = [[word for word in line.split() if not word.startswith("--")] for line in lines]
        return [source for line in words for source in line[:-1]]


def read(path: pathlib.Path) -> list[Stage]:
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE)
    stages: list[Stage] = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if not line.strip():
            continue
        name, arguments = line.split(None, 1)
        if name == "FROM":
            stages.append(Stage(arguments.split()[0]))
        else:
            stages[-1].steps.append((name, arguments.strip()))
    return stages


class Ignore:
    """A .dockerignore: the last pattern that fits a path, or a folder above it, decides.

    See https://docs.docker.com/build/concepts/context/#dockerignore-files.
    """

    def __init__(self, path: pathlib.Path):
        lines = [line.strip() for line in path.read_text().splitlines()]
        self.patterns = [line for line in lines if line and not line.startswith("#")]

    def excludes(self, path: str) -> bool:
        parts = path.split("/")
        ancestry = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        excluded = False
        for pattern in self.patterns:
            expression = self.expression(pattern.removeprefix("!").strip("/"))
            if any(re.fullmatch(expression, part) for part in ancestry):
                excluded = not pattern.startswith("!")
        return excluded

    @staticmethod
    def expression(pattern: str) -> str:
        pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
        known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
        return "".join(known.get(piece, re.escape(piece)) for piece in pieces)
