"""Clients that load a server until it is killed, and the ledger of what they were told.

Each client has a connection and a random generator of its own. What it sends depends on its seed
alone, so that a run is repeated as far as threads and processes allow.
"""

import itertools
import pathlib
import random
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

# The tests' own clients: a second way to speak to the service would be a second thing to trust.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests" / "clients"))
import forms  # noqa: E402  (stands in the folder added above)
import images  # noqa: E402
from service import Service  # noqa: E402
from wire import Answer, Wire  # noqa: E402

# From one write of the server to many pieces of an upload.
JPEG_BYTES = (600, 5_000, 150_000)
BATCH_FILES_MAX = 8
# So few that two clients often send the same new image at the same time.
CONTESTED_IMAGES = 12
# Half of the reads are of these: their files were written a moment ago.
RECENT_IMAGES = 10


class Broken(Exception):
    """A promise that was not kept; the text says which."""


def picture(seed: int) -> bytes:
    """An image that the seed alone decides, so that no bytes need to be remembered."""
    chosen = random.Random(seed)
    kind = chosen.randrange(6)
    if kind == 0:
        return images.png(seed)
    if kind == 1:
        return images.gif(seed)
    return images.jpeg(seed, chosen.choice(JPEG_BYTES), make="Maker", model=f"Model {seed % 5}")


@dataclass
class Ledger:
    """What the clients of one data directory sent and what they were told.

    Clients write from threads of their own: every change is one operation on a list, set or
    dictionary, which Python does as a whole.
    """

    seeds: "itertools.count[int]"
    sent: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Seed and size of each image, by its id."""
    acknowledged: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    """The acknowledged ones, and those that a restart has shown: they have to stay as well."""
    names: list[str] = field(default_factory=list)
    """Those that are kept, in the order in which that became known; some more than once."""
    unanswered: list[frozenset[str]] = field(default_factory=list)
    """The images of each request that the last kill left without an answer."""
    links: list[str] = field(default_factory=list)
    reads: int = 0

    def new(self, seed: int | None = None) -> tuple[str, bytes]:
        """An image, written down as sent: its id and its bytes."""
        seed = next(self.seeds) if seed is None else seed
        data = picture(seed)
        image_id = images.image_id(data)
        self.sent[image_id] = (seed, len(data))
        return image_id, data

    def keep(self, image_ids: Iterable[str]) -> None:
        """Writes down images that have to be there from now on."""
        self.kept.update(image_ids)
        self.names.extend(image_ids)

    def again(self, image_id: str) -> tuple[str, bytes]:
        """An image that was sent before."""
        return image_id, picture(self.sent[image_id][0])


class Client:
    """Does its work on one connection again and again, until the server is gone."""

    def __init__(self, service: Service, ledger: Ledger, seed: str, killed: threading.Event):
        self.service, self.ledger, self.killed = service, ledger, killed
        self.random = random.Random(seed)
        self.wire = Wire(service.port)
        self.pending: frozenset[str] = frozenset()

    def __call__(self) -> None:
        with self.wire:
            try:
                while True:
                    self.work()
            except (OSError, AssertionError, ValueError) as failure:
                # The kill cuts an answer anywhere. Before it, each answer has to come.
                if not self.killed.is_set():
                    raise Broken(f"an answer did not come: {failure}") from failure
            if self.pending:
                self.ledger.unanswered.append(self.pending)

    def work(self) -> None:
        """One piece of work; whatever kind of client it is."""
        raise NotImplementedError

    def ask(self, method: str, target: str, *fields: str, body: bytes | None = None) -> Answer:
        """One request, which has to be answered with 200."""
        length = () if body is None else (f"Content-Length: {len(body)}",)
        self.wire.send_head(method, target, *fields, *length)
        if body:
            self.wire.send(body)
        answer = self.wire.receive(method)
        if answer.status != 200:
            raise Broken(f"{method} {target} was answered with {answer.status} {answer.body!r}")
        return answer

    def link(self) -> str:
        answer = self.ask("POST", "/api/generate-upload-link", self.service.key_field,
                          "Content-Type: application/json", body=b'{"expiry": 86400}')
        link = answer.json()["upload_url"]
        self.ledger.links.append(link)
        return link

    def upload(self, link: str, *files: tuple[str, bytes]) -> None:
        """Uploads images, and writes them down as acknowledged once they are."""
        named = {f"{number}.bin": file for number, file in enumerate(files)}
        body = forms.files(*((name, data) for name, (_, data) in named.items()))
        self.pending = frozenset(image_id for image_id, _ in files)
        answer = self.ask("POST", link, self.service.key_field,
                          f"Content-Type: {forms.CONTENT_TYPE}", body=body)
        if answer.json() != {name: image_id for name, (image_id, _) in named.items()}:
            raise Broken(f"an upload was answered with other ids: {answer.body!r}")
        self.ledger.acknowledged.update(self.pending)
        self.ledger.keep(self.pending)
        self.pending = frozenset()


class Single(Client):
    """Uploads new images one by one, all through one link."""

    def work(self) -> None:
        self.upload(self.ledger.links[0], self.ledger.new())


class Batch(Client):
    """Uploads several new images with each request: all of them are kept, or none."""

    def work(self) -> None:
        count = self.random.randint(2, BATCH_FILES_MAX)
        self.upload(self.ledger.links[0], *(self.ledger.new() for _ in range(count)))


class Duplicate(Client):
    """Uploads what is there, what others upload at this moment, and the same twice at once."""

    def __init__(self, *arguments, contested: list[int]):
        super().__init__(*arguments)
        self.contested = contested

    def work(self) -> None:
        old = self.ledger.again(self.random.choice(self.ledger.names))
        contested = self.ledger.new(self.random.choice(self.contested))
        self.upload(self.ledger.links[0], contested, old, contested)


class Linker(Client):
    """Asks for links, and uploads through each."""

    def work(self) -> None:
        self.upload(self.link(), self.ledger.new())


class Reader(Client):
    """Reads what was acknowledged, before as well as a moment ago."""

    def work(self) -> None:
        recent = self.random.random() < 0.5
        image_id = self.random.choice(self.ledger.names[-RECENT_IMAGES if recent else 0:])
        answer = self.ask("GET", f"/api/images/{image_id}")
        if images.image_id(answer.body) != image_id:
            raise Broken(f"other bytes were served as {image_id}")
        self.ledger.reads += 1


def clients(service: Service, ledger: Ledger, seed: str, killed: threading.Event) -> list[Client]:
    """The load of one round."""
    contested = list(itertools.islice(ledger.seeds, CONTESTED_IMAGES))

    def made(kind: type[Client], number: int, **more: object) -> Client:
        return kind(service, ledger, f"{seed} {kind.__name__} {number}", killed, **more)

    return [made(Single, 0), made(Single, 1), made(Batch, 0), made(Linker, 0), made(Reader, 0),
            *(made(Duplicate, number, contested=contested) for number in range(2))]
