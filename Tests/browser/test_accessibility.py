"""axe-core on every state of the page, and a walk by keyboard alone (WCAG 2.2, levels A and AA)."""

import pathlib
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

import images
import pictures
from service import KEY, Service
from visit import Visit

STANDARD = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


def violations(page: Page, *impacts: str) -> list[str]:
    """What axe-core finds, in one line each; of these impacts only, or of all."""
    result = Axe().run(page, options=STANDARD).response
    assert result["passes"], "it looked at nothing"
    return [f"{each['id']} ({each['impact']}): {node['target']} {node['failureSummary']}"
            for each in result["violations"] if not impacts or each["impact"] in impacts
            for node in each["nodes"]]


@SCHEMES
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_on_the_page(
    visit: Callable[..., Visit], tmp_path: pathlib.Path, scheme: str, width: int
) -> None:
    opened = visit(color_scheme=scheme, viewport={"width": width, "height": 800},
                   reduced_motion="reduce")
    page = opened.page
    opened.expects("401", "415")
    expect(page.get_by_label("Key")).to_be_visible()
    assert violations(page) == [], "signed out"
    opened.sign_in("wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == [], "refused"
    opened.signed_in()
    expect(page.locator("#days-chart svg")).to_be_visible()
    assert violations(page) == [], "nothing stored yet"
    opened.slow_down(20_000)
    opened.choose(*pictures.three(tmp_path, 100_000),
                  *pictures.write(tmp_path, notes_txt=images.NOT_AN_IMAGE))
    expect(opened.rows("sending").first).to_be_visible()
    assert violations(page) == [], "uploading"
    opened.slow_down(-1)
    expect(opened.rows("done")).to_have_count(3)
    for summary in page.get_by_text("Show as a table").all():
        summary.click()
    assert violations(page) == [], "charts, tables, and a refused file"


@SCHEMES
def test_axe_finds_nothing_serious_on_the_docs_page(
    visit: Callable[..., Visit], scheme: str
) -> None:
    page = visit("/docs", color_scheme=scheme).page
    expect(page.get_by_role("button", name="Authorize").first).to_be_visible()
    found = violations(page, "serious", "critical")
    # Swagger UI puts a link inside the button that unfolds an operation; a style cannot mend that.
    assert [line for line in found if not line.startswith("nested-interactive")] == []


@SCHEMES
def test_axe_finds_nothing_on_the_docs_as_text(
    start: Callable[..., Service], visit: Callable[..., Visit], tmp_path: pathlib.Path, scheme: str
) -> None:
    plain = start(tmp_path / "plain", DOCS_DIR=tmp_path / "none")
    assert violations(visit("/docs", at=plain, color_scheme=scheme).page) == []


def test_the_page_can_be_used_by_keyboard_alone(
    visit: Callable[..., Visit], tmp_path: pathlib.Path
) -> None:
    opened = visit()
    page = opened.page
    expect(page.get_by_label("Key")).to_be_visible()

    def tab_to(name: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            focused = page.locator(":focus")
            # What has the focus is seen, with a ring around it or around its label.
            assert focused.evaluate("""element => {
                const ring = (one) => getComputedStyle(one).outlineStyle !== "none";
                return ring(element) || ring(element.closest("label") ?? element);
            }"""), focused.evaluate("element => element.outerHTML")
            label = focused.evaluate("""element => element.getAttribute("aria-label")
                ?? element.labels?.[0]?.textContent ?? element.textContent""").strip()
            if label == name:
                return
        raise AssertionError(f"{name} is not reached with the Tab key")

    tab_to("Key")
    page.keyboard.type(KEY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Upload", exact=True)).to_be_focused()
    tab_to("Choose images")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(pictures.write(tmp_path, a_png=images.png(1)))
    expect(opened.rows("done")).to_have_count(1)
    expect(page.locator("#announcements")).to_have_text("1 of 1 file stored")
    tab_to("Open a.png in a new tab")
    tab_to("Show as a table")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Uploads per day")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("region", name="Uploads per day")).to_be_focused()


def test_charts_say_in_words_what_they_show(
    visit: Callable[..., Visit], tmp_path: pathlib.Path
) -> None:
    opened = visit().signed_in()
    opened.choose(*pictures.three(tmp_path, 1000))
    expect(opened.page.locator("#image-count")).to_have_text("3")
    opened.page.get_by_role("img", name="Formats: JPEG 2, PNG 1.").wait_for()
    opened.page.get_by_role("img", name="Cameras: SONY - ILCE-7M2 2.").wait_for()
    days = opened.page.get_by_role("img", name="Uploads per day: 3 images in the last 30 days")
    assert "today 3" in days.get_attribute("aria-label")


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_nothing_is_cut_off_at_any_width(
    visit: Callable[..., Visit], tmp_path: pathlib.Path, width: int
) -> None:
    """320 pixels are a phone, or a desktop at four times the size (WCAG 2.2, 1.4.10)."""
    opened = visit(viewport={"width": width, "height": 700}).signed_in()
    long_name = pictures.write(tmp_path, **{"x" * 120 + "_jpg": images.jpeg(
        1, make="EASTMAN KODAK COMPANY", model="KODAK CX7530 ZOOM DIGITAL CAMERA " * 2)})
    opened.choose(*long_name)
    expect(opened.page.locator("#image-count")).to_have_text("1")
    assert opened.page.evaluate("() => document.documentElement.scrollWidth") <= width
    name, count = opened.page.locator("#cameras-chart svg text").all()
    assert name.text_content().endswith("…")
    left, right = name.bounding_box(), count.bounding_box()
    assert left["x"] + left["width"] < right["x"], "the name ends before its count"
