"""The page when something goes wrong: it says what, and what a log can be searched for."""

import pathlib
import re
from collections.abc import Callable

from playwright.sync_api import expect

import images
import pictures
from service import KEY, Service
from visit import Visit

# Longer than the second for which a link is good; the page cannot be asked whether it is over.
EXPIRY_MILLISECONDS = 2_100


def test_a_wrong_key_is_refused_in_words(visit: Callable[..., Visit], service: Service) -> None:
    page = visit()
    page.expects("401")
    page.sign_in("not-the-key")
    problem = page.page.get_by_role("alert")
    expect(problem).to_contain_text("The server does not accept this key.")
    expect(problem).to_contain_text("unauthorized")
    request_id = re.search(r"request (\S+)", problem.text_content()).group(1)
    assert request_id in service.log()
    expect(page.page.get_by_label("Key")).to_be_focused()
    assert page.page.evaluate("() => sessionStorage.length") == 0
    page.signed_in()
    expect(problem).to_be_hidden()


def test_a_key_that_no_header_can_carry_is_not_sent(
    visit: Callable[..., Visit], service: Service
) -> None:
    page = visit().sign_in("schlüssel")
    expect(page.page.get_by_role("alert")).to_contain_text("letters, digits and punctuation")
    assert "/api/stats" not in service.log()


def test_signing_out_leaves_nothing(visit: Callable[..., Visit], tmp_path: pathlib.Path) -> None:
    page = visit().signed_in()
    page.choose(*pictures.write(tmp_path, a_png=images.png(1)))
    expect(page.page.locator("#image-count")).to_have_text("1")
    page.page.get_by_role("button", name="Sign out").click()
    expect(page.page.get_by_label("Key")).to_be_focused()
    assert page.page.evaluate("() => [sessionStorage.length, localStorage.length]") == [0, 0]
    assert KEY not in page.page.content() and images.image_id(images.png(1)) not in (
        page.page.content())
    assert page.bars("formats") == page.table("formats") == {}
    page.page.reload()
    expect(page.page.get_by_label("Key")).to_be_visible()


def test_the_key_lasts_as_long_as_the_tab(visit: Callable[..., Visit], service: Service) -> None:
    page = visit().signed_in()
    page.page.reload()
    expect(page.page.get_by_role("heading", name="Upload", exact=True)).to_be_visible()
    other = page.context.new_page()
    other.goto(service.url)
    expect(other.get_by_label("Key")).to_be_visible()


def test_what_is_no_image_is_refused_and_takes_no_other_with_it(
    visit: Callable[..., Visit], service: Service, tmp_path: pathlib.Path
) -> None:
    files = pictures.write(tmp_path, a_png=images.png(1), notes_jpg=images.NOT_AN_IMAGE,
                           b_png=images.png(2))
    page = visit().signed_in()
    page.expects("415")
    page.choose(*files)
    expect(page.rows("done")).to_have_count(2)
    refused = page.row("notes.jpg")
    expect(refused).to_contain_text("The file is none of JPEG")
    expect(refused).to_contain_text("unsupported_image")
    request_id = re.search(r"request (\S+?)(?:Remove|$)", refused.text_content()).group(1)
    assert request_id in service.log()
    # Sending the same bytes again is of no use.
    expect(refused.get_by_role("button", name="Try again")).to_have_count(0)
    expect(page.page.locator("#overall-words")).to_have_text("2 of 3 files stored, 1 not")
    refused.get_by_role("button", name="Remove").click()
    expect(page.page.locator("#overall-words")).to_have_text("2 of 2 files stored")


def test_a_file_over_the_limit_is_refused_with_the_limit(
    start: Callable[..., Service], visit: Callable[..., Visit], tmp_path: pathlib.Path
) -> None:
    page = visit(at=start(tmp_path / "small", MAX_FILE_BYTES=1000)).signed_in()
    page.expects("413")
    page.choose(*pictures.write(tmp_path, a_jpg=images.jpeg(1, 1001), b_jpg=images.jpeg(2, 1000)))
    expect(page.rows("done")).to_contain_text("b.jpg")
    expect(page.row("a.jpg")).to_contain_text("1000 bytes")
    expect(page.row("a.jpg")).to_contain_text("file_too_large")


def test_a_link_that_has_expired_is_replaced(
    visit: Callable[..., Visit], service: Service, tmp_path: pathlib.Path
) -> None:
    page = visit().signed_in()
    page.expects("410")
    # The first link is for a second, where the page asks for ten minutes.
    page.page.route("**/api/generate-upload-link",
                    lambda route: route.continue_(post_data='{"expiry": 1}'), times=1)
    page.choose(*pictures.write(tmp_path, a_png=images.png(1)))
    expect(page.rows("done")).to_have_count(1)
    page.page.wait_for_timeout(EXPIRY_MILLISECONDS)
    links = re.findall(r'"POST (/api/upload-images/\S+?)(?:\.\.\.)?"', service.log())
    assert len(links) == 1
    page.choose(*pictures.write(tmp_path, b_png=images.png(2), c_png=images.png(3)))
    expect(page.rows("done")).to_have_count(3)
    assert re.search(r'"POST /api/upload-images/\S+" 410', service.log())


def test_a_shorter_limit_for_links_is_respected(
    start: Callable[..., Service], visit: Callable[..., Visit], tmp_path: pathlib.Path
) -> None:
    page = visit(at=start(tmp_path / "short", MAX_LINK_EXPIRY=60)).signed_in()
    page.expects("422")
    page.choose(*pictures.write(tmp_path, a_png=images.png(1)))
    expect(page.rows("done")).to_have_count(1)


def test_a_key_taken_back_asks_for_another_and_keeps_the_list(
    start: Callable[..., Service], visit: Callable[..., Visit], tmp_path: pathlib.Path
) -> None:
    first = start(tmp_path / "rotated")
    page = visit(at=first).signed_in()
    page.expects("401")
    first.stop()
    start(tmp_path / "rotated", PORT=first.port, API_KEY="the-new-key")
    page.choose(*pictures.write(tmp_path, a_png=images.png(1)))
    expect(page.page.get_by_role("alert")).to_contain_text("does not accept this key")
    page.sign_in("the-new-key")
    page.page.get_by_role("button", name="Try again: a.png").click()
    expect(page.rows("done")).to_have_count(1)


def test_a_server_that_is_gone_is_told_and_can_be_tried_again(
    start: Callable[..., Service], visit: Callable[..., Visit], tmp_path: pathlib.Path
) -> None:
    first = start(tmp_path / "gone")
    page = visit(at=first).signed_in()
    page.expects("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE")
    first.stop()
    page.choose(*pictures.write(tmp_path, a_png=images.png(1)))
    expect(page.row("a.png")).to_contain_text("The connection was lost")
    start(tmp_path / "gone", PORT=first.port)
    page.page.get_by_role("button", name="Try again: a.png").click()
    expect(page.rows("done")).to_have_count(1)


def test_a_filename_is_text_whatever_it_says(visit: Callable[..., Visit]) -> None:
    name = '<img src=x onerror="document.title=1">"&amp;.png'
    page = visit().signed_in()
    page.expects("415")
    page.choose({"name": name, "mimeType": "image/png", "buffer": images.png(1)},
                {"name": name + ".txt", "mimeType": "text/plain", "buffer": b"no image"})
    expect(page.rows("done")).to_have_count(1)
    expect(page.rows("failed")).to_have_count(1)
    expect(page.rows("done").locator(".upload-name")).to_have_text(name)
    expect(page.page).to_have_title("Image Service")
