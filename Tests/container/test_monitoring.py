"""The monitoring examples against promtool, against a real /metrics answer, and in a Prometheus."""

import json
import pathlib
import re
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable

import pytest
import yaml

import forms
import images
from service import KEY, Service, free_port
from tools import DEPLOY, check, run, tool
from wire import exchange, wait_until

RULES = DEPLOY / "image-service.rules.yml"
DASHBOARD = json.loads((DEPLOY / "grafana-dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
# What Grafana puts in the place of its variables.
VARIABLES = {"$__rate_interval": "5s", "$__range": "1m", "$instance": ".*"}
# What Prometheus adds to each scrape by itself.
ADDED_METRICS, ADDED_LABELS = {"up"}, {"job", "instance"}
SCRAPES_SECONDS = 20


def expressions() -> dict[str, str]:
    """Every query of the dashboard and of the rules, by where it stands."""
    found = {}
    for panel in PANELS:
        for target in panel["targets"]:
            found[f"{panel['title']} {target['refId']}"] = target["expr"]
    for annotation in DASHBOARD["annotations"]["list"]:
        found[f"annotation {annotation['name']}"] = annotation["expr"]
    for name, rule in alerts().items():
        found[name] = rule["expr"]
    for place, expression in found.items():
        for variable, value in VARIABLES.items():
            expression = expression.replace(variable, value)
        found[place] = expression
    return found


def alerts() -> dict[str, dict]:
    rules = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    return {rule["alert"]: rule for rule in rules}


@pytest.fixture(scope="module")
def used(service: Service) -> Service:
    """The server after something of everything that is counted."""
    use(service)
    return service


def use(service: Service) -> None:
    """An image for the first and for the second time, one refused, a hit and a miss, a 404."""
    data = images.jpeg(61, 9000)
    for _ in range(2):
        image_id = service.upload(("a.jpg", data))["a.jpg"]
        assert service.image(image_id).status == 200
    assert service.post(forms.files(("notes.txt", b"not an image"))).status == 415
    assert service.get("/nowhere").status == 404


def samples(service: Service) -> dict[str, list[dict[str, str]]]:
    """The names of a real answer's samples, each with its sets of labels."""
    text = service.get("/metrics", service.key_field).body.decode()
    found: dict[str, list[dict[str, str]]] = {}
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", text, re.MULTILINE):
        found.setdefault(name, []).append(dict(re.findall(r'(\w+)="([^"]*)"', labels)))
    return found


@pytest.mark.parametrize("place", expressions())
def test_a_query_names_only_metrics_and_labels_that_there_are(used: Service, place: str) -> None:
    known = samples(used)
    expression = expressions()[place]
    named = re.findall(r"((?:image_service|process)_\w+|\bup\b)(?:\{([^}]*)\})?", expression)
    assert named, expression
    for name, selector in named:
        assert name in known or name in ADDED_METRICS, name
        labels = set().union(*known.get(name, [{}])) | ADDED_LABELS
        assert {label for label, _ in re.findall(r'(\w+)(=~|!~|!=|=)"', selector)} <= labels
    for group in re.findall(r"\bby \(([^)]*)\)", expression):
        every = set().union(*(labels for name, _ in named for labels in known.get(name, [])))
        assert set(re.split(r",\s*", group)) <= every | ADDED_LABELS, group


def test_every_metric_is_on_the_dashboard(used: Service) -> None:
    shown = " ".join(expressions().values())
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in samples(used)}
    assert {family for family in families if family not in shown} == set()


def test_a_selected_label_has_values_that_there_are(used: Service) -> None:
    known = samples(used)
    for place, expression in expressions().items():
        selected = re.findall(r'(image_service_\w+)\{[^}]*?(reason|result|route|kind)=~?"([^"]*)"',
                              expression)
        for name, label, value in selected:
            values = {labels.get(label, "") for labels in known[name]}
            assert any(re.fullmatch(value, real) for real in values), f"{place}: {value}"


def test_the_panels_fill_the_page_without_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        cells = {(place["x"] + x, place["y"] + y)
                 for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len(taken) == 24 * (max(y for _, y in taken) + 1), "no gap either"
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(numbers) == len(set(numbers))


def test_the_dashboard_asks_the_source_that_its_reader_chooses() -> None:
    assert "${datasource}" in json.dumps(DASHBOARD)
    assert {variable["name"] for variable in DASHBOARD["templating"]["list"]} == {
        "datasource", "instance"}
    for panel in PANELS:
        for place in (panel, *panel["targets"]):
            assert place["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def configuration(folder: pathlib.Path, target: str = "127.0.0.1:8001") -> pathlib.Path:
    """The example with a key beside it, in a folder of its own."""
    (folder / RULES.name).write_text(RULES.read_text())
    (folder / "image-service.key").write_text(f"{KEY}\n")
    text = (DEPLOY / "prometheus.yml").read_text()
    assert "127.0.0.1:8001" in text
    path = folder / "prometheus.yml"
    # Twice in each $__rate_interval at least, or no rate has a value.
    path.write_text("global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\n"
                    + text.replace("127.0.0.1:8001", target))
    return path


def test_promtool_accepts_configuration_and_rules(tmp_path: pathlib.Path) -> None:
    said = check(tool("promtool"), "check", "config", configuration(tmp_path))
    assert f"{len(alerts())} rules found" in said, said


def test_promtool_accepts_every_query(tmp_path: pathlib.Path) -> None:
    rules = [{"record": f"query_{number}", "expr": expression}
             for number, expression in enumerate(expressions().values())]
    path = tmp_path / "queries.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    check(tool("promtool"), "check", "rules", path)
    path.write_text(path.read_text().replace("sum by", "sum buy", 1))
    assert run(tool("promtool"), "check", "rules", path).returncode != 0


def test_promtool_accepts_the_answer_itself(used: Service) -> None:
    text = used.get("/metrics", used.key_field).body
    ran = subprocess.run([tool("promtool"), "check", "metrics"], input=text, capture_output=True,
                         timeout=60, check=False)
    assert (ran.returncode, ran.stderr, ran.stdout) == (0, b"", b"")


# What has no value as long as all is well.
SILENT = set(alerts()) | {"annotation Starts"}


def test_every_panel_shows_something_in_a_real_prometheus(
    tmp_path: pathlib.Path, service: Service, beside: Callable[..., subprocess.Popen]
) -> None:
    port = free_port()
    path = configuration(tmp_path, f"127.0.0.1:{service.port}")
    beside(tool("prometheus"), f"--config.file={path}", f"--storage.tsdb.path={tmp_path}/data",
           f"--web.listen-address=127.0.0.1:{port}")

    def ask(query: str) -> list[dict]:
        url = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]["result"]

    def is_scraped() -> bool:
        try:
            return [sample["value"][1] for sample in ask('up{job="image-service"}')] == ["1"]
        except OSError:
            return False
    wait_until(is_scraped, SCRAPES_SECONDS, "the first scrape")
    deadline = time.monotonic() + SCRAPES_SECONDS
    missing = set(expressions()) - SILENT
    while missing and time.monotonic() < deadline:
        use(service)
        missing = {place for place in missing if not ask(expressions()[place])}
        time.sleep(0.5)
    assert missing == set()
    assert [place for place in alerts() if ask(f'ALERTS{{alertname="{place}"}}')] == []


def test_a_wrong_key_is_what_the_alert_says(service: Service) -> None:
    answer = exchange(service.port, "GET", "/metrics", "Authorization: Bearer wrong")
    assert answer.status == 401
