"""One run of scripts/bench: who is measured where, and what has been found so far."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from benchmark.contestants import Place
from benchmark.loads import Load
from benchmark.turns import Experiment, Figure


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass
class Session:
    """What every case needs. `resources` ends the programs that cases share."""

    place: Place
    load: Load
    turns: int
    resources: ExitStack
    figures: list[Figure] = field(default_factory=list)
    samples: dict[str, dict] = field(default_factory=dict)
    shared: dict[str, object] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    next_serial: int = 1

    def take_turns(self, experiment: Experiment) -> None:
        self.figures += experiment.run(self.turns, say)
        self.samples[experiment.name] = experiment.as_json()

    def serial(self, count: int) -> int:
        """The first of `count` numbers for images that were never uploaded before."""
        first = self.next_serial
        self.next_serial += count
        return first

    def once(self, name: str, make: Callable[[], object]) -> object:
        """What cases share, made by the first that needs it."""
        if name not in self.shared:
            self.shared[name] = make()
        return self.shared[name]

    @contextmanager
    def fresh_place(self) -> Iterator[Place]:
        """An empty directory for one turn. What was written goes before the next one starts: it
        would have to wait for it otherwise."""
        place = self.place.under("turn")
        try:
            yield place
        finally:
            shutil.rmtree(place.directory)
            os.sync()


@dataclass(frozen=True)
class Case:
    """A piece of work that can be chosen with `--only`."""

    name: str
    run: Callable[[Session], None]
