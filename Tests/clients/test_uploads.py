"""What an upload takes, what it answers, and what it leaves behind."""

import socket
from collections.abc import Callable

import pytest

import forms
import images
from forms import Part
from service import Service, blobs, temporary_files
from wire import Wire, wait_until


def chunked(service: Service, body: bytes, size: int, *fields: str) -> Wire:
    """Sends a body in chunks of that many bytes and leaves the connection for the answer."""
    wire = Wire(service.port)
    wire.send_head("POST", service.link(), service.key_field,
                   f"Content-Type: {forms.CONTENT_TYPE}", "Transfer-Encoding: chunked", *fields)
    for start in range(0, len(body), size):
        wire.send_chunk(body[start : start + size])
    return wire


@pytest.mark.parametrize("size", [1, 7, 4096, 10**6])
def test_chunked_bodies_work_in_chunks_of_any_size(service: Service, size: int) -> None:
    data = images.png(1000 + size % 999, 32, 32)
    with chunked(service, forms.files(("a.png", data)), size) as wire:
        wire.send(b"0\r\nX-Trailer: ignored\r\n\r\n")
        assert wire.receive().json() == {"a.png": images.image_id(data)}
        wire.send_head("GET", "/healthz")
        assert wire.receive().status == 200, "the connection lives on"


def test_expect_100_continue_gets_a_go_ahead_and_then_the_answer(service: Service) -> None:
    data = images.png(21)
    body = forms.files(("a.png", data))
    with Wire(service.port) as wire:
        wire.send_head("POST", service.link(), service.key_field, "Expect: 100-continue",
                       f"Content-Type: {forms.CONTENT_TYPE}", f"Content-Length: {len(body)}")
        assert wire.receive().status == 100
        wire.send(body)
        assert wire.receive().json() == {"a.png": images.image_id(data)}


REFUSALS_BEFORE_THE_BODY = {
    "a wrong key": (401, {"key": "x-api-key: wrong"}),
    "no such link": (404, {"link": "/api/upload-images/00000000-0000-4000-8000-000000000000"}),
    "not multipart": (415, {"type": "application/json"}),
    "too large": (413, {"length": 10**15}),
}


@pytest.mark.parametrize("case", REFUSALS_BEFORE_THE_BODY)
def test_expect_100_continue_is_refused_before_the_body(service: Service, case: str) -> None:
    status, change = REFUSALS_BEFORE_THE_BODY[case]
    with Wire(service.port) as wire:
        wire.send_head("POST", change.get("link") or service.link(),
                       change.get("key", service.key_field), "Expect: 100-continue",
                       f"Content-Type: {change.get('type', forms.CONTENT_TYPE)}",
                       f"Content-Length: {change.get('length', 1000)}")
        answer = wire.receive()
        assert answer.status == status, answer
        answer.problem()


def test_a_refused_body_is_not_read(service: Service) -> None:
    with Wire(service.port) as wire:
        wire.send_head("POST", service.link(), "x-api-key: wrong",
                       f"Content-Type: {forms.CONTENT_TYPE}", "Content-Length: 1000000000")
        assert wire.receive().status == 401
        assert wire.is_closed_within(10)


FILENAMES = {
    "UTF-8": ("Überraschung 東京 🗼.png", None),
    "a path, which stays a key": ("../../etc/passwd", None),
    "filename* of RFC 8187": ("€ rates.png", 'name="image_files"; filename="EURO rates.png"; '
                              "filename*=UTF-8''%e2%82%ac%20rates.png"),
    "a quoted pair": ('a"b.png', 'name="image_files"; filename="a\\"b.png"'),
    "a token": ("plain.png", "name=image_files; filename=plain.png"),
}


@pytest.mark.parametrize("case", FILENAMES)
def test_the_key_is_the_filename_as_sent(service: Service, case: str) -> None:
    filename, disposition = FILENAMES[case]
    data = images.png(30)
    part = Part(data, filename, disposition=disposition)
    answer = service.post(forms.form(part))
    assert answer.status == 200, answer
    assert answer.json() == {filename: images.image_id(data)}


def test_the_same_filename_with_different_bytes_is_numbered(service: Service) -> None:
    first, second, third = images.png(41), images.png(42), images.png(43)
    named = service.upload(("a.png", first), ("a.png", second), ("a.png", third))
    assert list(named.items()) == [
        ("a.png", images.image_id(first)),
        ("a.png (2)", images.image_id(second)),
        ("a.png (3)", images.image_id(third)),
    ]


def test_the_same_filename_with_the_same_bytes_is_one_key(service: Service) -> None:
    data, other = images.png(44), images.png(45)
    named = service.upload(("a.png", data), ("a.png", data), ("a.png", other), ("a.png", other))
    assert named == {"a.png": images.image_id(data), "a.png (2)": images.image_id(other)}


def test_the_same_image_again_is_the_same_id_and_counts_once(
    start: Callable[..., Service]
) -> None:
    service = start()
    data = images.jpeg(50, make="SONY", model="ILCE-7M2")
    link = service.link()
    for name in ("a.jpg", "b.jpg", "a.jpg"):
        assert service.upload((name, data), link=link) == {name: images.image_id(data)}
    assert service.details()["images"] == 1
    assert service.details()["bytes"] == len(data)
    assert blobs(service.data) == {images.image_id(data)}


def test_one_broken_file_refuses_the_whole_request(start: Callable[..., Service]) -> None:
    service = start()
    known = images.png(60)
    service.upload(("known.png", known))
    good = [images.png(seed) for seed in (61, 62)]
    answer = service.post(forms.files(
        ("good.png", good[0]), ("known.png", known), ("notes.jpg", images.NOT_AN_IMAGE),
        ("drawing.svg", images.SVG), ("fine.png", good[1])))
    assert answer.status == 415, answer
    problem = answer.problem()
    assert problem["code"] == "unsupported_image"
    assert {"notes.jpg", "drawing.svg"} == {file["filename"] for file in problem["files"]}
    assert all(file["reason"] for file in problem["files"])
    for data in good:
        assert service.image(images.image_id(data)).status == 404
    assert service.image(images.image_id(known)).status == 200, "what was there before stays"
    assert service.details()["images"] == 1
    assert blobs(service.data) == {images.image_id(known)}
    wait_until(lambda: not temporary_files(service.data), 5, "no temporary file is left")


@pytest.mark.parametrize("ending", ["closed", "reset"])
def test_a_request_that_breaks_off_leaves_nothing(
    start: Callable[..., Service], ending: str
) -> None:
    service = start()
    whole, cut = images.png(70), images.jpeg(71, 500_000)
    body = forms.files(("whole.png", whole), ("cut.jpg", cut))
    wire = Wire(service.port)
    wire.send_head("POST", service.link(), service.key_field,
                   f"Content-Type: {forms.CONTENT_TYPE}", f"Content-Length: {len(body)}")
    wire.send(body[:300_000])
    wait_until(lambda: temporary_files(service.data), 5, "the upload is under way")
    if ending == "reset":
        linger_for_no_time = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_no_time)
    wire.close()
    wait_until(lambda: not temporary_files(service.data), 10, "the temporary files are removed")
    assert service.image(images.image_id(whole)).status == 404
    assert service.details()["images"] == 0
    assert blobs(service.data) == set()


def test_other_parts_are_ignored(service: Service) -> None:
    data = images.png(80)
    answer = service.post(forms.form(
        Part(b"holiday", name="album", content_type=None), Part(data, "a.png"),
        Part(images.NOT_AN_IMAGE, "notes.txt", name="attachment")))
    assert answer.status == 200, answer
    assert answer.json() == {"a.png": images.image_id(data)}


def test_the_declared_type_does_not_matter(service: Service) -> None:
    data = images.png(90)
    answer = service.post(forms.form(Part(data, "notes.txt", content_type="text/plain")))
    assert answer.status == 200, answer
    assert service.image(images.image_id(data)).headers["content-type"] == "image/png"


def test_a_link_takes_any_number_of_uploads(service: Service) -> None:
    link = service.link()
    for seed in range(100, 110):
        service.upload(("a.png", images.png(seed)), link=link)


def test_uploads_that_stand_still_hold_no_other_up(start: Callable[..., Service]) -> None:
    """They take turns on the loop, and one that sends nothing must not keep its turn."""
    service = start(WORKERS=1)
    link, count = service.link(), 40
    bodies = [forms.files((f"{i}.jpg", images.jpeg(200 + i, 700_000))) for i in range(count)]
    half = len(bodies[0]) // 2
    wires = [Wire(service.port) for _ in bodies]
    for wire, body in zip(wires, bodies, strict=True):
        wire.send_head("POST", link, service.key_field, f"Content-Type: {forms.CONTENT_TYPE}",
                       f"Content-Length: {len(body)}")
        wire.send(body[:half])
    wait_until(lambda: len(temporary_files(service.data)) == count, 10, "all are under way")
    for seed in range(300, 310):
        service.upload(("quick.jpg", images.jpeg(seed, 700_000)), link=link)
    for wire, body in zip(wires, bodies, strict=True):
        wire.send(body[half:])
    for wire in wires:
        with wire:
            assert wire.receive().status == 200
    assert service.details()["images"] == count + 10
