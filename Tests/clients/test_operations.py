"""Starting, stopping, watching: what the person who runs the server relies on."""

import json
import pathlib
import re
import signal
import subprocess
from collections.abc import Callable

import pytest

import forms
import images
import service as services
from service import KEY, Service, command_line, environment
from wire import Wire, wait_until

SECRETS = ("first-secret-0123456789", "second-secret-9876543210")


@pytest.mark.parametrize("key", [None, "", " ", ","])
def test_without_a_key_it_refuses_to_start(tmp_path: pathlib.Path, key: str | None) -> None:
    ran = command_line(tmp_path / "data", API_KEY=key, PORT=0)
    assert ran.returncode not in (0, None) and ran.returncode > 0
    assert "API_KEY" in ran.stderr


UNUSABLE = {
    "PORT": "99999", "WORKERS": "-1", "MAX_FILE_BYTES": "big", "MAX_FILES_PER_REQUEST": "0",
    "HEADER_TIMEOUT": "soon", "LOG_LEVEL": "loud", "LOG_FORMAT": "xml", "MAX_LINK_EXPIRY": "0",
    "HOST": "no such host", "API_KEY_FILE": "/no/such/file", "SNAPSHOT_INTERVAL": "0",
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_unusable_setting_is_named(tmp_path: pathlib.Path, name: str) -> None:
    settings = {"PORT": 0, name: UNUSABLE[name]}
    if name == "API_KEY_FILE":
        settings["API_KEY"] = None
    ran = command_line(tmp_path / "data", **settings)
    assert ran.returncode > 0
    assert name in ran.stderr, ran.stderr


def test_an_unknown_option_is_an_error(tmp_path: pathlib.Path) -> None:
    assert command_line(tmp_path / "data", "serve", "--no-such-option").returncode > 0


def test_each_subcommand_explains_itself(tmp_path: pathlib.Path) -> None:
    for name in ("serve", "verify", "rebuild", "stats", "healthcheck", "version"):
        ran = command_line(tmp_path / "data", name, "--help")
        assert ran.returncode == 0, ran.stderr
        assert f"image-service {name}" in ran.stdout


def test_version_is_one_line(tmp_path: pathlib.Path) -> None:
    ran = command_line(tmp_path / "data", "version")
    assert ran.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", ran.stdout) and len(ran.stdout.splitlines()) == 1


def test_a_second_process_on_the_same_data_is_refused(
    start: Callable[..., Service], tmp_path: pathlib.Path
) -> None:
    service = start()
    ran = command_line(service.data, PORT=0)
    assert ran.returncode > 0
    assert str(service.data) in ran.stderr
    assert service.get("/readyz").status == 200, "the first one is not disturbed"


def test_several_keys_are_valid_at_once(start: Callable[..., Service]) -> None:
    service = start(API_KEY=",".join(SECRETS))
    for secret in SECRETS:
        assert service.get("/api/stats", f"x-api-key: {secret}").status == 200
        assert service.get("/metrics", f"Authorization: Bearer {secret}").status == 200
    assert service.get("/api/stats", f"x-api-key: {','.join(SECRETS)}").status == 401


def test_the_key_can_come_from_a_file(
    start: Callable[..., Service], tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "key"
    path.write_text(SECRETS[0] + "\n")
    service = start(API_KEY=None, API_KEY_FILE=path)
    assert service.get("/api/stats", f"x-api-key: {SECRETS[0]}").status == 200


def use_everything(service: Service, secret: str) -> list[bytes]:
    """Good and bad requests that carry the key in every place; gives what was answered."""
    answers = [service.get(target, f"x-api-key: {secret}", f"Authorization: Bearer {secret}")
               for target in ("/api/stats", "/metrics", "/nothing", "/api/images/x", "/healthz")]
    answers += [service.get("/api/stats", f"x-api-key: {secret}{end}") for end in ("x", "")]
    answers += [service.get("/metrics", f"Authorization: Bearer {secret}x")]
    return [bytes(answer.headers) + answer.body for answer in answers]


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_keys_never_appear_anywhere(start: Callable[..., Service], log_format: str) -> None:
    service = start(API_KEY=",".join(SECRETS), LOG_LEVEL="trace", LOG_FORMAT=log_format)
    for secret in SECRETS:
        for answer in use_everything(service, secret):
            assert not any(other.encode() in answer for other in SECRETS)
    assert service.stop() == 0
    log = service.log()
    assert "/api/stats" in log, "the requests were logged"
    assert not any(secret in log for secret in SECRETS)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_each_request_is_logged_once(start: Callable[..., Service], log_format: str) -> None:
    service = start(LOG_FORMAT=log_format)
    requests = {"order-1": ("/healthz", 200), "order-2": ("/nothing", 404),
                "order-3": ("/api/stats", 401)}
    for request_id, (target, _) in requests.items():
        service.get(target, f"X-Request-Id: {request_id}")
    assert service.stop() == 0
    lines = service.log().splitlines()
    for request_id, (target, status) in requests.items():
        [line] = [line for line in lines if request_id in line]
        for word in ("GET", target, str(status)):
            assert word in line
    if log_format == "json":
        assert all(isinstance(json.loads(line), dict) for line in lines)


def test_a_request_cannot_forge_lines_of_the_log(start: Callable[..., Service]) -> None:
    service = start()
    service.get("/%0aforged%0d%0aline", "User-Agent: a\tb\x7f", "X-Request-Id: order-9")
    service.get('/"quoted"\x1b[31m', "X-Request-Id: order-10")
    service.stop()
    assert not any(line.startswith(("forged", "line")) for line in service.log().splitlines())
    assert "\x1b" not in service.log()


def test_metrics_are_in_the_text_exposition_format(service: Service) -> None:
    service.upload(("a.png", images.png(1)))
    answer = service.get("/metrics", service.key_field)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    text = answer.body.decode()
    assert text.endswith("\n")
    value = r"(NaN|[+-]Inf|[+-]?\d+(\.\d+)?([eE][+-]?\d+)?)"
    sample = re.compile(rf'[a-zA-Z_:][\w:]*(\{{(\w+="([^"\\\n]|\\.)*",?)*\}})? {value}( \d+)?')
    typed = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            assert line.split()[2] not in typed, f"{line} stands twice"
            typed.add(line.split()[2])
        elif line and not line.startswith("#"):
            assert sample.fullmatch(line), line
            family = re.sub(r"(_bucket|_sum|_count)$", "", re.match(r"[\w:]+", line).group(0))
            assert {family, re.match(r"[\w:]+", line).group(0)} & typed, f"{line} has no type"
    assert typed


def test_health_and_readiness_while_it_runs(service: Service) -> None:
    assert service.get("/healthz").status == service.get("/readyz").status == 200
    ran = command_line(service.data, "healthcheck", PORT=service.port)
    assert ran.returncode == 0, ran.stderr


def test_healthcheck_fails_where_nothing_listens(tmp_path: pathlib.Path) -> None:
    ran = command_line(tmp_path / "data", "healthcheck", PORT=services.free_port())
    assert ran.returncode > 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_uploads_under_way_finish(
    start: Callable[..., Service], how: signal.Signals
) -> None:
    service = start(SHUTDOWN_TIMEOUT=20)
    data = images.jpeg(1, 2_000_000)  # what is small is received whole before a file is begun
    body = forms.files(("a.jpg", data))
    wire, idle = Wire(service.port), Wire(service.port)
    wire.send_head("POST", service.link(), service.key_field, f"Content-Length: {len(body)}",
                   f"Content-Type: {forms.CONTENT_TYPE}")
    wire.send(body[:1_000_000])
    wait_until(lambda: services.temporary_files(service.data), 5, "the upload is under way")
    service.process.send_signal(how)
    wait_until(lambda: refuses(service), 5, "no new connections")
    assert service.process.poll() is None
    assert idle.is_closed_within(5), "a connection that waits for nothing is closed"
    wire.send(body[1_000_000:])
    answer = wire.receive()
    assert answer.json() == {"a.jpg": images.image_id(data)}
    assert answer.headers["connection"].lower() == "close"
    assert service.process.wait(10) == 0
    wire.close()
    service = start()
    assert service.image(images.image_id(data)).body == data


def refuses(service: Service) -> bool:
    """Whether new connections are refused, or told that the server is going."""
    try:
        return service.get("/readyz").status == 503
    except (OSError, AssertionError):
        return True


def test_an_upload_that_does_not_finish_in_time_is_dropped(
    start: Callable[..., Service]
) -> None:
    service = start(SHUTDOWN_TIMEOUT=1)
    wire = Wire(service.port)
    wire.send_head("POST", service.link(), service.key_field, "Content-Length: 100000",
                   f"Content-Type: {forms.CONTENT_TYPE}")
    wire.send(forms.Part(b"", "a.jpg").head() + images.jpeg_head(1))
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(10) == 0, "the server does not wait for ever"
    wire.close()
    service = start()
    assert service.details()["images"] == 0
    assert not services.temporary_files(service.data)


def test_files_are_readable_by_their_owner_alone(start: Callable[..., Service]) -> None:
    service = start()
    service.upload(("a.png", images.png(2)))
    wait_until(lambda: not services.temporary_files(service.data), 5, "the upload is over")
    for path in [service.data, *service.data.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, f"{path} is open to others"


def test_the_stats_subcommand_prints_what_the_server_answers(
    start: Callable[..., Service]
) -> None:
    service = start()
    service.upload(("a.jpg", images.jpeg(3, make="SONY", model="ILCE-7M2")))
    wanted = service.statistics()
    service.stop()
    ran = subprocess.run([services.binary(), "stats"], env=environment(service.data),
                         capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == wanted


def test_a_key_is_not_needed_for_subcommands_that_serve_nobody(tmp_path: pathlib.Path) -> None:
    assert command_line(tmp_path / "data", "version", API_KEY=None).returncode == 0
    assert KEY not in command_line(tmp_path / "data", "version").stdout
