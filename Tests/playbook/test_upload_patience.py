"""`scripts/upload` when the service is busy, gone, or does not want its link any more."""

import io
import threading
import time

import pytest

import images
import upload_client
import upload_progress
from service import KEY, Service, free_port
from stand_in import StandIn
from test_upload import fill, outcomes


def test_a_busy_service_is_asked_again_when_it_says(upload, service, tmp_path):
    fill(tmp_path, a_jpg=images.jpeg(1, size=3_000_000))
    with StandIn(service, "busy", "busy") as between:
        started = time.monotonic()
        ran = upload(tmp_path, url=between.url)
        assert time.monotonic() - started >= 2, "twice the second of its Retry-After"
        assert between.count("POST", "upload-images") == 3
    assert ran.returncode == 0, ran.stderr


def test_a_lost_connection_is_made_again(upload, service, tmp_path):
    data = images.jpeg(2, size=3_000_000)
    fill(tmp_path, a_jpg=data)
    with StandIn(service, "drop", "drop") as between:
        ran = upload("--json", tmp_path, url=between.url)
        assert between.count("POST", "upload-images") == 3
    files, sums = outcomes(ran)
    assert files["a.jpg"]["id"] == images.image_id(data)
    assert sums == {"counts": {"uploaded": 1}, "uploaded_bytes": len(data)}
    assert service.image(images.image_id(data)).body == data


def test_patience_ends_and_what_was_not_tried_is_counted(upload, service, tmp_path):
    fill(tmp_path, **{f"f{n}_jpg": images.jpeg(10 + n) for n in range(4)})
    with StandIn(service, "always busy", retry_after="0") as between:
        ran = upload("--json", "--tries", 3, "--parallel", 1, tmp_path, url=between.url)
        assert between.count("POST", "upload-images") == 3
    assert ran.returncode == 1
    assert outcomes(ran)[1]["counts"] == {"failed": 1, "untried": 3}
    assert "no success in 3 tries" in ran.stderr


def test_a_service_that_is_not_there_is_told_once(upload, tmp_path):
    fill(tmp_path, a_jpg=images.jpeg(20), b_jpg=images.jpeg(21))
    port = free_port()
    ran = upload("--tries", 2, tmp_path, url=f"http://127.0.0.1:{port}")
    assert ran.returncode == 1
    assert len(ran.stderr.splitlines()) == 1 and f"127.0.0.1:{port}" in ran.stderr


def test_an_expired_link_is_replaced(upload, service, tmp_path):
    fill(tmp_path, a_jpg=images.jpeg(30))
    with StandIn(service, "expired") as between:
        ran = upload(tmp_path, url=between.url)
        assert between.count("POST", "generate-upload-link") == 2
    assert ran.returncode == 0, ran.stderr


def test_links_that_are_always_expired_are_not_made_for_ever(upload, service, tmp_path):
    fill(tmp_path, a_jpg=images.jpeg(31))
    with StandIn(service, *["expired"] * 9) as between:
        ran = upload(tmp_path, url=between.url)
        assert between.count("POST", "upload-images") == upload_client.LINKS_PER_FILE
    assert ran.returncode == 1


def test_another_id_than_ours_is_a_failure(upload, service, tmp_path):
    fill(tmp_path, a_jpg=images.jpeg(32))
    with StandIn(service, "other id") as between:
        ran = upload(tmp_path, url=between.url)
    assert ran.returncode == 1 and "changed while it was being sent" in ran.stderr


def client(service: Service, expiry_seconds: int = 600) -> upload_client.Service:
    return upload_client.Service(service.url, KEY, expiry_seconds, 2, threading.Event())


def test_a_link_is_shared_until_most_of_its_life_is_over(service, monkeypatch):
    now = time.monotonic()
    monkeypatch.setattr(upload_client.time, "monotonic", lambda: now)
    ours = client(service, expiry_seconds=600)
    first = ours.current_link()
    now += 479
    assert ours.current_link() == first
    now += 2
    assert ours.current_link() != first


def test_a_file_that_shrinks_is_told_and_not_waited_for(service, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(images.jpeg(40, size=2_000_000))
    sent: list[int] = []

    def shrink(count: int) -> None:
        sent.append(count)
        path.write_bytes(b"")

    with pytest.raises(upload_client.Unreadable, match="shorter"):
        client(service).upload(str(path), "0" * 64, shrink)
    assert sum(sent) == 0, "what was sent in vain is taken back"


@pytest.mark.parametrize("field, seconds", [
    ("7", 7), ("0", 0), ("999999", upload_client.RETRY_AFTER_SECONDS_MAX), ("", None),
    ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
])
def test_retry_after_is_seconds_or_a_date(field, seconds):
    answer = upload_client.Answer(503, {"retry-after": field}, b"")
    assert answer.retry_after_seconds == seconds


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_than_on_a_terminal_there_is_a_plain_line_now_and_then(monkeypatch):
    now = 100.0
    monkeypatch.setattr(upload_progress.time, "monotonic", lambda: now)
    stream = io.StringIO()
    progress = upload_progress.Progress(4, 40_000_000, stream)
    progress.sent(10_000_000)
    now += upload_progress.LINE_SECONDS - 0.1
    progress.sent(5_000_000)
    assert stream.getvalue() == ""
    now += 0.1
    progress.finished(0)
    progress.close()
    assert stream.getvalue() == (
        "upload: 1/4 files  15.0 MB of 40.0 MB  3.0 MB/s  ETA 0:08\n")


def test_a_line_is_printed_above_the_bar(monkeypatch):
    now = 100.0
    monkeypatch.setattr(upload_progress.time, "monotonic", lambda: now)
    stream = Terminal()
    progress = upload_progress.Progress(1, 100, stream)
    now += 2 * upload_progress.REDRAW_SECONDS
    progress.sent(50)
    assert "50%" in stream.getvalue()
    progress.say("told", stream)
    assert stream.getvalue().endswith("\r\x1b[Ktold\n")
