"""Each alert fires at its fault, not before its time, and not while all is well (promtool)."""

import pathlib

import pytest
import yaml

from tools import DEPLOY, check, tool

RULES = DEPLOY / "image-service.rules.yml"
ALERTS = [rule["alert"] for rule in yaml.safe_load(RULES.read_text())["groups"][0]["rules"]]
INTERVAL_SECONDS = 30
ON = 'job="image-service",instance="a"'
REQUESTS = "image_service_http_requests_total{%s,route=\"upload_images\",code=\"%s\"}"
TURNED_AWAY = "image_service_turned_away_total{%s,reason=\"%s\"}"
SCRUB = "image_service_scrub_findings{%s,kind=\"%s\"}"
COMMITS = "image_service_commit_duration_seconds_bucket{%s,le=\"%s\"}"

# promtool's notation, one value each half minute: `a+bxn` begins with a and grows n times by b, a
# missing value is `_`.
WELL = {
    f"up{{{ON}}}": "1x8 0 1x60",
    f"process_start_time_seconds{{{ON}}}": "1000x20 2000x20 3000x30",
    f"image_service_storage_failures_total{{{ON}}}": "3x70",
    REQUESTS % (ON, "200"): "0+1000x70",
    REQUESTS % (ON, "500"): "0+9x70",
    REQUESTS % (ON, "503"): "0+900x70",
    REQUESTS % (ON, "507"): "5x70",
    TURNED_AWAY % (ON, "too_many_uploads"): "4x70",
    TURNED_AWAY % (ON, "not_ready"): "0x70",
    TURNED_AWAY % (ON, "shutting_down"): "0+1x70",
    SCRUB % (ON, "damaged"): "0x70",
    SCRUB % (ON, "missing"): "0x70",
    COMMITS % (ON, "0.5"): "0+100x70",
    COMMITS % (ON, "1"): "0+100x70",
    COMMITS % (ON, "2.5"): "0+100x70",
    COMMITS % (ON, "+Inf"): "0+100x70",
}
# The fault, beginning after five minutes (ten values), the labels that the alert has besides, and
# the minutes after which it is quiet still and after which it fires.
FAULTS: dict[str, tuple[dict[str, str], dict[str, str], float, float]] = {
    "ImageServiceDown": ({f"up{{{ON}}}": "1x9 0x60"}, {}, 5.5, 6.5),
    "ImageServiceStorageFailing": (
        {f"image_service_storage_failures_total{{{ON}}}": "3x9 4x60"}, {}, 4.5, 5.5),
    "ImageServiceDiskFull": (
        {REQUESTS % (ON, "507"): "_x10 1x60"}, {"route": "upload_images", "code": "507"}, 4.5, 5),
    "ImageServiceScrubFindings": (
        {SCRUB % (ON, "damaged"): "0x9 1x60"}, {"kind": "damaged"}, 4.5, 5.5),
    "ImageServiceErrors": (
        {REQUESTS % (ON, "500"): "0x9 0+100x60"}, {}, 9, 14),
    "ImageServiceTurningAway": (
        {TURNED_AWAY % (ON, "too_many_connections"): "0x9 0+1x60"},
        {"reason": "too_many_connections"}, 9, 11.5),
    "ImageServiceNotReady": ({TURNED_AWAY % (ON, "not_ready"): "0x9 0+1x60"}, {}, 9, 11.5),
    "ImageServiceSlowCommits": (
        {COMMITS % (ON, "0.5"): "0+100x9 900+90x60", COMMITS % (ON, "1"): "0+100x9 900+90x60"},
        {}, 14, 19),
    "ImageServiceRestarting": (
        {f"process_start_time_seconds{{{ON}}}": "1x9 2x9 3x9 4x40"}, {}, 14, 15.5),
}
SEVERITIES = {rule["alert"]: rule["labels"]["severity"]
              for rule in yaml.safe_load(RULES.read_text())["groups"][0]["rules"]}


def firing(alert: str, labels: dict[str, str], minutes: float, fires: bool) -> dict:
    """Asks for an alert at a time, with the one sample expected, or none."""
    every = {"alertname": alert, "alertstate": "firing", "severity": SEVERITIES[alert]} | labels
    pairs = ",".join(f'{name}="{value}"' for name, value in sorted(every.items()))
    sample = {"labels": f"ALERTS{{{ON},{pairs}}}", "value": 1}
    return {"expr": f'ALERTS{{alertname="{alert}",alertstate="firing"}}',
            "eval_time": f"{int(minutes * 60)}s", "exp_samples": [sample] if fires else []}


def promtool(folder: pathlib.Path, series: dict[str, str], questions: list[dict]) -> None:
    (folder / RULES.name).write_text(RULES.read_text())
    test = {"interval": f"{INTERVAL_SECONDS}s", "promql_expr_test": questions,
            "input_series": [{"series": name, "values": values}
                             for name, values in series.items()]}
    document = {"rule_files": [RULES.name], "evaluation_interval": "30s", "tests": [test]}
    path = folder / "alerts.test.yml"
    path.write_text(yaml.safe_dump(document))
    check(tool("promtool"), "test", "rules", path)


def test_every_alert_has_a_fault_that_shows_it() -> None:
    assert set(FAULTS) == set(ALERTS)


@pytest.mark.parametrize("alert", ALERTS)
def test_it_is_quiet_while_all_is_well(tmp_path: pathlib.Path, alert: str) -> None:
    promtool(tmp_path, WELL, [firing(alert, {}, minutes, False) for minutes in (12, 20, 34)])


@pytest.mark.parametrize("alert", FAULTS)
def test_it_fires_at_its_fault(tmp_path: pathlib.Path, alert: str) -> None:
    fault, labels, quiet_minutes, firing_minutes = FAULTS[alert]
    promtool(tmp_path, WELL | fault, [firing(alert, labels, quiet_minutes, False),
                                      firing(alert, labels, firing_minutes, True)])
