"""Pictures of the page to look at: phone and desktop, light and dark. Nothing is compared; what has
to be right about them is tested elsewhere.

They are written to `.screenshots`, or to the folder that `IMAGE_SERVICE_SCREENSHOTS` names.
"""

import os
import pathlib
import random
import shutil
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

import images
import pictures
import service as services
from service import ROOT, Service
from visit import Visit

FOLDER = pathlib.Path(os.environ.get("IMAGE_SERVICE_SCREENSHOTS", ROOT / ".screenshots"))
VIEWPORTS = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}
CAMERAS = [("Google", "Pixel 6a"), ("SONY", "ILCE-7M2"), ("FUJIFILM", "X-T30"),
           ("Apple", "iPhone 12")]
IMAGES = 90
DAY_SECONDS = 86_400


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Data with a month behind it: days come from the files' times when a catalog is rebuilt."""
    chance = random.Random(7)
    first = Service(tmp_path_factory.mktemp("month") / "data").wait_until_ready()
    link = first.link()
    for seed in range(IMAGES):
        make, model = chance.choices(CAMERAS, weights=[8, 4, 2, 1])[0]
        made = images.png(seed) if seed % 6 == 0 else images.gif(seed) if seed % 17 == 0 else (
            images.jpeg(seed, chance.randint(20_000, 90_000), make=make, model=model))
        first.upload((f"{seed}.jpg", made), link=link)
    assert first.stop() == 0
    for blob in (first.data / "blobs").rglob("*"):
        if blob.is_file():
            then = time.time() - min(29, chance.expovariate(1 / 11)) * DAY_SECONDS
            os.utime(blob, (then, then))
    assert services.command_line(first.data, "rebuild").returncode == 0
    return first.data


@pytest.fixture
def lived_in(start: Callable[..., Service], month: pathlib.Path, tmp_path: pathlib.Path) -> Service:
    return start(pathlib.Path(shutil.copytree(month, tmp_path / "month")))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_screenshots_are_written(
    visit: Callable[..., Visit], lived_in: Service, tmp_path: pathlib.Path, scheme: str,
    viewport: str
) -> None:
    FOLDER.mkdir(exist_ok=True)

    def shoot(opened: Visit, name: str) -> None:
        path = FOLDER / f"{name}-{viewport}-{scheme}.png"
        opened.page.screenshot(path=path, full_page=True, animations="disabled")
        assert path.stat().st_size > 5_000

    look = {"color_scheme": scheme, "viewport": VIEWPORTS[viewport]}
    opened = visit(at=lived_in, **look)
    expect(opened.page.get_by_label("Key")).to_be_visible()
    shoot(opened, "sign-in")
    opened.signed_in()
    opened.expects("415")
    if folder := services.photos():
        chosen = [folder / name for name in ("DSCN0010.jpg", "Canon_40D.jpg", "HTC_Desire.webp")]
    else:
        chosen = pictures.write(tmp_path, sand_png=images.png(901, 64, 64),
                                snow_png=images.png(902, 64, 64))
    opened.choose(*chosen, *pictures.write(tmp_path, notes_txt=images.NOT_AN_IMAGE))
    expect(opened.rows("done")).to_have_count(len(chosen))
    expect(opened.rows("failed")).to_have_count(1)
    expect(opened.page.locator("#image-count")).to_have_text(str(IMAGES + len(chosen)))
    shoot(opened, "page")
    docs = visit("/docs", at=lived_in, **look)
    expect(docs.page.locator(".opblock").first).to_be_visible()
    docs.page.screenshot(path=FOLDER / f"docs-{viewport}-{scheme}.png")
