"""The proxy examples: their programs accept them, and the service works behind them."""

import hashlib
import pathlib
import socket
import ssl
import subprocess
from collections.abc import Callable
from http.client import HTTPResponse, HTTPSConnection

import pytest

import forms
import images
from service import KEY, ROOT, Service, free_port
from tools import DEPLOY, check, tool
from wire import wait_until

HOST = "images.example.com"
# More than proxies buffer and sockets hold, so that what waits for the end of it would be noticed.
LARGE_BYTES = 24 << 20
PIECE_BYTES = 64 << 10


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[pathlib.Path, pathlib.Path]:
    folder = tmp_path_factory.mktemp("certificate")
    pair = (folder / "cert.pem", folder / "key.pem")
    check(tool("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
          f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-out", pair[0], "-keyout",
          pair[1])
    return pair


def replaced(text: str, **changes: str) -> str:
    for old, new in changes.values():
        assert old in text, old
        text = text.replace(old, new)
    return text


def nginx_files(folder: pathlib.Path, certificate: tuple[pathlib.Path, pathlib.Path],
                backend: int, plain: int, secure: int) -> pathlib.Path:
    """The example with this test's addresses, in the frame that Debian's nginx.conf is."""
    text = replaced(
        (DEPLOY / "nginx.conf").read_text(),
        backend=("127.0.0.1:8001", f"127.0.0.1:{backend}"),
        plain=("listen 80;", f"listen 127.0.0.1:{plain};"),
        plain6=("listen [::]:80;", ""),
        secure=("listen 443 ssl http2;", f"listen 127.0.0.1:{secure} ssl http2;"),
        secure6=("listen [::]:443 ssl http2;", ""),
        certificate=("/etc/ssl/certs/images.example.com.pem", str(certificate[0])),
        key=("/etc/ssl/private/images.example.com.key", str(certificate[1])),
        log=("/var/log/nginx/image-service.log", f"{folder}/access.log"),
    )
    (folder / "image-service.conf").write_text(text)
    temporary = "\n".join(f"{name}_temp_path {folder}/{name};"
                          for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    main = folder / "nginx.conf"
    main.write_text(f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
                    f"http {{\n{temporary}\ninclude {folder}/image-service.conf;\n}}\n")
    return main


class Connection(HTTPSConnection):
    """One to this machine, whose other end has to prove that it is `HOST`."""

    def __init__(self, port: int, context: ssl.SSLContext):
        super().__init__(HOST, port, timeout=20)
        self.context = context

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self.context.wrap_socket(plain, server_hostname=HOST)


class Proxy:
    """One that stands before the service, spoken to as its clients do."""

    def __init__(self, folder: pathlib.Path, port: int, authority: pathlib.Path):
        self.folder, self.port = folder, port
        self.context = ssl.create_default_context(cafile=str(authority))

    def connect(self) -> Connection:
        return Connection(self.port, self.context)

    def ask(self, method: str, path: str, body: object = None, **fields: str) -> HTTPResponse:
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        connection = self.connect()
        connection.request(method, path, body=body, headers=headers)
        return connection.getresponse()

    def is_up(self) -> bool:
        try:
            return self.ask("GET", "/readyz").status == 200
        except OSError:
            return False


@pytest.fixture(params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, tmp_path: pathlib.Path, service: Service,
          certificate: tuple[pathlib.Path, pathlib.Path],
          beside: Callable[..., subprocess.Popen]) -> Proxy:
    program, secure = tool(request.param), free_port()
    if request.param == "nginx":
        main = nginx_files(tmp_path, certificate, service.port, free_port(), secure)
        beside(program, "-c", main, "-g", "daemon off;")
    else:
        main = caddy_file(tmp_path, certificate, service.port, secure)
        beside(program, "run", "--adapter", "caddyfile", "--config", main,
               env={"HOME": str(tmp_path), "PATH": "/usr/bin"})
    running = Proxy(tmp_path, secure, certificate[0])
    wait_until(running.is_up, 20, f"{request.param} to answer")
    return running


def caddy_file(folder: pathlib.Path, certificate: tuple[pathlib.Path, pathlib.Path],
               backend: int, secure: int) -> pathlib.Path:
    text = replaced(
        (DEPLOY / "Caddyfile").read_text(),
        backend=("127.0.0.1:8001", f"127.0.0.1:{backend}"),
        site=(f"{HOST} {{", f"{HOST}:{secure} {{\n\tbind 127.0.0.1\n"
                            f"\ttls {certificate[0]} {certificate[1]}"),
    )
    path = folder / "Caddyfile"
    # Nothing listens for administration or on port 80, and no certificate is asked for.
    path.write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + text)
    return path


def test_nginx_accepts_its_example(
    tmp_path: pathlib.Path, certificate: tuple[pathlib.Path, pathlib.Path]
) -> None:
    main = nginx_files(tmp_path, certificate, 8001, 80, 443)
    said = check(tool("nginx"), "-t", "-c", main)
    assert "[warn]" not in said, said


def test_caddy_accepts_its_example() -> None:
    program = tool("caddy")
    check(program, "adapt", "--validate", "--config", DEPLOY / "Caddyfile")
    formatted = subprocess.run([program, "fmt", DEPLOY / "Caddyfile"], capture_output=True,
                               text=True, check=False)
    assert formatted.stdout == (DEPLOY / "Caddyfile").read_text()


def test_images_go_up_and_come_down_unchanged(proxy: Proxy, service: Service) -> None:
    data = images.jpeg(51, LARGE_BYTES)
    answer = proxy.ask("POST", service.link(), forms.files(("large.jpg", data)), x_api_key=KEY,
                       Content_Type=forms.CONTENT_TYPE)
    assert answer.status == 200, answer.read()
    image_id = hashlib.sha256(data).hexdigest()
    assert answer.read().decode() == f'{{"large.jpg":"{image_id}"}}'
    answer = proxy.ask("GET", f"/api/images/{image_id}", Range="bytes=100-199")
    assert (answer.status, answer.read()) == (206, data[100:200])
    answer = proxy.ask("GET", f"/api/images/{image_id}")
    assert answer.headers["ETag"] == f'"{image_id}"'
    assert hashlib.sha256(answer.read()).hexdigest() == image_id


def test_an_upload_reaches_the_service_before_its_end(proxy: Proxy, service: Service) -> None:
    connection = proxy.connect()
    head = forms.files(("a.jpg", images.jpeg(52, LARGE_BYTES)))
    connection.putrequest("POST", service.link())
    for name, value in (("x-api-key", KEY), ("Content-Type", forms.CONTENT_TYPE),
                        ("Content-Length", str(len(head)))):
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(head[: LARGE_BYTES // 2])
    arrived = service.data / "incoming"

    def has_arrived() -> bool:
        return sum(path.stat().st_size for path in arrived.rglob("*")) > LARGE_BYTES // 4
    wait_until(has_arrived, 10, "the first half in the service's own folder")
    connection.send(head[LARGE_BYTES // 2 :])
    assert connection.getresponse().status == 200


def test_a_refusal_comes_through_while_the_upload_is_being_sent(
    proxy: Proxy, service: Service
) -> None:
    connection = proxy.connect()
    connection.putrequest("POST", service.link())
    connection.putheader("x-api-key", "wrong")
    connection.putheader("Content-Type", forms.CONTENT_TYPE)
    connection.putheader("Content-Length", str(LARGE_BYTES))
    connection.endheaders()
    answer, sent = b"", 0
    # As clients do: they go on sending until an answer is there.
    while b"\r\n\r\n" not in answer and sent < LARGE_BYTES // 2:
        connection.sock.settimeout(20)
        connection.send(bytes(PIECE_BYTES))
        sent += PIECE_BYTES
        connection.sock.settimeout(0.05)
        try:
            answer += connection.sock.recv(PIECE_BYTES)
        except TimeoutError:
            continue
    assert answer.startswith(b"HTTP/1.1 401 "), answer
    assert b"application/problem+json" in answer


def test_a_request_id_passes_in_both_directions(proxy: Proxy, service: Service) -> None:
    answer = proxy.ask("GET", "/api/stats", x_api_key=KEY, X_Request_Id="from-the-client-1")
    assert answer.headers.get_all("X-Request-Id") == ["from-the-client-1"]
    wait_until(lambda: "from-the-client-1" in service.log(), 5, "the id in the service's log")
    assert proxy.ask("GET", "/api/stats", x_api_key=KEY).headers["X-Request-Id"]


def test_the_metrics_are_not_for_everybody(proxy: Proxy, service: Service) -> None:
    assert proxy.ask("GET", "/metrics", x_api_key=KEY).status == 404
    assert service.get("/metrics", service.key_field).status == 200


@pytest.mark.parametrize("proxy", ["nginx"], indirect=True)
def test_nginx_logs_the_request_id_and_not_the_link(proxy: Proxy, service: Service) -> None:
    link = service.link()
    proxy.ask("POST", f"{link}?key=hidden", b"", x_api_key=KEY, X_Request_Id="to-be-found").read()
    log = proxy.folder / "access.log"
    wait_until(lambda: "to-be-found" in log.read_text(), 5, "the line in the log")
    upload_id = link.rsplit("/", 1)[1]
    said = log.read_text()
    assert f"/api/upload-images/{upload_id[:8]}..." in said
    assert upload_id not in said and "hidden" not in said and KEY not in said


def test_the_examples_keep_connections_shorter_than_the_service() -> None:
    assert "| `IDLE_TIMEOUT` | `75` |" in (ROOT / "README.md").read_text()
    assert "keepalive_timeout 60s;" in (DEPLOY / "nginx.conf").read_text()
    assert "keepalive 60s\n" in (DEPLOY / "Caddyfile").read_text()
