"""What an image is served with: header fields, ranges, conditions."""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import images
from service import Service
from wire import Answer, Wire, wait_until

PAST, FUTURE = "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 2100 23:59:59 GMT"


@dataclass
class Stored:
    """An image on the shared server."""

    service: Service
    data: bytes
    image_id: str

    @property
    def etag(self) -> str:
        return f'"{self.image_id}"'

    def get(self, *fields: str, method: str = "GET") -> Answer:
        return self.service.get(f"/api/images/{self.image_id}", *fields, method=method)


@pytest.fixture(scope="module")
def stored(service: Service) -> Iterator[Stored]:
    data = images.jpeg(500, 5000)
    [image_id] = service.upload(("a.jpg", data)).values()
    yield Stored(service, data, image_id)


ALWAYS = {
    "content-type": "image/jpeg",
    "content-length": "5000",
    "cache-control": "public, max-age=31536000, immutable",
    "accept-ranges": "bytes",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_image_has_the_header_fields_of_the_contract(stored: Stored, method: str) -> None:
    answer = stored.get(method=method)
    assert answer.status == 200
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert answer.headers["etag"] == stored.etag
    date = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
    assert re.fullmatch(date, answer.headers["last-modified"])
    assert answer.body == (stored.data if method == "GET" else b"")


def test_a_head_response_has_no_content_and_the_connection_lives_on(stored: Stored) -> None:
    with Wire(stored.service.port) as wire:
        for _ in range(3):
            wire.send_head("HEAD", f"/api/images/{stored.image_id}")
            assert wire.receive("HEAD").status == 200
        wire.send_head("GET", f"/api/images/{stored.image_id}")
        assert wire.receive().body == stored.data


def test_pipelined_requests_are_answered_in_order(stored: Stored) -> None:
    with Wire(stored.service.port) as wire:
        for target in ("/healthz", f"/api/images/{stored.image_id}", "/nothing", "/healthz"):
            wire.send_head("GET", target)
        assert [wire.receive().status for _ in range(4)] == [200, 200, 404, 200]


CONTENT_TYPES = {
    "image/jpeg": images.jpeg(501), "image/png": images.png(501), "image/gif": images.gif(501),
    "image/bmp": images.bmp(501),
}


@pytest.mark.parametrize("kind", CONTENT_TYPES)
def test_the_content_type_is_that_of_the_bytes(service: Service, kind: str) -> None:
    [image_id] = service.upload(("unnamed", CONTENT_TYPES[kind])).values()
    assert service.image(image_id).headers["content-type"] == kind


SINGLE_RANGES = {
    "bytes=0-0": (0, 0), "bytes=0-99": (0, 99),
    "bytes=4999-": (4999, 4999), "bytes=-1": (4999, 4999),
    "bytes=-100000": (0, 4999), "bytes=100-100000": (100, 4999), "bytes=0-4999": (0, 4999),
    "bytes=10-19, 9999-": (10, 19), "BYTES=5-6": (5, 6), "bytes= 5-6 ,": (5, 6),
}


@pytest.mark.parametrize("value", SINGLE_RANGES)
def test_a_single_range(stored: Stored, value: str) -> None:
    first, last = SINGLE_RANGES[value]
    answer = stored.get(f"Range: {value}")
    assert answer.status == 206, answer
    assert answer.headers["content-range"] == f"bytes {first}-{last}/5000"
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["etag"] == stored.etag
    assert answer.body == stored.data[first : last + 1]


def test_several_ranges_come_as_multipart_byteranges(stored: Stored) -> None:
    answer = stored.get("Range: bytes=0-9,100-109,-5")
    assert answer.status == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges; boundary=")
    assert "content-range" not in answer.headers
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + answer.body, policy=email.policy.HTTP)
    parts = list(message.iter_parts())
    wanted = [(0, 9), (100, 109), (4995, 4999)]
    assert [part["content-range"] for part in parts] == [
        f"bytes {first}-{last}/5000" for first, last in wanted]
    assert {part["content-type"] for part in parts} == {"image/jpeg"}
    for first, last in wanted:
        assert b"\r\n\r\n" + stored.data[first : last + 1] + b"\r\n--" in answer.body


IGNORED_RANGES = ["bytes=", "bytes=a-b", "bytes=5-4", "bytes=-", "pages=1-2", "5-6", "bytes 0-1"]


@pytest.mark.parametrize("value", IGNORED_RANGES)
def test_a_malformed_range_or_unknown_unit_is_ignored(stored: Stored, value: str) -> None:
    answer = stored.get(f"Range: {value}")
    assert answer.status == 200 and answer.body == stored.data


@pytest.mark.parametrize("value", ["bytes=5000-", "bytes=-0", "bytes=9999-10000, 6000-"])
def test_an_unsatisfiable_range(stored: Stored, value: str) -> None:
    answer = stored.get(f"Range: {value}")
    assert answer.status == 416
    assert answer.headers["content-range"] == "bytes */5000"


def test_many_tiny_ranges_do_not_multiply_the_work(stored: Stored) -> None:
    ranges = ",".join(f"{start}-{start}" for start in range(0, 2000, 2))
    answer = stored.get(f"Range: bytes={ranges}")
    # RFC 9110, section 14.2: a server may ignore or refuse egregious sets of ranges.
    assert answer.status in (200, 206, 416), answer.status
    assert len(answer.body) < 40 * len(stored.data)


def test_head_ignores_a_range(stored: Stored) -> None:
    answer = stored.get("Range: bytes=0-0", method="HEAD")
    assert (answer.status, answer.headers["content-length"]) == (200, "5000")


OTHER = '"' + "0" * 64 + '"'
# In RFC 9110's order of precedence (section 13.2.2); ETAG stands for the image's own entity tag.
CONDITIONS = {
    "If-None-Match: ETAG": 304,
    f"If-None-Match: {OTHER}, ETAG": 304,
    "If-None-Match: W/ETAG": 304,
    "If-None-Match: *": 304,
    f"If-None-Match: {OTHER}": 200,
    "If-Match: ETAG": 200,
    "If-Match: *": 200,
    f"If-Match: {OTHER}, ETAG": 200,
    f"If-Match: {OTHER}": 412,
    "If-Match: W/ETAG": 412,
    f"If-Modified-Since: {FUTURE}": 304,
    f"If-Modified-Since: {PAST}": 200,
    "If-Modified-Since: yesterday": 200,
    f"If-Unmodified-Since: {FUTURE}": 200,
    f"If-Unmodified-Since: {PAST}": 412,
    "If-Unmodified-Since: yesterday": 200,
    f"If-None-Match: {OTHER}\nIf-Modified-Since: {FUTURE}": 200,
    f"If-None-Match: ETAG\nIf-Modified-Since: {PAST}": 304,
    f"If-Match: ETAG\nIf-Unmodified-Since: {PAST}": 200,
    f"If-Match: {OTHER}\nIf-None-Match: ETAG": 412,
    "If-Match: ETAG\nIf-None-Match: ETAG": 304,
    f"If-Unmodified-Since: {PAST}\nIf-None-Match: ETAG": 412,
    "If-None-Match: ETAG\nRange: bytes=0-0": 304,
    f"If-Match: {OTHER}\nRange: bytes=0-0": 412,
    "If-Range: ETAG\nRange: bytes=0-0": 206,
    f"If-Range: {OTHER}\nRange: bytes=0-0": 200,
    "If-Range: W/ETAG\nRange: bytes=0-0": 200,
    f"If-Range: {PAST}\nRange: bytes=0-0": 200,
    "If-Range: LAST-MODIFIED\nRange: bytes=0-0": 206,
    f"If-Range: {OTHER}\nRange: bytes=9999-": 200,
}


@pytest.mark.parametrize("case", CONDITIONS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions_in_their_order_of_precedence(stored: Stored, case: str, method: str) -> None:
    modified = stored.get().headers["last-modified"]
    # A date is a strong validator only once its second is over (section 8.8.2.2).
    wait_until(lambda: stored.get().headers["date"] != modified, 3, "the second of the upload ends")
    filled = case.replace("LAST-MODIFIED", modified).replace("ETAG", stored.etag)
    status = CONDITIONS[case]
    if method == "HEAD" and status == 206:
        status = 200  # Range is defined for GET only (section 14.2)
    answer = stored.get(*filled.split("\n"), method=method)
    assert answer.status == status, answer
    if status == 304:
        assert answer.body == b""
        assert answer.headers["etag"] == stored.etag
        assert answer.headers["cache-control"] == ALWAYS["cache-control"]
    if status == 412 and method == "GET":
        assert answer.problem()["code"] == "precondition_failed"


@pytest.mark.parametrize("method, field", [
    ("GET", ""), ("HEAD", ""), ("GET", "If-None-Match: {etag}"), ("HEAD", "If-None-Match: {etag}"),
    ("GET", "Range: bytes=10-1033"), ("GET", "Range: bytes=-1"), ("GET", "Range: bytes=4999-9999"),
    ("GET", "Range: bytes=5000-"), ("GET", "Range: bytes=0-0,7-7"), ("GET", "Range: lines=1-2"),
    ("HEAD", "Range: bytes=10-20"), ("GET", 'If-None-Match: W/"x", {etag}'),
    ("GET", "If-Match: *"), ("GET", "Connection: close"),
])
def test_a_hot_image_is_answered_like_a_cold_one(start, method: str, field: str) -> None:
    """The first answer goes the long way through the store, the next ones the short way."""
    service = start()
    [image_id] = service.upload(("a.jpg", images.jpeg(501, 5000))).values()
    fields = ["X-Request-Id: same"] + ([field.format(etag=f'"{image_id}"')] if field else [])
    path = f"/api/images/{image_id}"
    cold = service.get(path, *fields, method=method)
    service.get(path)
    answers = [cold] + [service.get(path, *fields, method=method) for _ in range(2)]
    heads = [[value for value in answer.headers.items() if value[0].lower() != "date"]
             for answer in answers]
    assert heads[0] == heads[1] == heads[2]
    assert answers[0].status == answers[1].status == answers[2].status
    assert answers[0].body == answers[1].body == answers[2].body
