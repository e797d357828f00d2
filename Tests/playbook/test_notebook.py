"""The playbook runs to its end against the built server, and shows what it should."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import nbclient
import nbformat
import pytest

from conftest import PLAYBOOK
from service import KEY, Service, free_port

NOTEBOOK = PLAYBOOK / "image_server_playbook.ipynb"
CELL_SECONDS = 300
PICTURES = 10
# A chart of this many bytes has something on it.
CHART_BYTES_MIN = 10_000


@dataclass
class Run:
    """An executed notebook, and what the service counted before and after it."""

    notebook: nbformat.NotebookNode
    images_before: int
    images_after: int

    def outputs(self, cell_id: str) -> list:
        [cell] = [cell for cell in self.notebook.cells if cell.id == cell_id]
        return cell.outputs

    def text(self, cell_id: str) -> str:
        return "".join(o.text for o in self.outputs(cell_id) if o.output_type == "stream")

    def shown(self, cell_id: str, kind: str) -> str:
        [data] = [o.data for o in self.outputs(cell_id) if kind in o.get("data", {})]
        return data[kind]


def execute(url: str, key: str | None = KEY) -> nbformat.NotebookNode:
    """Runs the notebook; an error in it is raised, with the outputs until then."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMAGE_SERVICE_URL", url)
        if key is None:
            patch.delenv("API_KEY", raising=False)
        else:
            patch.setenv("API_KEY", key)
        where = {"metadata": {"path": str(PLAYBOOK)}}
        nbclient.NotebookClient(notebook, timeout=CELL_SECONDS, resources=where,
                                kernel_name="python3").execute()
    return notebook


@pytest.fixture(scope="module")
def runs(service: Service) -> Iterator[list[Run]]:
    """The notebook run twice, one after the other, against one server."""
    done = []
    for _ in range(2):
        before = service.details()["images"]
        notebook = execute(service.url)
        done.append(Run(notebook, before, service.details()["images"]))
    yield done


@pytest.fixture(scope="module")
def run(runs: list[Run]) -> Run:
    return runs[0]


def test_it_is_kept_without_outputs():
    # They would be megabytes of pictures, and ids, days and rates that are another server's.
    notebook = json.loads(NOTEBOOK.read_text())
    nbformat.validate(notebook)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None, cell["id"]


def test_its_links_lead_to_its_chapters():
    text = "".join(cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells)
    linked = set(re.findall(r"\]\(#([\w-]+)\)", text))
    assert linked and linked <= set(re.findall(r'<a id="([\w-]+)">', text))


def test_it_runs_to_its_end_without_a_word_on_stderr(runs):
    for run in runs:
        for cell in run.notebook.cells:
            for output in cell.get("outputs", []):
                assert output.output_type != "error", output
                assert output.get("name") != "stderr", (cell.id, output)


def test_every_picture_is_shown_before_and_after(run):
    counts = {"paint": PICTURES, "one-fetch": 1, "gallery": PICTURES, "album": 8}
    for cell_id, count in counts.items():
        pictures = re.findall(r'src="data:image/(?:jpeg|gif);base64,([^"]+)"',
                              run.shown(cell_id, "text/html"))
        assert len(pictures) == count, cell_id
        for picture in pictures:
            assert base64.b64decode(picture)[:3] in (b"\xff\xd8\xff", b"GIF")


def test_the_ids_are_the_hashes_of_what_the_service_has(run, service):
    ids = re.findall(r"<code>([0-9a-f]{64})</code>", run.shown("many", "text/html"))
    ids.append(re.search(r"we worked out +([0-9a-f]{64})", run.text("one-hash")).group(1))
    assert len(set(ids)) == PICTURES
    for image_id in ids:
        assert hashlib.sha256(service.image(image_id).body).hexdigest() == image_id
    assert run.shown("many", "text/html").count("✓") == PICTURES - 1


def test_the_same_picture_again_is_not_counted(run):
    said = run.text("twice")
    assert re.search(r"the same id: +True", said)
    for what in ("images", "bytes"):
        before, after = re.search(rf"{what} before: +(\d+) · after: (\d+)", said).groups()
        assert before == after != "0"


def test_one_broken_file_keeps_all_out(run):
    said = run.text("all-or-nothing")
    assert "415 Unsupported Media Type" in said
    assert re.findall(r'"filename": "(.*)"', said) == ["holiday.jpg"], "the others are images"
    assert run.text("nothing-kept").splitlines() == ["404 image_not_found"] * 2


def test_errors_look_as_the_contract_has_them(run):
    rows = re.findall(r"<td[^>]*>(\d{3})</td><td[^>]*><code>(\w+)</code>",
                      run.shown("errors", "text/html"))
    assert rows == [
        ("401", "unauthorized"), ("401", "unauthorized"), ("400", "invalid_json"),
        ("422", "invalid_expiry"), ("404", "link_not_found"), ("415", "unsupported_media_type"),
        ("422", "no_image_files"), ("415", "unsupported_image"), ("404", "image_not_found"),
        ("405", "method_not_allowed")]
    assert "410 Gone" in run.text("expiry") and "link_expired" in run.text("expiry")


def test_conditions_and_ranges_are_answered(run):
    assert "← 304 Not Modified" in run.text("conditional")
    assert "← 412 Precondition Failed" in run.text("conditional")
    assert "← 206 Partial Content" in run.text("range")
    assert run.text("resume").strip().endswith("hash as promised: True")
    assert "206 multipart/byteranges" in run.text("several")
    assert len(re.findall(r"^  bytes \d+-\d+/\d+", run.text("several"), re.MULTILINE)) == 3
    assert "← 416 Range Not Satisfiable" in run.text("several")
    assert "immutable" in run.shown("head", "text/html")


def test_a_large_file_asks_first(run):
    assert run.text("ask").strip() == "HTTP/1.1 401 Unauthorized"
    said = run.text("large")
    assert said.startswith("HTTP/1.1 100 Continue") and "72.0M/72.0M" in said
    assert said.rstrip().endswith("hash as promised: True")


def test_the_folder_arrives_with_a_progress_bar(runs):
    first, second = (run.text("folder") for run in runs)
    assert "100%" in first and "40 pictures, 40 ids as promised, 40 new to the store" in first
    assert "40 pictures, 40 ids as promised, 0 new to the store" in second


def test_a_second_run_adds_nothing(runs):
    first, second = runs
    # Ten large ones, an album of forty, and the one that is huge.
    assert (first.images_before, first.images_after) == (0, PICTURES + 40 + 1)
    assert second.images_before == second.images_after == first.images_after


def test_the_charts_are_there(run):
    for cell_id in ("charts", "histogram"):
        chart = base64.b64decode(run.shown(cell_id, "image/png"))
        assert chart.startswith(b"\x89PNG") and len(chart) > CHART_BYTES_MIN


def test_the_statistics_are_the_services_own(runs, service):
    said = runs[-1].text("stats")
    assert json.loads(said[said.index("{"):]) == service.statistics()


def test_no_endpoint_is_left_out(run, service):
    rows = re.findall(r"<td[^>]*>([^<]+)</td><td[^>]*>(GET|POST)</td>",
                      run.shown("coverage", "text/html"))
    document = service.get("/openapi.json").json()
    operations = [method for path in document["paths"].values() for method in path
                  if method in ("get", "post")]
    assert len(rows) == len(operations)
    assert all(mark == "✓" for mark, _ in rows), rows


def test_without_a_key_it_says_so_instead_of_a_traceback(service):
    with pytest.raises(nbclient.exceptions.CellExecutionError) as failure:
        execute(service.url, key=None)
    assert "⛔ API_KEY is not set" in failure.value.traceback
    assert "Traceback" not in failure.value.traceback


def test_without_a_service_it_says_so_instead_of_a_traceback():
    with pytest.raises(nbclient.exceptions.CellExecutionError) as failure:
        execute(f"http://127.0.0.1:{free_port()}")
    assert "is the service running?" in failure.value.traceback
    assert "Traceback" not in failure.value.traceback
