"""Who takes part: how each is started, and what it is asked for."""

import http.client
import json
import os
import pathlib
import string
import time
from dataclasses import dataclass

from benchmark import programs
from benchmark.processes import START_SECONDS, Program, free_port

KEY = "benchmark-key"
KEY_FIELD = f"x-api-key: {KEY}"
ONE_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Place:
    """Where contestants run: their cores, their number of workers, their directory."""

    directory: pathlib.Path
    cores: frozenset[int]
    binary: pathlib.Path

    @property
    def workers(self) -> int:
        return len(self.cores)

    def under(self, name: str) -> "Place":
        directory = self.directory / name
        directory.mkdir(parents=True, exist_ok=True)
        return Place(directory, self.cores, self.binary)

    def start(self, command: list, port: int, environment: dict[str, str] | None = None) -> Program:
        log = self.directory / f"{port}.log"
        return Program(command, set(self.cores), log, port, environment)


def start_ours(place: Place, wrapper: tuple[str, ...] = (), binary: pathlib.Path | None = None,
               **settings: object) -> Program:
    """This server. Its access log is off, as nginx's is: LOG_LEVEL is above that of its lines."""
    port = free_port()
    settings = {
        "API_KEY": KEY, "HOST": "127.0.0.1", "PORT": port, "DATA_DIR": place.directory / "data",
        "WORKERS": place.workers, "LOG_LEVEL": "warning", "IDLE_TIMEOUT": 600,
        "PATH": os.environ["PATH"], **settings,
    }
    environment = {name: str(value) for name, value in settings.items()}
    program = place.start([*wrapper, binary or place.binary], port, environment)
    try:
        wait_until_ready(program)
    except BaseException:
        program.stop()
        raise
    return program


def wait_until_ready(program: Program) -> None:
    """It listens before it has read its catalog, and says so."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and program.process.poll() is None:
        try:
            if ask(program, "GET", "/readyz")[0] == 200:
                return
        except OSError:
            pass        # not even that, under valgrind
        time.sleep(0.01)
    raise RuntimeError(f"not ready:\n{program.log.read_text(errors='replace')}")


def start_nginx(place: Place, wrapper: tuple[str, ...] = (), master: bool = True,
                threads: bool = False) -> Program:
    port = free_port()
    template = string.Template((programs.SOURCES / "nginx.conf").read_text())
    configuration = place.directory / f"nginx-{port}.conf"
    (place.directory / "nginx-root" / "upload").mkdir(parents=True, exist_ok=True)
    configuration.write_text(template.safe_substitute(
        DIRECTORY=place.directory, PORT=port, WORKERS=place.workers,
        MASTER="on" if master else "off", AIO="aio threads;" if threads else "",
        USER="user root;" if os.geteuid() == 0 else ""))
    return place.start([*wrapper, "/usr/sbin/nginx", "-c", configuration], port)


def start_seed(place: Place) -> Program:
    port = free_port()
    environment = {"SEED_KEY": KEY, "SEED_DIRECTORY": str(place.directory / "seed"),
                   "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    command = [programs.seed_python(), "-m", "uvicorn", "--app-dir", programs.SOURCES, "seed:app",
               "--port", port, "--workers", place.workers, "--no-access-log",
               "--log-level", "warning"]
    return place.start(command, port, environment)


def start_limit(place: Place, image_bytes: int, wrapper: tuple[str, ...] = ()) -> Program:
    """The bare libuv program."""
    port = free_port()
    return place.start(
        [*wrapper, programs.compiled("limit"), port, image_bytes, place.workers], port)


def start_keep(place: Place, mode: str) -> Program:
    """The C program that keeps uploads; `mode` as in keep.c."""
    port = free_port()
    directory = place.directory / "keep"
    directory.mkdir(exist_ok=True)
    return place.start([programs.compiled("keep"), mode, port, directory], port)


def ask(program: Program, method: str, path: str, body: bytes | None = None,
        **fields: str) -> tuple[int, dict[str, str], bytes]:
    """One request: status, fields with names in lower case, body."""
    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=60)
    try:
        connection.request(method, path, body, {"x-api-key": KEY, **fields})
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, names, answer.read()
    finally:
        connection.close()


def upload_path(program: Program) -> str:
    """A new upload link of ours, or of the seed's."""
    body = json.dumps({"expiry": ONE_DAY_SECONDS}).encode()
    status, _, answer = ask(program, "POST", "/api/generate-upload-link", body,
                            **{"Content-Type": "application/json"})
    if status != 200:
        raise RuntimeError(f"no upload link: {status} {answer!r}")
    return json.loads(answer)["upload_url"]


def form_options(program: Program) -> dict[str, object]:
    """How `load.c` uploads to ours and to the seed."""
    return {"method": "POST", "path": upload_path(program), "form": 1, "fields": (KEY_FIELD,)}
