"""What scripts of other sites may do."""

from collections.abc import Callable

import pytest

import images
from service import Service

OURS, THEIRS = "https://photos.example", "https://evil.example"
KEYED = {
    "/api/generate-upload-link": "POST",
    "/api/upload-images/2643772f-5cbd-4b72-bdfa-9a10c72c6fec": "POST",
    "/api/stats": "GET",
    "/api/stats/details": "GET",
}


def words(value: str | None) -> set[str]:
    return {word.strip().lower() for word in (value or "").split(",") if word.strip()}


@pytest.mark.parametrize("path", KEYED)
def test_an_allowed_origin_may_use_the_keyed_endpoints(
    start: Callable[..., Service], path: str
) -> None:
    service = start(CORS_ORIGINS=f"https://other.example,{OURS}")
    answer = service.get(path, f"Origin: {OURS}", f"Access-Control-Request-Method: {KEYED[path]}",
                         "Access-Control-Request-Headers: x-api-key, content-type",
                         method="OPTIONS")
    assert answer.status == 204, answer
    assert answer.headers["access-control-allow-origin"] == OURS
    assert KEYED[path].lower() in words(answer.headers["access-control-allow-methods"])
    assert {"x-api-key", "content-type"} <= words(answer.headers["access-control-allow-headers"])
    assert "origin" in words(answer.headers["vary"])


def test_an_allowed_origin_may_read_the_answers_and_the_refusals(
    start: Callable[..., Service]
) -> None:
    service = start(CORS_ORIGINS=OURS)
    for fields in ((service.key_field,), ()):
        answer = service.get("/api/stats", f"Origin: {OURS}", *fields)
        assert answer.headers["access-control-allow-origin"] == OURS
        assert "origin" in words(answer.headers["vary"])


@pytest.mark.parametrize("origins", [None, OURS])
@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
def test_other_origins_are_not_named(
    start: Callable[..., Service], origins: str | None, method: str
) -> None:
    service = start(CORS_ORIGINS=origins)
    for origin in (THEIRS, "null", OURS + ".evil.example", "http://photos.example"):
        answer = service.get("/api/stats", service.key_field, f"Origin: {origin}",
                             "Access-Control-Request-Method: GET", method=method)
        assert answer.status in (200, 204)
        assert "access-control-allow-origin" not in answer.headers


def test_every_origin_may_read_images(service: Service) -> None:
    [image_id] = service.upload(("a.png", images.png(1))).values()
    path = f"/api/images/{image_id}"
    for fields in ((), (f"Origin: {THEIRS}",)):
        assert service.get(path, *fields).headers["access-control-allow-origin"] == "*"
    answer = service.get(path, f"Origin: {THEIRS}", "Access-Control-Request-Method: GET",
                         "Access-Control-Request-Headers: range", method="OPTIONS")
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"get", "head"} <= words(answer.headers["access-control-allow-methods"])
