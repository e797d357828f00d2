"""A server that is refused memory: it says so, goes on with what it has, loses nothing, and takes
uploads again when there is memory again."""

import pathlib
import random
import subprocess
import threading
from collections import Counter
from collections.abc import Callable

import pytest

import forms
import images
from service import Service, binary, command_line, environment, temporary_files
from wire import Answer, Wire, wait_until

KIB, MIB = 1 << 10, 1 << 20
# What is limited, and the line of /proc/<pid>/status that counts for it.
LIMITS = {"as": "VmSize", "data": "VmData"}
MARGINS = [0, 64 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB]
CROWD = 40
SIZES = (2_000, 300_000, 3_000_000)


def limit(service: Service, kind: str, margin: int | None) -> None:
    """Lets the server have so many bytes more than it has; lifts the limit with `None`."""
    pid, bound = service.process.pid, "unlimited"
    if margin is not None:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith(LIMITS[kind] + ":")]
        bound = str(int(line.split()[1]) * KIB + margin)
    done = subprocess.run(["prlimit", "--pid", str(pid), f"--{kind}={bound}:"],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"the limit of another process cannot be set: {done.stderr.strip()}")


class Crowd:
    """Many clients at once, each on a thread and a connection of its own."""

    def __init__(self, service: Service, link: str):
        self.service, self.link = service, link
        self.statuses: Counter = Counter()
        self.kept: dict[str, bytes] = {}

    def upload(self, data: bytes) -> None:
        answer = self.service.post(forms.files(("a.jpg", data)), link=self.link)
        self.note("upload", answer)
        if answer.status == 200:
            self.kept[images.image_id(data)] = data

    def get(self, image_id: str) -> None:
        answer = self.service.image(image_id)
        self.note("get", answer)
        if answer.status == 200:
            assert answer.body == self.kept[image_id]

    def note(self, what: str, answer: Answer) -> None:
        if answer.status != 200:
            assert answer.status == 503, answer
            assert answer.problem()["code"] == "out_of_memory"
            assert int(answer.headers["retry-after"]) > 0
        self.statuses[what, answer.status] += 1

    def send_heads(self) -> None:
        """Makes the server allocate what is small: connections with heads that do not end."""
        wires = [Wire(self.service.port) for _ in range(100)]
        for wire in wires:
            wire.send(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 6000)
        for wire in wires:
            wire.close()

    def come(self, seed: int) -> None:
        chance = random.Random(seed)
        old = list(self.kept)
        jobs = [(self.upload, images.jpeg(seed * 1000 + i, chance.choice(SIZES)))
                for i in range(CROWD)]
        jobs += [(self.get, chance.choice(old)) for _ in range(CROWD // 2)]
        jobs += [(self.send_heads,)] * 3
        chance.shuffle(jobs)
        threads = [threading.Thread(target=job[0], args=job[1:]) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answered = sum(self.statuses.values())
        assert answered == CROWD + CROWD // 2, f"not all were answered: {self.statuses}"


def nothing_is_lost(service: Service, kept: dict[str, bytes]) -> None:
    for image_id, data in kept.items():
        answer = service.image(image_id)
        assert (answer.status, answer.body) == (200, data)
    assert service.details()["images"] == len(kept)
    assert service.details()["bytes"] == sum(map(len, kept.values()))


@pytest.mark.parametrize("kind", LIMITS)
def test_a_crowd_at_a_memory_limit_is_answered_and_nothing_is_lost(
    start: Callable[..., Service], kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # One arena, or glibc has 64 MiB of address space for each thread that nobody can refuse.
    service = start(CACHE_BYTES=MIB, MALLOC_ARENA_MAX=1)
    link = service.link()
    refused = 0
    kept: dict[str, bytes] = {}
    for seed, margin in enumerate(MARGINS):
        crowd = Crowd(service, link)
        crowd.kept = kept
        for number in range(3):
            crowd.upload(images.jpeg(seed * 1000 + 900 + number, 300_000))
        crowd.statuses.clear()
        limit(service, kind, margin)
        crowd.come(seed)
        assert service.get("/healthz").status == 200
        assert service.get("/readyz").status in (200, 503)
        assert service.process.poll() is None
        refused += sum(n for (_, status), n in crowd.statuses.items() if status == 503)
        limit(service, kind, None)
        wait_until(lambda: service.get("/readyz").status == 200, 5, "there is memory again")
        crowd.upload(images.jpeg(seed * 1000 + 999, 3_000_000))
        nothing_is_lost(service, kept)
        assert not temporary_files(service.data)
    with capsys.disabled():
        print(f"\nmemory limits: kind={kind} limits={len(MARGINS)} acknowledged={len(kept)} "
              f"refused={refused} lost=0")
    assert refused > 0, "no limit was felt"
    assert service.stop() == 0
    checked = command_line(service.data, "verify")
    assert checked.returncode == 0, checked.stdout


def test_while_no_piece_can_be_had_it_is_not_ready(start: Callable[..., Service]) -> None:
    service = start(WORKERS=1, CACHE_BYTES=4 * MIB)
    hot, cold = images.jpeg(1, 100_000), images.jpeg(2, 3_000_000)
    [hot_id] = service.upload(("a.jpg", hot)).values()
    [cold_id] = service.upload(("b.jpg", cold)).values()
    assert service.image(hot_id).body == hot
    link = service.link()
    body = forms.files(("c.jpg", images.jpeg(3, 5_000_000)))
    limit(service, "data", 0)
    # Uploads that stop half-way hold pieces until there are no more.
    held = []

    def is_out_of_memory() -> bool:
        wire = Wire(service.port)
        held.append(wire)
        fields = (service.key_field, f"Content-Length: {len(body)}",
                  f"Content-Type: {forms.CONTENT_TYPE}")
        wire.send_head("POST", link, *fields)
        wire.send(body[:200_000])
        answers = [service.get("/readyz"), service.post(body, link=link)]
        for answer in answers:
            assert answer.status == 200 or answer.problem()["code"] == "out_of_memory", answer
        return all(answer.status == 503 for answer in answers)

    try:
        wait_until(is_out_of_memory, 20, "all pieces are taken")
        assert service.get("/healthz").status == 200
        for image_id, data in ((hot_id, hot), (cold_id, cold)):
            answer = service.image(image_id)
            assert answer.status == 503 or answer.body == data
    finally:
        for wire in held:
            wire.close()
    limit(service, "data", None)
    wait_until(lambda: service.get("/readyz").status == 200, 5, "there is memory again")
    service.upload(("c.jpg", images.jpeg(3, 5_000_000)), link=link)
    for image_id, data in ((hot_id, hot), (cold_id, cold)):
        assert service.image(image_id).body == data


@pytest.mark.parametrize("command", ["serve", "verify", "rebuild", "stats"])
def test_a_command_without_memory_says_so_and_damages_nothing(
    start: Callable[..., Service], command: str
) -> None:
    service = start()
    for seed in range(5):
        service.upload((f"{seed}.jpg", images.jpeg(seed, 300_000)))
    assert service.stop() == 0
    # A server that starts is ended by `timeout`, which says 124 then; a command ends by itself.
    well = 124 if command == "serve" else 0
    failed = 0
    for mebibytes in (18, 22, 24, 26, 28, 30, 40, 60, 80, 120, 200, 300, 600, 2_000):
        ran = subprocess.run(
            ["prlimit", f"--as={mebibytes * MIB}", "timeout", "-s", "KILL", "-k", "0", "10",
             binary(), command] if command != "serve" else
            ["prlimit", f"--as={mebibytes * MIB}", "timeout", "2", binary(), command],
            env=environment(service.data, PORT=0, SWIFT_BACKTRACE="enable=no"),
            capture_output=True, text=True, check=False)
        if ran.returncode in (well, 0):
            break
        failed += 1
        assert ran.stderr.strip(), f"{mebibytes} MiB: {ran}"
    else:
        raise AssertionError(f"not even with 2,000 MiB: {ran}")
    assert failed > 0, "no limit was felt"
    checked = command_line(service.data, "verify")
    assert checked.returncode == 0 and "5 files read" in checked.stdout, checked
