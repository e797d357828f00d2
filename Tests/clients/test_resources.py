"""What the process needs: memory that is bounded, no processor when idle, a quick start."""

import hashlib
import os
import pathlib
import re
import socket
import statistics
import time
from collections.abc import Callable

import pytest

import forms
import images
import service as services
from service import Service, in_parallel
from wire import Wire, exchange, wait_until

MIB = 1 << 20
GIB = 1 << 30
ONLY_RELEASE = pytest.mark.skipif(
    "release" not in str(services.binary()), reason="a promise about the release build")


def status_bytes(service: Service, name: str) -> int:
    """A size from /proc, such as `VmHWM`, the most memory that was resident at any time."""
    text = pathlib.Path(f"/proc/{service.process.pid}/status").read_text()
    return int(re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE).group(1)) * 1024


def cpu_ticks(service: Service) -> int:
    """Clock ticks spent so far, in user and kernel mode."""
    stat = pathlib.Path(f"/proc/{service.process.pid}/stat").read_text()
    fields = stat.rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def upload_stream(service: Service, link: str, seed: int, size: int) -> str:
    """Uploads a file that is never in memory as a whole; gives its id."""
    digest = hashlib.sha256()

    def hashed():
        for piece in images.jpeg_stream(seed, size):
            digest.update(piece)
            yield piece

    with Wire(service.port) as wire:
        wire.socket.settimeout(300)
        wire.send_head("POST", link, service.key_field, f"Content-Type: {forms.CONTENT_TYPE}",
                       f"Content-Length: {forms.stream_length('big.jpg', size)}")
        for piece in forms.stream("big.jpg", hashed()):
            wire.send(piece)
        answer = wire.receive()
    assert answer.status == 200, answer
    assert answer.json() == {"big.jpg": digest.hexdigest()}
    return digest.hexdigest()


def download_digest(service: Service, image_id: str, size: int) -> str:
    digest = hashlib.sha256()
    with Wire(service.port) as wire:
        wire.socket.settimeout(300)
        wire.send_head("GET", f"/api/images/{image_id}", "Connection: close")
        assert wire.file.readline().startswith(b"HTTP/1.1 200")
        while wire.file.readline() not in (b"\r\n", b""):
            pass
        received = 0
        while piece := wire.file.read(MIB):
            digest.update(piece)
            received += len(piece)
    assert received == size
    return digest.hexdigest()


def test_a_file_of_two_gib_needs_less_than_64_mib_of_memory(start: Callable[..., Service]) -> None:
    service = start(MAX_FILE_BYTES=4 * GIB, MAX_REQUEST_BYTES=4 * GIB)
    image_id = upload_stream(service, service.link(), 1, 2 * GIB)
    peak_after_upload = status_bytes(service, "VmHWM")
    assert download_digest(service, image_id, 2 * GIB) == image_id
    assert peak_after_upload < 64 * MIB
    assert status_bytes(service, "VmHWM") < 64 * MIB, "serving it needs no more"


def test_64_parallel_uploads_of_16_mib_need_less_than_128_mib(
    start: Callable[..., Service]
) -> None:
    service = start(MAX_UPLOADS=100)
    link = service.link()
    with in_parallel(*(lambda seed=seed: upload_stream(service, link, seed, 16 * MIB)
                       for seed in range(64))):
        pass
    assert service.details()["images"] == 64
    assert status_bytes(service, "VmHWM") < 128 * MIB


@ONLY_RELEASE
def test_an_idle_server_uses_no_processor_and_less_than_20_mib(
    start: Callable[..., Service]
) -> None:
    service = start()
    service.upload(("a.png", images.png(1)))
    time.sleep(1)  # what the upload left to do in the background has its chance
    before = cpu_ticks(service)
    time.sleep(5)
    assert cpu_ticks(service) - before <= 1, "one tick is what the clock itself may be off by"
    assert status_bytes(service, "VmRSS") < 20 * MIB


@ONLY_RELEASE
def test_the_first_answer_comes_within_100_ms_of_the_start(tmp_path: pathlib.Path) -> None:
    waits = []
    for number in range(5):
        # Once the executable has been read from the disk, the median tells what starting costs.
        running = Service(tmp_path / f"data{number}", PORT=services.free_port())
        try:
            while True:
                try:
                    with socket.create_connection(("127.0.0.1", running.port), timeout=5):
                        pass
                    assert exchange(running.port, "GET", "/healthz").status == 200
                    break
                except ConnectionRefusedError:
                    assert time.monotonic() - running.started_at < 5, running.log()
                    time.sleep(0.001)
            waits.append(time.monotonic() - running.started_at)
        finally:
            running.stop()
    assert statistics.median(waits) < 0.100, waits


def test_slow_readers_do_not_fill_the_memory(start: Callable[..., Service]) -> None:
    service = start(SHUTDOWN_TIMEOUT=1)
    image_id = upload_stream(service, service.link(), 3, 64 * MIB)
    before = status_bytes(service, "VmHWM")
    readers = [Wire(service.port) for _ in range(32)]
    for reader in readers:
        reader.send_head("GET", f"/api/images/{image_id}")
    for reader in readers:
        assert reader.file.readline().startswith(b"HTTP/1.1 200")
    assert status_bytes(service, "VmHWM") - before < 64 * MIB
    for reader in readers:
        reader.close()


def test_hundreds_of_slow_readers_share_a_budget(start: Callable[..., Service]) -> None:
    service = start(SHUTDOWN_TIMEOUT=1, WORKERS=1, MAX_CONNECTIONS=2000, LOG_LEVEL="notice")
    image_id = upload_stream(service, service.link(), 5, 32 * MIB)
    before = status_bytes(service, "VmRSS")
    readers = []
    for _ in range(600):
        reader = Wire(service.port)
        reader.send_head("GET", f"/api/images/{image_id}")
        readers.append(reader)
    for reader in readers:
        assert reader.file.readline().startswith(b"HTTP/1.1 200")
    wait_until(lambda: service.get("/healthz").status == 200, 5, "everybody was served")
    # 64 MiB of large pieces, then 16 KiB a reader; with two large ones each it were 300 MiB.
    assert status_bytes(service, "VmHWM") - before < 110 * MIB
    for reader in readers:
        reader.close()


def test_images_that_slow_readers_keep_alive_share_a_budget(start: Callable[..., Service]) -> None:
    service = start(SHUTDOWN_TIMEOUT=1, WORKERS=1, CACHE_BYTES=64 * MIB, LOG_LEVEL="notice")
    link, readers = service.link(), []
    ids = [upload_stream(service, link, 100 + seed, 7 * MIB) for seed in range(60)]
    before = status_bytes(service, "VmRSS")
    for image_id in ids:
        # Several ranges, so that copies of them would show as well.
        for field in ("X-Whole: yes", "Range: bytes=0-0,2-7000000"):
            reader = Wire(service.port)
            reader.send_head("GET", f"/api/images/{image_id}", field)
            assert reader.file.readline().startswith(b"HTTP/1.1 20")
            readers.append(reader)
    # The cache, as much besides, and pieces; all 60 images would be 420 MiB, with copies 840.
    assert status_bytes(service, "VmHWM") - before < (64 + 64 + 64 + 16) * MIB
    for reader in readers:
        reader.close()


def test_pipelines_that_wait_cost_little(start: Callable[..., Service]) -> None:
    service = start(SHUTDOWN_TIMEOUT=1, WORKERS=1, LOG_LEVEL="notice")
    image_id = upload_stream(service, service.link(), 6, 32 * MIB)
    before = status_bytes(service, "VmRSS")
    first = f"GET /api/images/{image_id} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    clients = []
    for _ in range(200):
        client = Wire(service.port)
        client.socket.setblocking(False)
        client.socket.send(first + b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 8000)
        clients.append(client)
    wait_until(lambda: service.get("/healthz").status == 200, 5, "they wait")
    assert status_bytes(service, "VmHWM") - before < 100 * MIB, "reads of 256 KiB would be 50 more"
    for client in clients:
        client.close()


def test_large_images_read_side_by_side_do_not_mix(start: Callable[..., Service]) -> None:
    service = start()
    link, size = service.link(), 20 * MIB
    ids = [upload_stream(service, link, seed, size) for seed in range(4)]

    def read(image_id: str) -> None:
        assert download_digest(service, image_id, size) == image_id

    with in_parallel(*(lambda image_id=image_id: read(image_id) for image_id in ids * 4)):
        pass


def test_a_slow_upload_delays_nobody(start: Callable[..., Service]) -> None:
    service = start(WORKERS=1)
    [image_id] = service.upload(("a.png", images.png(4))).values()
    link = service.link()
    slow = []
    for seed in range(20):
        wire = Wire(service.port)
        wire.send_head("POST", link, service.key_field, f"Content-Type: {forms.CONTENT_TYPE}",
                       "Content-Length: 10000000")
        wire.send(forms.Part(b"", "a.jpg").head() + images.jpeg_head(seed) + os.urandom(50_000))
        slow.append(wire)
    started = time.monotonic()
    for _ in range(50):
        assert service.image(image_id).status == 200
    assert time.monotonic() - started < 5
    for wire in slow:
        wire.close()
