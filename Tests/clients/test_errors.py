"""Every row of the contract's table of errors, as a problem document, and what follows it."""

import time
from collections.abc import Callable, Iterator

import pytest

import forms
import images
from forms import Part
from service import KEY, Service
from wire import Answer, Wire, exchange, wait_until

# Small limits and short waits, so that each is met within a test's patience.
LIMITS = {
    "MAX_FILE_BYTES": 100_000, "MAX_REQUEST_BYTES": 200_000, "MAX_FILES_PER_REQUEST": 3,
    "MAX_PART_HEADER_BYTES": 1024, "HEADER_TIMEOUT": 1, "BODY_TIMEOUT": 1,
}
UNKNOWN = "0" * 64


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("errors") / "data", **LIMITS).wait_until_ready()
    yield running
    assert running.stop() == 0, running.log()


def raw(service: Service, request: bytes) -> Answer:
    with Wire(service.port) as wire:
        wire.send(request)
        return wire.receive()


def expect(answer: Answer, status: int, code: str) -> dict:
    assert answer.status == status, answer
    problem = answer.problem()
    assert problem["code"] == code, problem
    return problem


NOT_HTTP = {
    "no request line": b"hello\r\n\r\n",
    "white space before the colon": b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    "an obsolete fold": b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n",
    "a bare CR in a value": b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r2\r\n\r\n",
    "a NUL in a value": b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\x002\r\n\r\n",
    "no Host": b"GET / HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "both framings": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                     b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                   b"Content-Length: 4\r\n\r\nabc",
    "a length that is none": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
}


@pytest.mark.parametrize("case", NOT_HTTP)
def test_400_not_http(service: Service, case: str) -> None:
    with Wire(service.port) as wire:
        wire.send(NOT_HTTP[case])
        expect(wire.receive(), 400, "invalid_http")
        assert wire.is_closed_within(5), "what follows cannot be told apart from the broken request"


@pytest.mark.parametrize("body", [b"{", b"[1,", b"{\"expiry\": }", b"\xff"])
def test_400_json_that_does_not_parse(service: Service, body: bytes) -> None:
    answer = exchange(service.port, "POST", "/api/generate-upload-link", service.key_field,
                      "Content-Type: application/json", body=body)
    expect(answer, 400, "invalid_json")


MULTIPART = {
    "ends early": forms.files(("a.png", images.png(1)))[:-10],
    "no boundary in it": b"nothing of the kind",
    "no disposition": f"--{forms.BOUNDARY}\r\n\r\nx\r\n".encode() + forms.CLOSE,
    "an empty body": b"",
}


@pytest.mark.parametrize("case", MULTIPART)
def test_400_multipart_that_breaks_its_grammar(service: Service, case: str) -> None:
    expect(service.post(MULTIPART[case]), 400, "invalid_multipart")


def test_400_multipart_without_a_boundary(service: Service) -> None:
    answer = exchange(service.port, "POST", service.link(), service.key_field,
                      "Content-Type: multipart/form-data", body=forms.files(("a.png", b"x")))
    expect(answer, 400, "invalid_multipart")


KEYED = [("POST", "/api/generate-upload-link"), ("POST", f"/api/upload-images/{UNKNOWN}"),
         ("GET", "/api/stats"), ("GET", "/api/stats/details"), ("GET", "/metrics")]


@pytest.mark.parametrize("method,path", KEYED)
@pytest.mark.parametrize("fields", [
    (), ("x-api-key: ",), ("x-api-key: wrong",), (f"x-api-key: {KEY}x",),
    (f"x-api-key: {KEY[:-1]}",), (f"x-api-key: {KEY.upper()}",), ("Authorization: Bearer wrong",),
])
def test_401_key_missing_or_wrong(
    service: Service, method: str, path: str, fields: tuple[str, ...]
) -> None:
    body = b"" if method == "POST" else None
    answer = exchange(service.port, method, path, *fields, body=body)
    expect(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"]


def test_404_no_such_path(service: Service) -> None:
    for path in ("/nothing", "/api", "/api/", "/api/stats/", "/API/stats", "/healthz/x"):
        expect(service.get(path), 404, "not_found")


@pytest.mark.parametrize("image_id", [UNKNOWN, "A" * 64, "0" * 63, "0" * 65, "g" * 64, "..%2f" * 9])
def test_404_no_such_image(service: Service, image_id: str) -> None:
    expect(service.image(image_id), 404, "image_not_found")


@pytest.mark.parametrize("link", ["00000000-0000-4000-8000-000000000000", "x", "a" * 36])
def test_404_no_such_link(service: Service, link: str) -> None:
    body = forms.files(("a.png", images.png(2)))
    expect(service.post(body, link=f"/api/upload-images/{link}"), 404, "link_not_found")


METHODS = {
    "/api/generate-upload-link": {"POST", "OPTIONS"},
    f"/api/upload-images/{UNKNOWN}": {"POST", "OPTIONS"},
    f"/api/images/{UNKNOWN}": {"GET", "HEAD", "OPTIONS"},
    "/api/stats": {"GET", "HEAD", "OPTIONS"},
    "/api/stats/details": {"GET", "HEAD", "OPTIONS"},
    "/healthz": {"GET", "HEAD", "OPTIONS"},
    "/readyz": {"GET", "HEAD", "OPTIONS"},
    "/metrics": {"GET", "HEAD", "OPTIONS"},
    "/openapi.json": {"GET", "HEAD", "OPTIONS"},
    "/openapi.yaml": {"GET", "HEAD", "OPTIONS"},
}


@pytest.mark.parametrize("path", METHODS)
@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "GET", "POST", "BREW"])
def test_405_names_the_methods_there_are(service: Service, path: str, method: str) -> None:
    if method in METHODS[path]:
        return
    body = b"" if method in ("PUT", "PATCH", "POST") else None
    answer = exchange(service.port, method, path, service.key_field, body=body)
    problem = expect(answer, 405, "method_not_allowed")
    assert {word.strip() for word in answer.headers["allow"].split(",")} == METHODS[path]
    assert set(problem["allowed"]) == METHODS[path]


@pytest.mark.parametrize("sent", [b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nHost: a\r\n"])
def test_408_the_head_did_not_come_in_time(service: Service, sent: bytes) -> None:
    with Wire(service.port) as wire:
        wire.send(sent)
        expect(wire.receive(), 408, "request_timeout")
        assert wire.is_closed_within(5)


def test_408_the_next_piece_of_a_body_did_not_come_in_time(service: Service) -> None:
    with Wire(service.port) as wire:
        wire.send_head("POST", service.link(), service.key_field, "Content-Length: 1000",
                       f"Content-Type: {forms.CONTENT_TYPE}")
        wire.send(forms.Part(b"", "a.png").head())
        expect(wire.receive(), 408, "request_timeout")
        assert wire.is_closed_within(5)


def test_408_a_body_that_trickles(start: Callable[..., Service]) -> None:
    service = start(BODY_TIMEOUT=1, MIN_BODY_RATE=2000)
    link = service.link()
    with Wire(service.port) as steady, Wire(service.port) as slow:
        for wire in (steady, slow):
            wire.send_head("POST", link, service.key_field, "Content-Length: 1000000",
                           f"Content-Type: {forms.CONTENT_TYPE}")
            wire.send(forms.Part(b"", "a.jpg").head() + images.jpeg_head(1))
        # 4,000 and 500 bytes a second, for more than two windows; neither ever pauses for long.
        for _ in range(12):
            steady.send(bytes(800))
            slow.send(bytes(100))
            time.sleep(0.2)
        expect(slow.receive(), 408, "request_timeout")
        assert not steady.is_closed_within(0.01), "it is fast enough"


def test_410_the_link_has_expired(service: Service) -> None:
    link = service.link(expiry=1)
    body = forms.files(("a.png", images.png(3)))
    wait_until(lambda: service.post(body, link=link).status != 200, 5, "the link expires")
    expect(service.post(body, link=link), 410, "link_expired")


def test_411_length_required(service: Service) -> None:
    with Wire(service.port) as wire:
        wire.send_head("POST", service.link(), service.key_field,
                       f"Content-Type: {forms.CONTENT_TYPE}")
        expect(wire.receive(), 411, "length_required")


def test_413_a_request_too_large_by_its_length(service: Service) -> None:
    with Wire(service.port) as wire:
        wire.send_head("POST", service.link(), service.key_field, "Content-Length: 200001",
                       f"Content-Type: {forms.CONTENT_TYPE}")
        assert expect(wire.receive(), 413, "body_too_large")["limit_bytes"] == 200_000


def test_413_a_request_too_large_in_chunks(service: Service) -> None:
    part = Part(bytes(90_000), name="other")
    body = forms.form(part, part, part)
    with Wire(service.port) as wire:
        wire.send_head("POST", service.link(), service.key_field, "Transfer-Encoding: chunked",
                       f"Content-Type: {forms.CONTENT_TYPE}")
        wire.send_chunk(body[:200_001])
        assert expect(wire.receive(), 413, "body_too_large")["limit_bytes"] == 200_000


def test_413_a_file_at_the_limit_passes_and_one_past_it_does_not(service: Service) -> None:
    service.upload(("a.jpg", images.jpeg(4, 100_000)))
    answer = service.post(forms.files(("a.jpg", images.jpeg(4, 100_001))))
    assert expect(answer, 413, "file_too_large")["limit_bytes"] == 100_000


def test_413_files_at_the_limit_pass_and_one_more_does_not(service: Service) -> None:
    named = [(f"{seed}.png", images.png(seed)) for seed in range(4)]
    service.upload(*named[:3])
    expect(service.post(forms.files(*named)), 413, "too_many_files")


def test_414_the_target_is_too_long(service: Service) -> None:
    expect(service.get("/" + "a" * 100_000), 414, "target_too_long")


def test_431_the_header_section_is_too_large(service: Service) -> None:
    expect(service.get("/healthz", "X-Long: " + "a" * 200_000), 431, "head_too_large")


def test_431_the_header_of_a_part_is_too_large(service: Service) -> None:
    part = Part(images.png(5), "a" * 1100 + ".png")
    expect(service.post(forms.form(part)), 431, "head_too_large")


def test_415_not_multipart(service: Service) -> None:
    for kind in ("application/octet-stream", "multipart/mixed; boundary=a", "text/plain"):
        answer = exchange(service.port, "POST", service.link(), service.key_field,
                          f"Content-Type: {kind}", body=images.png(6))
        expect(answer, 415, "unsupported_media_type")
    answer = exchange(service.port, "POST", service.link(), service.key_field, body=b"x")
    expect(answer, 415, "unsupported_media_type")


NO_IMAGES = {
    "a text": images.NOT_AN_IMAGE, "an SVG": images.SVG, "nothing": b"",
    "a cut signature": b"\x89PNG\r\n", "a JPEG without a frame": b"\xff\xd8\xff\xd9",
    "a GIF of no width": b"GIF89a\0\0\x01\0\0\0\0;",
}


@pytest.mark.parametrize("case", NO_IMAGES)
def test_415_not_an_image(service: Service, case: str) -> None:
    answer = service.post(forms.files(("it.jpg", NO_IMAGES[case])))
    problem = expect(answer, 415, "unsupported_image")
    assert [file["filename"] for file in problem["files"]] == ["it.jpg"]


def test_416_no_range_can_be_satisfied(service: Service) -> None:
    data = images.png(7)
    [image_id] = service.upload(("a.png", data)).values()
    answer = service.get(f"/api/images/{image_id}", f"Range: bytes={len(data)}-")
    expect(answer, 416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(data)}"


def test_417_another_expectation(service: Service) -> None:
    expect(service.get("/healthz", "Expect: a-miracle"), 417, "expectation_failed")


EXPIRIES = ["0", "-1", "604801", "1.5", '"60"', "true", "[]", "{}", "99999999999999999999"]


@pytest.mark.parametrize("expiry", EXPIRIES)
def test_422_expiry_is_not_acceptable(service: Service, expiry: str) -> None:
    answer = exchange(service.port, "POST", "/api/generate-upload-link", service.key_field,
                      body=b'{"expiry": %s}' % expiry.encode())
    expect(answer, 422, "invalid_expiry")


def test_422_no_image_files(service: Service) -> None:
    expect(service.post(forms.CLOSE), 422, "no_image_files")
    expect(service.post(forms.form(Part(b"x", name="other"))), 422, "no_image_files")


def test_422_an_image_file_without_a_filename(service: Service) -> None:
    expect(service.post(forms.form(Part(images.png(8)))), 422, "filename_missing")


def test_501_a_transfer_coding_other_than_chunked(service: Service) -> None:
    request = (f"POST {service.link()} HTTP/1.1\r\nHost: a\r\nx-api-key: {KEY}\r\n"
               "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n").encode()
    expect(raw(service, request), 501, "transfer_coding_unsupported")


def test_501_a_method_longer_than_any_that_is_known(service: Service) -> None:
    for length, status, code in [(32, 405, "method_not_allowed"), (33, 501, "method_too_long")]:
        request = f"{'A' * length} /healthz HTTP/1.1\r\nHost: a\r\n\r\n".encode()
        expect(raw(service, request), status, code)


@pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/1.2", "HTTP/0.9"])
def test_505_another_version(service: Service, version: str) -> None:
    request = f"GET /healthz {version}\r\nHost: a\r\n\r\n".encode()
    expect(raw(service, request), 505, "http_version_unsupported")


def test_503_too_many_connections(start: Callable[..., Service]) -> None:
    limited = start(MAX_CONNECTIONS=3, WORKERS=1)
    held: list[Wire] = []

    def one_more_is_held() -> bool:
        wire = Wire(limited.port)
        wire.send_head("GET", "/healthz")
        if wire.receive().status != 200:
            wire.close()
            return False
        held.append(wire)
        return True

    # The connection that asked whether the server is ready may not be quite gone.
    for _ in range(3):
        wait_until(one_more_is_held, 5, "there is room for three")
    answer = limited.get("/healthz")
    expect(answer, 503, "too_many_connections")
    assert int(answer.headers["retry-after"]) >= 0
    held.pop().close()
    wait_until(lambda: limited.get("/healthz").status == 200, 5, "one that left makes room")
    for wire in held:
        wire.close()


def test_503_too_many_uploads(start: Callable[..., Service]) -> None:
    limited = start(MAX_UPLOADS=1)
    link, body = limited.link(), forms.files(("a.png", images.png(9)))
    with Wire(limited.port) as slow:
        slow.send_head("POST", link, limited.key_field, f"Content-Length: {len(body)}",
                       f"Content-Type: {forms.CONTENT_TYPE}", "Expect: 100-continue")
        assert slow.receive().status == 100
        slow.send(body[:100])
        answer = limited.post(body, link=link)
        expect(answer, 503, "too_many_uploads")
        assert int(answer.headers["retry-after"]) >= 0
        slow.send(body[100:])
        assert slow.receive().status == 200
    assert limited.post(body, link=link).status == 200


@pytest.mark.parametrize("target", ["/healthz", "/nothing", "/api/stats"])
def test_a_request_id_is_echoed_on_every_answer(service: Service, target: str) -> None:
    for sent in ("order-4711", "~" * 128, "!"):
        assert service.get(target, f"X-Request-Id: {sent}").headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", ["a" * 129, "with blank", "", "caf\u00e9"])
def test_an_unusable_request_id_is_replaced(service: Service, sent: str) -> None:
    answer = service.get("/healthz", f"X-Request-Id: {sent}")
    assert answer.status == 200
    assert answer.headers["x-request-id"] not in (sent, "")
