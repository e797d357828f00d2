"""The docs page: the API can be tried from it, with no other server in reach."""

import json
import pathlib
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

import images
import pictures
from service import KEY, Service
from visit import Visit


def authorize(page: Page, key: str = KEY) -> None:
    page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".modal-ux")
    dialog.locator(".auth-container", has_text="x-api-key").locator("input").fill(key)
    dialog.locator(".auth-container", has_text="x-api-key").get_by_role(
        "button", name="Apply credentials").click()
    dialog.get_by_role("button", name="Close").last.click()


def try_out(page: Page, operation: str) -> Locator:
    """Opens an operation and makes its fields writable."""
    block = page.locator(f"[id$=-{operation}]")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    return block


def execute(block: Locator) -> tuple[int, str]:
    """Sends the request; gives status and content of the answer."""
    block.get_by_role("button", name="Execute").click()
    live = block.locator(".live-responses-table .response")
    expect(live).to_have_count(1)
    status = int(live.locator(".response-col_status").inner_text().split()[0])
    return status, live.locator(".response-col_description .highlight-code code").first.inner_text()


def test_several_files_are_uploaded_through_try_it_out(
    visit: Callable[..., Visit], service: Service, tmp_path: pathlib.Path
) -> None:
    page = visit("/docs").page
    authorize(page)
    status, text = execute(try_out(page, "generateUploadLink"))
    assert status == 200, text
    upload_id = json.loads(text)["upload_id"]
    block = try_out(page, "uploadImages")
    block.locator("tr[data-param-name=upload_id] input").fill(upload_id)
    files = pictures.three(tmp_path, 3000)
    fields = block.locator("input[type=file]")
    for number, file in enumerate(files):
        if number > 0:
            block.get_by_role("button", name="Add").click()
        expect(fields).to_have_count(number + 1)
        fields.last.set_input_files(file)
    status, text = execute(block)
    assert status == 200, text
    expected = {file.name: images.image_id(file.read_bytes()) for file in files}
    assert json.loads(text) == expected
    assert service.details()["images"] == 3


def test_without_a_key_the_refusal_is_shown(visit: Callable[..., Visit]) -> None:
    opened = visit("/docs")
    opened.expects("401")
    status, text = execute(try_out(opened.page, "getStats"))
    assert status == 401 and json.loads(text)["code"] == "unauthorized"


def test_an_image_is_shown_by_try_it_out(
    visit: Callable[..., Visit], service: Service
) -> None:
    [image_id] = service.upload(("a.png", images.png(1))).values()
    page = visit("/docs").page
    block = try_out(page, "getImage")
    block.locator("tr[data-param-name=image_id] input").fill(image_id)
    block.get_by_role("button", name="Execute").click()
    picture = block.locator(".live-responses-table img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 4


def test_without_swagger_ui_the_document_is_shown_as_text(
    start: Callable[..., Service], visit: Callable[..., Visit], tmp_path: pathlib.Path
) -> None:
    plain = start(tmp_path / "plain", DOCS_DIR=tmp_path / "none")
    page = visit("/docs", at=plain).page
    expect(page.get_by_text("scripts/install-docs")).to_be_visible()
    document = page.get_by_role("region", name="openapi.yaml").text_content()
    assert document == plain.get("/openapi.yaml").body.decode()
    page.get_by_role("link", name="Upload", exact=True).click()
    expect(page.get_by_label("Key")).to_be_visible()
