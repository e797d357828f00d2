"""The page for uploads when all goes well."""

import pathlib
from collections.abc import Callable

from playwright.sync_api import expect

import images
import pictures
from service import Service
from visit import Visit
from wire import wait_until

PARALLEL_MAX = 3


def test_three_dropped_images_are_stored_with_progress_and_change_the_charts(
    visit: Callable[..., Visit], service: Service, tmp_path: pathlib.Path
) -> None:
    files = pictures.three(tmp_path)
    page = visit().signed_in()
    expect(page.page.locator("#image-count")).to_have_text("0")
    assert page.bars("days") == page.bars("formats") == page.bars("cameras") == {}
    page.slow_down(300_000)
    page.drop(*files)
    expect(page.rows()).to_have_count(3)
    seen: set[float] = set()
    overall = page.page.locator("#overall-progress")

    def all_done() -> bool:
        bar = page.row("beach.jpg").locator("progress")
        if bar.is_visible() and overall.is_visible():
            seen.add(bar.evaluate("bar => bar.value / bar.max"))
            seen.add(overall.evaluate("bar => bar.value / bar.max"))
        return page.rows("done").count() == 3

    wait_until(all_done, 30, "all are stored")
    assert len([share for share in seen if 0 < share < 1]) >= 2, seen
    assert page.stored_ids() == {images.image_id(file.read_bytes()) for file in files}
    expect(page.page.locator("#overall-words")).to_have_text("3 of 3 files stored")
    expect(page.page.locator("#image-count")).to_have_text("3")
    [(day, count)] = service.statistics()[
        "Image Upload Frequency Per Day (last 30 days)"].items()
    assert page.bars("days") == {day: count} == {day: 3}
    assert page.bars("formats") == {"JPEG": 2, "PNG": 1} == page.table("formats")
    assert page.bars("cameras") == {"SONY - ILCE-7M2": 2} == page.table("cameras")
    assert sum(page.table("days").values()) == 3 and len(page.table("days")) == 30


def test_images_can_be_chosen_and_pasted(
    visit: Callable[..., Visit], tmp_path: pathlib.Path
) -> None:
    [file] = pictures.write(tmp_path, chosen_gif=images.gif(1))
    page = visit().signed_in()
    page.choose(file)
    expect(page.rows("done")).to_have_count(1)
    page.page.evaluate("""bytes => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "image.png", {type: "image/png"}));
        document.body.dispatchEvent(new ClipboardEvent("paste",
            {clipboardData: data, bubbles: true, cancelable: true}));
    }""", list(images.png(7)))
    expect(page.rows("done")).to_have_count(2)
    assert page.stored_ids() == {images.image_id(images.gif(1)), images.image_id(images.png(7))}


def test_a_dropped_folder_is_read_without_its_hidden_files(
    visit: Callable[..., Visit], tmp_path: pathlib.Path
) -> None:
    folder = tmp_path / "holiday" / "day 1"
    folder.mkdir(parents=True)
    pictures.write(folder.parent, a_png=images.png(1))
    pictures.write(folder, b_png=images.png(2))
    (folder / ".hidden.png").write_bytes(images.png(3))
    page = visit().signed_in()
    page.drop(folder.parent)
    expect(page.rows("done")).to_have_count(2)
    assert page.stored_ids() == {images.image_id(images.png(1)), images.image_id(images.png(2))}


def test_the_same_image_again_is_stored_but_not_counted(
    visit: Callable[..., Visit], tmp_path: pathlib.Path
) -> None:
    files = pictures.write(tmp_path, a_png=images.png(1), copy_png=images.png(1))
    page = visit().signed_in()
    page.choose(*files)
    expect(page.rows("done")).to_have_count(2)
    assert len(page.stored_ids()) == 1
    page.page.reload()
    expect(page.page.locator("#image-count")).to_have_text("1")


def test_only_a_few_are_sent_at_a_time(
    visit: Callable[..., Visit], tmp_path: pathlib.Path
) -> None:
    files = pictures.write(
        tmp_path, **{f"n{seed}_jpg": images.jpeg(seed, 100_000) for seed in range(8)})
    page = visit().signed_in()
    page.slow_down(400_000)
    page.choose(*files)
    most = 0

    def all_done() -> bool:
        nonlocal most
        # Asked for at once: between two questions one could move on.
        under_way = '.upload:is([data-state="sending"], [data-state="storing"])'
        most = max(most, page.page.locator(under_way).count())
        return page.rows("done").count() == len(files)

    wait_until(all_done, 60, "all are stored")
    assert most == PARALLEL_MAX


def test_an_upload_can_be_cancelled_and_sent_again(
    visit: Callable[..., Visit], service: Service, tmp_path: pathlib.Path
) -> None:
    [file] = pictures.write(tmp_path, large_jpg=images.jpeg(1, 2_000_000))
    page = visit().signed_in()
    page.slow_down(100_000)
    page.choose(file)
    expect(page.rows("sending")).to_have_count(1)
    page.page.get_by_role("button", name="Cancel large.jpg").click()
    expect(page.rows("failed")).to_contain_text("Cancelled.")
    assert service.details()["images"] == 0
    page.slow_down(-1)
    page.page.get_by_role("button", name="Try again: large.jpg").click()
    expect(page.rows("done")).to_have_count(1)


def test_links_and_ids_are_copied(
    visit: Callable[..., Visit], service: Service, tmp_path: pathlib.Path
) -> None:
    [file] = pictures.write(tmp_path, a_png=images.png(1))
    page = visit(permissions=["clipboard-read", "clipboard-write"]).signed_in()
    page.choose(file)
    page.page.get_by_role("button", name="Copy link to a.png").click()
    expect(page.row("a.png").get_by_text("Copied")).to_be_visible()
    link = page.page.evaluate("() => navigator.clipboard.readText()")
    image_id = images.image_id(images.png(1))
    assert link == f"{service.url}/api/images/{image_id}"
    page.page.get_by_role("button", name="Copy id of a.png").click()
    expect(page.page.locator("#announcements")).to_have_text("Copied")
    assert page.page.evaluate("() => navigator.clipboard.readText()") == image_id


def test_thumbnails_are_shown_and_their_memory_is_given_back(
    visit: Callable[..., Visit], tmp_path: pathlib.Path
) -> None:
    files = pictures.write(tmp_path, a_png=images.png(1), b_gif=images.gif(2),
                           map_tif=pictures.TIFF)
    page = visit()
    page.page.evaluate("""() => {
        window.held = new Set();
        const {createObjectURL, revokeObjectURL} = URL;
        URL.createObjectURL = (file) => {
            const address = createObjectURL.call(URL, file);
            held.add(address);
            return address;
        };
        URL.revokeObjectURL = (address) => {
            revokeObjectURL.call(URL, address);
            held.delete(address);
        };
    }""")
    page.signed_in().choose(*files)
    expect(page.rows("done")).to_have_count(3)
    wait_until(lambda: page.page.evaluate("() => held.size") == 0, 10, "all are revoked")
    shown = page.page.locator(".thumbnail img")
    expect(shown).to_have_count(2)
    assert shown.evaluate_all("all => all.every(image => image.naturalWidth > 0)")
    # What the browser cannot decode is stored all the same.
    expect(page.row("map.tif").locator(".thumbnail")).to_have_text("TIF")
