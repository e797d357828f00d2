"""nginx before the service, set up so that both write down every request they see."""

import json
import pathlib
import shutil
import subprocess
from dataclasses import dataclass

import pytest

from service import KEY, free_port
from wire import wait_until

START_SECONDS = 20
# nginx gives up on a client that sends no more of a request: most mixtures are never complete.
PATIENCE_MILLISECONDS = 100


@dataclass(frozen=True)
class Variant:
    """One way in which people set nginx up."""

    name: str
    buffering: str
    """Whether a body is read whole before it is passed on; if not, chunks go on as chunks."""
    lenient: str
    """Whether header lines that nginx takes for invalid are passed on."""


VARIANTS = [
    Variant("buffered", "on", "off"),
    Variant("streamed", "off", "off"),
    Variant("buffered-lenient", "on", "on"),
    Variant("streamed-lenient", "off", "on"),
]

SERVER = """
log_format seen escape=json '{{"id":"$request_id","method":"$request_method",'
    '"uri":"$request_uri","status":"$status","to":"$upstream_addr","tried":"$upstream_status",'
    '"echoed":"$upstream_http_x_request_id",'
    '"connection":"$connection","number":$connection_requests}}';
{servers}
"""
# One upstream connection at a time, used again and again: what one request leaves behind on it
# would be the beginning of the next.
VARIANT = """
upstream service_{number} {{
    server 127.0.0.1:{backend};
    keepalive 1;
}}
server {{
    listen 127.0.0.1:{port} default_server;
    access_log {folder}/nginx-{name}.log seen;
    client_header_timeout {patience}ms;
    client_body_timeout {patience}ms;
    keepalive_timeout {patience}ms;
    lingering_close off;
    ignore_invalid_headers {valid};
    underscores_in_headers {lenient};
    merge_slashes off;
    location / {{
        proxy_pass http://service_{number};
        proxy_http_version 1.1;
        proxy_request_buffering {buffering};
        proxy_ignore_client_abort on;
        proxy_set_header Connection "";
        proxy_set_header X-Request-Id $request_id;
        proxy_set_header X-Api-Key {key};
    }}
}}
"""


def program() -> str:
    """nginx, or the test is skipped."""
    # Debian puts it where only root's PATH looks.
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        pytest.skip("nginx is not installed: scripts/install-missing --tests")
    return found


class Nginx:
    """One nginx with a server for each variant, and a service behind each."""

    def __init__(self, folder: pathlib.Path, services: dict[Variant, int]):
        self.folder = folder
        self.ports = {variant: free_port() for variant in VARIANTS}
        servers = "".join(
            VARIANT.format(number=number, backend=services[variant], port=port, folder=folder,
                           key=KEY, name=variant.name, patience=PATIENCE_MILLISECONDS,
                           valid="off" if variant.lenient == "on" else "on",
                           lenient=variant.lenient, buffering=variant.buffering)
            for number, (variant, port) in enumerate(self.ports.items()))
        temporary = "\n".join(f"{name}_temp_path {folder}/{name};"
                              for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        main = folder / "nginx.conf"
        main.write_text(f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
                        f"worker_processes 1;\nevents {{}}\n"
                        f"http {{\n{temporary}\n{SERVER.format(servers=servers)}\n}}\n")
        self.process = subprocess.Popen(
            [program(), "-c", str(main), "-p", str(folder), "-g", "daemon off;"],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until((folder / "nginx.pid").exists, START_SECONDS, "nginx to start")
        except AssertionError:
            self.stop()
            raise

    def seen(self, variant: Variant) -> list[dict]:
        """What one of the servers has logged, oldest first."""
        path = self.folder / f"nginx-{variant.name}.log"
        lines = path.read_bytes().decode(errors="replace").split("\n")[:-1] if path.exists() else []
        return [json.loads(line) for line in lines]

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(START_SECONDS)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
