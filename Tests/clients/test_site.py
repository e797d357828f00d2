"""The page, the docs and their files as HTTP: types, validators, policies, and nothing else."""

import pathlib
import re
from collections.abc import Callable

import pytest

from service import ROOT, Service

PAGE = ROOT / "Sources" / "Server" / "Page"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
# What stands in the folder of the page and is served elsewhere.
DOCS_FILES = {"docs.html", "docs-missing.html", "docs.css", "docs.js"}
SWAGGER_UI = {"swagger-ui.css": b"body{}", "swagger-ui-bundle.js": b"let ui"}
FILE_BYTES_MAX = 8 << 20


def page_paths() -> dict[str, pathlib.Path]:
    names = sorted(path.name for path in PAGE.iterdir() if path.name not in DOCS_FILES)
    return {"/" if name == "page.html" else f"/page/{name}": PAGE / name for name in names}


@pytest.fixture
def swagger_ui(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "swagger-ui"
    folder.mkdir()
    for name, content in SWAGGER_UI.items():
        (folder / name).write_bytes(content)
    (folder / "secret.txt").write_text("not to be served")
    return folder


@pytest.mark.parametrize("path", page_paths())
def test_each_file_of_the_page_is_served_as_it_is(service: Service, path: str) -> None:
    file = page_paths()[path]
    answer = service.get(path)
    assert answer.status == 200 and answer.body == file.read_bytes()
    assert answer.headers["content-type"] == TYPES[file.suffix]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"].startswith("default-src 'none';")
    head = service.get(path, method="HEAD")
    assert head.body == b"" and head.headers["content-length"] == str(len(answer.body))
    tag = answer.headers["etag"]
    assert re.fullmatch('"[0-9a-f]{64}"', tag)
    again = service.get(path, f"If-None-Match: {tag}")
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert service.get(path, 'If-None-Match: "other"').status == 200


def test_entity_tags_differ(service: Service) -> None:
    tags = [service.get(path).headers["etag"] for path in page_paths()]
    assert len(set(tags)) == len(tags)


def test_the_page_may_load_only_what_is_ours(service: Service) -> None:
    policy = service.get("/").headers["content-security-policy"]
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    page = (PAGE / "page.html").read_text()
    for source in re.findall(r'(?:href|src)="([^"]*)"', page):
        assert service.get("/" + source).status == 200, source


def test_swagger_ui_is_read_at_the_start_and_served(
    start: Callable[..., Service], swagger_ui: pathlib.Path
) -> None:
    service = start(DOCS_DIR=swagger_ui)
    # What happens to the folder later makes no difference.
    (swagger_ui / "swagger-ui.css").unlink()
    for name, content in SWAGGER_UI.items():
        answer = service.get(f"/docs/{name}")
        assert answer.status == 200 and answer.body == content
        assert answer.headers["content-type"] == TYPES[pathlib.Path(name).suffix]
        tag = answer.headers["etag"]
        assert service.get(f"/docs/{name}", f"If-None-Match: {tag}").status == 304
    page = service.get("/docs")
    assert page.body == (PAGE / "docs.html").read_bytes()
    assert "script-src 'self';" in page.headers["content-security-policy"]
    for source in re.findall(r'(?:href|src)="([a-z][^"]*)"', page.body.decode()):
        assert service.get("/" + source).status == 200, source


@pytest.mark.parametrize("target", [
    "/docs/secret.txt", "/docs/../swagger-ui/secret.txt", "/docs/..%2fsecret.txt", "/docs/",
    "/docs/%2e%2e/%2e%2e/etc/passwd", "/docs/swagger-ui.css/", "/docs//etc/passwd", "/page/../docs",
    "/page/", "/page/Main.js", "/page/page.html", "/docs/swagger-ui.css%00", "/docs/installed"])
def test_no_other_name_is_served(
    start: Callable[..., Service], swagger_ui: pathlib.Path, target: str
) -> None:
    answer = start(DOCS_DIR=swagger_ui).get(target)
    assert answer.status == 404 and answer.problem()["code"] == "not_found", answer


def damage(folder: pathlib.Path, how: str) -> None:
    script = folder / "swagger-ui-bundle.js"
    script.unlink()
    match how:
        case "empty":
            script.touch()
        case "too large":
            with script.open("wb") as file:
                file.truncate(FILE_BYTES_MAX + 1)
        case "a directory":
            script.mkdir()
        case "a link":
            script.symlink_to("/etc/passwd")
        case "missing":
            pass


@pytest.mark.parametrize("how", ["empty", "too large", "a directory", "a link", "missing"])
def test_without_a_usable_swagger_ui_the_docs_say_how_to_get_it(
    start: Callable[..., Service], swagger_ui: pathlib.Path, how: str
) -> None:
    damage(swagger_ui, how)
    service = start(DOCS_DIR=swagger_ui)
    page = service.get("/docs")
    assert page.status == 200
    assert b"scripts/install-docs" in page.body and b"/api/generate-upload-link" in page.body
    assert str(swagger_ui).encode() not in page.body, "where it looked is the log's business"
    assert "run scripts/install-docs" in service.log()
    assert service.get("/docs/swagger-ui.css").status == 404


def test_a_file_of_just_the_largest_size_is_served(
    start: Callable[..., Service], swagger_ui: pathlib.Path
) -> None:
    (swagger_ui / "swagger-ui-bundle.js").write_bytes(b"/" * FILE_BYTES_MAX)
    answer = start(DOCS_DIR=swagger_ui).get("/docs/swagger-ui-bundle.js")
    assert answer.status == 200 and len(answer.body) == FILE_BYTES_MAX
