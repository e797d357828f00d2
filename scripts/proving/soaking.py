"""Kills the real server at random moments, again and again, and holds it to its promises.

After each restart: every image that was acknowledged, or that an earlier restart has shown, is
served byte for byte; of a request without an answer all images are there or none; each image is
counted once; there is no file that no image is behind; links still work.
"""

import itertools
import pathlib
import random
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from proving.load import Broken, Ledger, clients

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests" / "clients"))
import forms  # noqa: E402  (stands in the folder added above)
import images  # noqa: E402
from service import Service, blobs, command_line, in_parallel, temporary_files  # noqa: E402
from wire import Wire  # noqa: E402

LOAD_SECONDS = (0.03, 0.35)
# A kill may come this much before the second at which the server begins its snapshot, or after.
AROUND_A_SNAPSHOT_SECONDS = (-0.02, 0.08)
SNAPSHOT_SECONDS = 1
# A start takes some 10 ms; every few rounds one is killed in the middle of its recovery.
RECOVERY_SECONDS = 0.015
RECOVERY_KILLS_EVERY = 4
VERIFY_EVERY = 10
# Every image is read after every kill: a directory that grew for ever would only be read.
ROUNDS_PER_DIRECTORY = 40
# Links of earlier rounds that are tried again after each kill; those of the last round all are.
OLDER_LINKS = 20
# Requests that go out before the first answer is read: thousands are read after each kill.
PIPELINED_READS = 32


@dataclass
class Tally:
    """What a soak has done, for its last line."""

    rounds: int = 0
    kills: int = 0
    snapshots_cut: int = 0
    """Kills that fell into the writing of a snapshot, or before its journals were removed."""
    acknowledged: int = 0
    links: int = 0
    reads: int = 0
    verified: int = 0
    lost: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """One line that a script can read."""
        return (f"rounds={self.rounds} kills={self.kills} snapshots_cut={self.snapshots_cut} "
                f"acknowledged={self.acknowledged} links={self.links} reads={self.reads} "
                f"verified={self.verified} broken={len(self.broken)} lost={self.lost}")


class Soak:
    """Rounds of load, kill, restart and check, until they are over or a promise is broken."""

    def __init__(self, folder: pathlib.Path, seed: int, say: Callable[[str], None] = print):
        self.folder, self.seed, self.say = folder, seed, say
        self.random = random.Random(seed)
        self.seeds = itertools.count(1)
        self.tally = Tally()

    def run(self, rounds: int, seconds: float | None = None) -> Tally:
        """Runs that many rounds, or as many as begin within the time."""
        end = None if seconds is None else time.monotonic() + seconds
        while self.tally.rounds < rounds and not self.is_over(end) and not self.tally.broken:
            count = min(ROUNDS_PER_DIRECTORY, rounds - self.tally.rounds)
            directory = Directory(self, self.folder / f"data-{self.tally.rounds}")
            try:
                directory.run(count, lambda: self.is_over(end))
            except (Broken, AssertionError, OSError) as failure:
                self.tally.broken.append(str(failure))
                self.say(f"BROKEN in round {self.tally.rounds}, seed={self.seed}: {failure}\n"
                         f"what is left of it: {directory.data}")
            finally:
                directory.close()
        return self.tally

    @staticmethod
    def is_over(end: float | None) -> bool:
        return end is not None and time.monotonic() >= end


class Directory:
    """One data directory, through many servers."""

    def __init__(self, soak: Soak, data: pathlib.Path):
        self.random, self.tally, self.data = soak.random, soak.tally, data
        self.seed = soak.seed
        self.ledger = Ledger(soak.seeds)
        self.service: Service | None = None
        self.links_checked = 0

    def run(self, rounds: int, is_over: Callable[[], bool]) -> None:
        """Runs rounds in it; throws at the first promise that is broken."""
        self.start(SNAPSHOT_INTERVAL=300)
        link = self.service.link()
        self.ledger.links.append(link)
        first = self.ledger.new()
        self.service.upload(("first", first[1]), link=link)
        self.ledger.acknowledged.add(first[0])
        self.ledger.keep([first[0]])
        for number in range(rounds):
            self.load_and_kill()
            # In every other round snapshots are written, and the kill comes about when one is.
            self.start(SNAPSHOT_INTERVAL=300 if number % 2 else SNAPSHOT_SECONDS)
            self.check()
            self.tally.rounds += 1
            is_last = number == rounds - 1 or is_over()
            if is_last or number % VERIFY_EVERY == VERIFY_EVERY - 1:
                self.verify()
            if is_last:
                break
        shutil.rmtree(self.data)

    def start(self, **settings: object) -> None:
        """Starts a server on the directory; now and then one is killed while it recovers."""
        self.settings = settings
        if self.tally.kills % RECOVERY_KILLS_EVERY == RECOVERY_KILLS_EVERY - 1:
            self.service = Service(self.data, **settings)
            time.sleep(self.random.uniform(0, RECOVERY_SECONDS))
            self.service.stop(signal.SIGKILL)
            self.tally.kills += 1
        self.service = Service(self.data, **settings)
        self.service.wait_until_ready()

    def close(self) -> None:
        """Ends what still runs, and counts what was done."""
        if self.service is not None:
            self.service.stop(signal.SIGKILL)
        self.tally.acknowledged += len(self.ledger.acknowledged)
        self.tally.links += len(self.ledger.links)
        self.tally.reads += self.ledger.reads

    def load_and_kill(self) -> None:
        """Lets clients work until the server is killed under them."""
        killed = threading.Event()
        seed = f"{self.seed} {self.tally.rounds}"
        self.ledger.unanswered.clear()
        with in_parallel(*clients(self.service, self.ledger, seed, killed)):
            try:
                time.sleep(self.load_seconds())
            finally:
                # Also when it is interrupted: the clients go on until the server is gone.
                killed.set()
                self.service.stop(signal.SIGKILL)
        self.tally.kills += 1
        is_cut = (self.data / "snapshot.tmp").exists() or len([*self.data.glob("journal-*")]) > 1
        self.tally.snapshots_cut += is_cut

    def load_seconds(self) -> float:
        if self.settings["SNAPSHOT_INTERVAL"] != SNAPSHOT_SECONDS:
            return self.random.uniform(*LOAD_SECONDS)
        age = time.monotonic() - self.service.started_at
        until_snapshot = SNAPSHOT_SECONDS - age % SNAPSHOT_SECONDS
        return max(until_snapshot + self.random.uniform(*AROUND_A_SNAPSHOT_SECONDS),
                   LOAD_SECONDS[0])

    def check(self) -> None:
        """Holds a server that was just started to everything that its clients were told."""
        if left := temporary_files(self.data):
            raise Broken(f"temporary files outlived the start: {left}")
        files = blobs(self.data)
        visible = self.visible()
        if missing := self.ledger.kept - visible:
            self.tally.lost += len(missing)
            raise Broken(f"{len(missing)} images were acknowledged and are lost: {missing}")
        # All of a request or none: what is there is what whole requests have brought.
        whole = [ids for ids in self.ledger.unanswered if ids <= visible]
        if half := visible - self.ledger.kept.union(*whole):
            raise Broken(f"half a request is visible: {half}")
        if files != visible:
            raise Broken(f"files without an image, or images without a file: {files ^ visible}")
        self.check_counts(visible)
        self.ledger.keep(visible - self.ledger.kept)
        self.check_links()

    def visible(self) -> set[str]:
        """Which of all images that were ever sent are served, each of them whole."""
        asked = list(self.ledger.kept.union(*self.ledger.unanswered))
        found = set()
        with Wire(self.service.port) as wire:
            for first in range(0, len(asked), PIPELINED_READS):
                some = asked[first:first + PIPELINED_READS]
                for image_id in some:
                    wire.send_head("GET", f"/api/images/{image_id}")
                for image_id in some:
                    answer = wire.receive()
                    if answer.status == 200 and images.image_id(answer.body) == image_id:
                        found.add(image_id)
                    elif answer.status != 404:
                        self.tally.lost += image_id in self.ledger.kept
                        raise Broken(f"{image_id} is served as {answer.status}, not whole")
        return found

    def check_counts(self, visible: set[str]) -> None:
        told = self.service.details()
        sizes = sum(self.ledger.sent[image_id][1] for image_id in visible)
        if (told["images"], told["bytes"]) != (len(visible), sizes):
            raise Broken(f"counted {told['images']} images of {told['bytes']} bytes, and not "
                         f"{len(visible)} of {sizes}")
        for group in ("formats", "days"):
            if sum(told[group].values()) != len(visible):
                raise Broken(f"{group} do not add up to {len(visible)}: {told[group]}")

    def check_links(self) -> None:
        """Uploads the first image again, through the links that no kill has met yet, and some."""
        older = self.ledger.links[:self.links_checked]
        older = self.random.sample(older, min(len(older), OLDER_LINKS))
        checked = [*older, *self.ledger.links[self.links_checked:]]
        self.links_checked = len(self.ledger.links)
        image_id, data = self.ledger.again(self.ledger.names[0])
        body = forms.files(("again", data))
        with Wire(self.service.port) as wire:
            for link in checked:
                wire.send_head("POST", link, self.service.key_field,
                               f"Content-Type: {forms.CONTENT_TYPE}",
                               f"Content-Length: {len(body)}")
                wire.send(body)
                answer = wire.receive()
                if (answer.status, answer.body) != (200, b'{"again":"%s"}' % image_id.encode()):
                    raise Broken(f"the link {link} is lost: {answer.status} {answer.body!r}")

    def verify(self) -> None:
        """Ends the server, and asks `verify`; every other time the end is a kill."""
        if self.tally.verified % 2:
            self.service.stop(signal.SIGKILL)
            self.tally.kills += 1
        elif status := self.service.stop():
            raise Broken(f"the server ended with status {status}")
        checked = command_line(self.data, "verify")
        if checked.returncode:
            raise Broken(f"verify: {checked.stdout}{checked.stderr}")
        self.tally.verified += 1
        self.start(**self.settings)
