"""The statistics, against images made here and against photographs with known truth."""

import collections
import datetime
import json
import pathlib
from collections.abc import Callable

import forms
import images
from service import Service

FREQUENCY = "Image Upload Frequency Per Day (last 30 days)"
FORMAT = "Most Popular Image Format"
CAMERAS = "Top 10 Popular Camera Models"


def today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def test_an_empty_store_has_empty_statistics(start: Callable[..., Service]) -> None:
    service = start()
    answer = service.get("/api/stats", service.key_field)
    assert list(answer.json().items()) == [(FREQUENCY, {}), (FORMAT, None), (CAMERAS, [])]
    details = service.details()
    assert list(details) == ["images", "bytes", "days", "formats", "cameras"]
    assert details["images"] == details["bytes"] == 0
    assert len(details["days"]) == 30 and set(details["days"].values()) == {0}
    assert list(details["days"])[-1] == today()
    assert details["formats"] == details["cameras"] == {}


def test_statistics_are_right_at_once_after_each_upload(start: Callable[..., Service]) -> None:
    service = start()
    link = service.link()
    for count in range(1, 21):
        before = today()
        service.upload(("a.png", images.png(count)), link=link)
        frequency = service.statistics()[FREQUENCY]
        assert sum(frequency.values()) == count
        assert before in frequency or today() in frequency


def test_ties_go_to_the_alphabetically_first(start: Callable[..., Service]) -> None:
    service = start()
    service.upload(("a.png", images.png(1)), ("a.gif", images.gif(1)), ("a.bmp", images.bmp(1)))
    assert service.statistics()[FORMAT] == "BMP"
    service.upload(("b.png", images.png(2)))
    assert service.statistics()[FORMAT] == "PNG"
    assert list(service.details()["formats"].items()) == [("PNG", 2), ("BMP", 1), ("GIF", 1)]


def test_cameras_are_ranked_trimmed_and_cut_at_ten(start: Callable[..., Service]) -> None:
    service = start()
    cameras = [(" SONY ", "ILCE-7M2  ", 3), ("Google", "Pixel 6a", 2), (None, "Scanner", 2)]
    cameras += [("Make", f"Model {number:02}", 1) for number in range(12)]
    cameras += [("Make without a model", None, 4), ("Empty", "   ", 4)]
    seed, files = 0, []
    for make, model, count in cameras:
        for _ in range(count):
            seed += 1
            files.append((f"{seed}.jpg", images.jpeg(seed, make=make, model=model)))
    for start_at in range(0, len(files), 10):
        service.upload(*files[start_at : start_at + 10])
    ranked = ["SONY - ILCE-7M2", "Google - Pixel 6a", "Scanner"]
    ranked += [f"Make - Model {number:02}" for number in range(12)]
    assert service.statistics()[CAMERAS] == ranked[:10]
    details = service.details()["cameras"]
    assert list(details) == ranked
    assert list(details.values()) == [3, 2, 2] + [1] * 12


def test_photographs_give_what_their_ground_truth_says(
    start: Callable[..., Service], photos: pathlib.Path
) -> None:
    service = start()
    manifest = [json.loads(line) for line in (photos / "manifest.jsonl").open()]
    formats = collections.Counter()
    cameras = collections.Counter()
    seen = set()
    link, size = service.link(), 0
    for entry in manifest:
        data = (photos / entry["file"]).read_bytes()
        if entry["format"] == "ICO":  # no format of the contract: refused
            continue
        service.upload((entry["file"], data), link=link)
        if entry["sha256"] in seen:
            continue
        seen.add(entry["sha256"])
        size += len(data)
        formats[entry["format"]] += 1
        if model := entry.get("model"):
            make = entry.get("make")
            cameras[f"{make} - {model}" if make else model] += 1
    ranked = sorted(cameras.items(), key=lambda pair: (-pair[1], pair[0].encode()))
    assert service.statistics()[CAMERAS] == [name for name, _ in ranked[:10]]
    assert service.statistics()[FORMAT] == min(formats, key=lambda name: (-formats[name], name))
    assert sum(service.statistics()[FREQUENCY].values()) == len(seen)
    details = service.details()
    assert list(details["cameras"].items()) == ranked
    assert details["formats"] == dict(formats)
    assert (details["images"], details["bytes"]) == (len(seen), size)


def test_an_icon_is_refused(service: Service, photos: pathlib.Path) -> None:
    data = (photos / "hopper.ico").read_bytes()
    assert service.post(forms.files(("hopper.ico", data))).problem()["code"] == "unsupported_image"


def test_statistics_survive_a_restart(start: Callable[..., Service]) -> None:
    service = start()
    service.upload(*((f"{seed}.jpg", images.jpeg(seed, make="A", model="B")) for seed in range(5)))
    before = (service.statistics(), service.details())
    assert service.stop() == 0
    service = start()
    assert (service.statistics(), service.details()) == before
