"""Every usual client uploads and reads back identical bytes."""

import asyncio
import json
import pathlib
import subprocess

import httpx
import pytest
import requests

import forms
import images
from service import KEY, Service
from wire import Wire

HERE = pathlib.Path(__file__).parent
HEADERS = {"x-api-key": KEY}


@pytest.fixture
def named(tmp_path: pathlib.Path) -> dict[str, bytes]:
    """One file of each kind that we can make, written to the test's folder too."""
    seed = abs(hash(tmp_path)) % 1_000_000
    files = {
        "photo.jpg": images.jpeg(seed, 300_000, make="Google", model="Pixel 6a"),
        "drawing.png": images.png(seed, 64, 64),
        "blink.gif": images.gif(seed),
        "old.bmp": images.bmp(seed),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    return files


def expected(named: dict[str, bytes]) -> dict[str, str]:
    return {name: images.image_id(data) for name, data in named.items()}


def test_curl(service: Service, named: dict[str, bytes], tmp_path: pathlib.Path) -> None:
    def curl(*arguments: str) -> bytes:
        command = ["curl", "--silent", "--show-error", "--fail-with-body", *arguments]
        return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout

    link = json.loads(curl("-H", f"x-api-key: {KEY}", "-H", "Content-Type: application/json",
                           "-d", '{"expiry": 60}', f"{service.url}/api/generate-upload-link"))
    fields = [word for name in named for word in ("-F", f"image_files=@{tmp_path / name}")]
    answer = curl("-H", f"x-api-key: {KEY}", *fields, service.url + link["upload_url"])
    assert json.loads(answer) == expected(named)
    assert list(json.loads(answer)) == list(named), "the order is that of the request"
    for name, image_id in expected(named).items():
        assert curl(f"{service.url}/api/images/{image_id}") == named[name]


def test_requests(service: Service, named: dict[str, bytes]) -> None:
    with requests.Session() as session:
        link = session.post(f"{service.url}/api/generate-upload-link", headers=HEADERS,
                            json={"expiry": 60}, timeout=20).json()
        files = [("image_files", (name, data)) for name, data in named.items()]
        answer = session.post(service.url + link["upload_url"], headers=HEADERS, files=files,
                              timeout=20)
        assert answer.status_code == 200, answer.text
        assert answer.json() == expected(named)
        for name, image_id in answer.json().items():
            image = session.get(f"{service.url}/api/images/{image_id}", timeout=20)
            assert image.content == named[name]


def test_httpx(service: Service, named: dict[str, bytes]) -> None:
    with httpx.Client(base_url=service.url, headers=HEADERS, timeout=20) as client:
        link = client.post("/api/generate-upload-link", json={}).json()
        files = [("image_files", (name, data)) for name, data in named.items()]
        answer = client.post(link["upload_url"], files=files)
        assert answer.status_code == 200, answer.text
        assert answer.json() == expected(named)
        for name, image_id in answer.json().items():
            assert client.get(f"/api/images/{image_id}").content == named[name]


def test_httpx_asynchronously_with_uploads_side_by_side(
    service: Service, named: dict[str, bytes]
) -> None:
    async def run() -> None:
        async with httpx.AsyncClient(base_url=service.url, headers=HEADERS, timeout=20) as client:
            link = (await client.post("/api/generate-upload-link")).json()

            async def round_trip(name: str, data: bytes) -> None:
                answer = await client.post(link["upload_url"], files={"image_files": (name, data)})
                assert answer.json() == {name: images.image_id(data)}
                image = await client.get(f"/api/images/{images.image_id(data)}")
                assert image.content == data

            await asyncio.gather(*(round_trip(name, data) for name, data in named.items()))

    asyncio.run(run())


def test_fetch_with_form_data_in_node(
    service: Service, named: dict[str, bytes], tmp_path: pathlib.Path
) -> None:
    paths = [str(tmp_path / name) for name in named]
    script = str(HERE / "upload_with_fetch.mjs")
    command = ["node", script, service.url, service.link(), KEY, *paths]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == expected(named)


def test_raw_socket_byte_by_byte_on_one_connection(service: Service) -> None:
    data = images.gif(811)
    body = forms.files(("blink.gif", data))
    head = (f"POST {service.link()} HTTP/1.1\r\nHost: test\r\nx-api-key: {KEY}\r\n"
            f"Content-Type: {forms.CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    with Wire(service.port) as wire:
        for byte in head + body:
            wire.send(bytes([byte]))
        answer = wire.receive()
        assert answer.status == 200, answer
        assert answer.json() == {"blink.gif": images.image_id(data)}
        wire.send_head("GET", f"/api/images/{images.image_id(data)}")
        assert wire.receive().body == data


def test_photographs_come_back_as_they_are(service: Service, photos: pathlib.Path) -> None:
    manifest = [json.loads(line) for line in (photos / "manifest.jsonl").open()]
    accepted = [entry for entry in manifest if entry["format"] != "ICO"]
    assert accepted
    link = service.link()
    for entry in accepted:
        data = (photos / entry["file"]).read_bytes()
        assert service.upload((entry["file"], data), link=link) == {entry["file"]: entry["sha256"]}
        answer = service.image(entry["sha256"])
        assert answer.status == 200 and answer.body == data, entry["file"]
