"""Upload links: what may be asked for, and how long they are good."""

import datetime
import re
from collections.abc import Callable

import pytest

import forms
import images
from service import Service
from wire import Answer, Wire, exchange, wait_until

ACCEPTED = {
    b"": 60, b"{}": 60, b'{"expiry": null}': 60, b'{"expiry": 60}': 60, b'{"expiry": 60.0}': 60,
    b'{"expiry": 6e1}': 60, b'{"expiry": 1}': 1, b'{"expiry": 604800}': 604800,
    b'{"expiry": 5, "note": [1, {"a": "b"}]}': 5, b' \n{"expiry":\t7}\r\n': 7,
}


def ask(service: Service, body: bytes | None) -> Answer:
    return exchange(service.port, "POST", "/api/generate-upload-link", service.key_field,
                    "Content-Type: application/json", body=body)


@pytest.mark.parametrize("body", ACCEPTED)
def test_a_link_lasts_as_long_as_asked_for(service: Service, body: bytes) -> None:
    before = datetime.datetime.now(datetime.UTC)
    answer = ask(service, body)
    after = datetime.datetime.now(datetime.UTC)
    assert answer.status == 200, answer
    assert answer.headers["content-type"].split(";")[0] == "application/json"
    link = answer.json()
    assert list(link) == ["upload_id", "upload_url", "expires_at"]
    assert link["upload_url"] == f"/api/upload-images/{link['upload_id']}"
    uuid4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(uuid4, link["upload_id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", link["expires_at"])
    expires = datetime.datetime.fromisoformat(link["expires_at"])
    lifetime, second = datetime.timedelta(seconds=ACCEPTED[body]), datetime.timedelta(seconds=1)
    assert before + lifetime - second <= expires <= after + lifetime + second


def test_a_link_can_be_had_without_any_body(service: Service) -> None:
    assert ask(service, None).status == 200


def test_links_are_all_different(service: Service) -> None:
    assert len({service.link() for _ in range(100)}) == 100


def test_max_link_expiry_is_the_limit(start: Callable[..., Service]) -> None:
    service = start(MAX_LINK_EXPIRY=10)
    assert ask(service, b'{"expiry": 10}').status == 200
    assert ask(service, b'{"expiry": 11}').problem()["code"] == "invalid_expiry"


def test_an_expired_link_is_gone_also_after_a_restart(start: Callable[..., Service]) -> None:
    service = start()
    short, long = service.link(expiry=1), service.link(expiry=600)
    body = forms.files(("a.png", images.png(1)))
    wait_until(lambda: service.post(body, link=short).status == 410, 5, "the link expires")
    assert service.stop() == 0
    service = start()
    assert service.post(body, link=short).problem()["code"] == "link_expired"
    assert service.post(body, link=long).status == 200


def test_an_upload_that_began_before_the_expiry_may_finish_after_it(service: Service) -> None:
    data = images.png(2)
    body, link = forms.files(("a.png", data)), service.link(expiry=1)
    with Wire(service.port) as wire:
        wire.send_head("POST", link, service.key_field, f"Content-Length: {len(body)}",
                       f"Content-Type: {forms.CONTENT_TYPE}")
        wire.send(body[:50])
        probe = forms.files(("b.png", images.png(3)))
        wait_until(lambda: service.post(probe, link=link).status == 410, 5, "the link expires")
        wire.send(body[50:])
        assert wire.receive().json() == {"a.png": images.image_id(data)}
