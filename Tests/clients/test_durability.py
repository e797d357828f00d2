"""What was acknowledged survives: a restart, and a kill in the middle of everything."""

import itertools
import pathlib
import random
import signal
import time
from collections.abc import Callable

import forms
import images
from service import Service, blobs, command_line, in_parallel, temporary_files
from wire import exchange

KILL_ROUNDS = 24
UPLOADERS = 4


def test_a_restart_keeps_everything(start: Callable[..., Service]) -> None:
    service = start()
    stored = {images.image_id(data): data for data in (images.png(seed) for seed in range(20))}
    stored |= {images.image_id(data): data for data in (images.jpeg(7, 3_000_000),)}
    link = service.link()
    for data in stored.values():
        service.upload(("a", data), link=link)
    before = {image_id: service.image(image_id).headers["last-modified"] for image_id in stored}
    for ending in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
        service.stop(ending)
        service = start()
        for image_id, data in stored.items():
            answer = service.image(image_id)
            assert (answer.status, answer.body) == (200, data)
            assert answer.headers["last-modified"] == before[image_id]
        assert service.details()["images"] == len(stored)


class Uploader:
    """Uploads one to three new images at a time until the server is gone; remembers the answers."""

    def __init__(self, service: Service, link: str, seeds: itertools.count):
        self.service, self.link, self.seeds = service, link, seeds
        self.acknowledged: list[list[str]] = []
        self.unanswered: list[list[str]] = []

    def __call__(self) -> None:
        while True:
            count = random.randint(1, 3)
            named = [(f"{seed}.jpg", images.jpeg(seed, random.choice([600, 5_000, 150_000])))
                     for seed in itertools.islice(self.seeds, count)]
            ids = [images.image_id(data) for _, data in named]
            try:
                answer = exchange(self.service.port, "POST", self.link, self.service.key_field,
                                  f"Content-Type: {forms.CONTENT_TYPE}", body=forms.files(*named))
            except (OSError, AssertionError):
                self.unanswered.append(ids)
                return
            assert answer.status == 200, answer
            assert list(answer.json().values()) == ids
            self.acknowledged.append(ids)


def check_after_kill(service: Service, acknowledged: list[str], unanswered: list[list[str]]) -> int:
    """Every promise kept, nothing else visible; gives how many images are visible."""
    assert not temporary_files(service.data), "a temporary file outlived the start"
    for image_id in acknowledged:
        answer = service.image(image_id)
        assert answer.status == 200, f"{image_id} was acknowledged and is lost"
        assert images.image_id(answer.body) == image_id
    visible = set(acknowledged)
    for ids in unanswered:
        statuses = [service.image(image_id).status for image_id in ids]
        # The kill may fall between the commit and its answer, but never inside the commit.
        assert statuses in ([200] * len(ids), [404] * len(ids)), "half a request is visible"
        visible |= set(ids) if statuses[0] == 200 else set()
    assert service.details()["images"] == len(visible), "counted once each"
    assert blobs(service.data) == visible, "a file that no image is behind"
    return len(visible)


def test_kill_9_in_the_middle_of_concurrent_uploads(
    start: Callable[..., Service], tmp_path: pathlib.Path
) -> None:
    random.seed(20240506)
    data = tmp_path / "data"
    seeds = itertools.count(1)
    service = start(data)
    # A link of its own for the whole test: links, too, have to survive.
    link = service.link(expiry=3600)
    acknowledged: list[str] = []
    unanswered: list[list[str]] = []
    for round_number in range(KILL_ROUNDS):
        uploaders = [Uploader(service, link, seeds) for _ in range(UPLOADERS)]
        with in_parallel(*uploaders):
            time.sleep(random.uniform(0.03, 0.35))
            service.stop(signal.SIGKILL)
        for uploader in uploaders:
            acknowledged += itertools.chain.from_iterable(uploader.acknowledged)
            unanswered += uploader.unanswered
        # Every other round snapshots every second, so that some kills fall into one.
        service = start(data, SNAPSHOT_INTERVAL=1 if round_number % 2 else 300)
        visible = check_after_kill(service, acknowledged, unanswered)
    assert len(acknowledged) > KILL_ROUNDS, "the rounds were too short to mean anything"
    assert service.stop() == 0
    checked = command_line(data, "verify")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert visible >= len(acknowledged)
