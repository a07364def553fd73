"""Alert rules, dashboard and documents speak of meters that exist, and all of them."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from app.exposition import SignsCollector
from app.services.reconciliation import Crew
from app.settings import ROOT
from app.telemetry.meters import REGISTRY
from jobs.runs import recorded
from jobs.scheduler import TIMES
from tests.world import World

ALERTS = ROOT / "ops" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "ops" / "grafana" / "lunas.json"
MANUAL = (ROOT / "docs" / "operations.md").read_text()
_NAME = re.compile(r"\blunas_\w+")
_SELECTOR = re.compile(r"\b(lunas_\w+)\{([^}]*)\}")
_BY = re.compile(r"\bby \(([^)]*)\) \((?:rate\()?(lunas_\w+)")


def meters_of(collectors: Iterable[Collector | CollectorRegistry]) -> dict[str, set[str]]:
    """Return the labels of each meter by the name that Prometheus knows it by."""
    found: dict[str, set[str]] = {}
    for collector in collectors:
        for metric in collector.collect():
            total = "_total" if metric.type == "counter" else ""
            labels = {name for sample in metric.samples for name in sample.labels}
            found[metric.name + total] = labels - {"le"}
    return found


@pytest.fixture
def meters(shop: World) -> dict[str, set[str]]:
    crew = Crew("test", 1, 1, {})
    for timed in TIMES:
        recorded(timed, shop.desk, crew)()
    found = meters_of([REGISTRY, SignsCollector(shop.desk)])
    # Nothing may have happened yet in this process: then the library knows the labels best.
    counting: list[Any] = list(REGISTRY._collector_to_names)
    for meter in counting:
        name = next(iter(meter.describe())).name
        known = f"{name}_total" if f"{name}_total" in found else name
        found[known] = set(meter._labelnames)
    return found


def base_name(series: str, meters: dict[str, set[str]]) -> str:
    shorter = re.sub(r"_(bucket|count|sum)$", "", series)
    return shorter if shorter in meters else series


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    shown = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    return [rule["expr"] for rule in rules()] + shown


def test_rules_and_dashboard_ask_for_meters_and_labels_that_exist(
    meters: dict[str, set[str]],
) -> None:
    for expression in expressions():
        names = _NAME.findall(expression)
        assert names, expression
        assert {base_name(name, meters) for name in names} <= set(meters), expression
        for name, selector in _SELECTOR.findall(expression):
            labels = set(re.findall(r"(\w+)[=!~]+\"", selector))
            assert labels <= meters[base_name(name, meters)], expression
        for labels, name in _BY.findall(expression):
            asked = {label.strip() for label in labels.split(",")} - {"le"}
            assert asked <= meters[base_name(name, meters)], expression


def test_the_dashboard_shows_every_meter(meters: dict[str, set[str]]) -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    shown = {n for p in panels for t in p.get("targets", []) for n in _NAME.findall(t["expr"])}

    silent = set(meters) - {base_name(name, meters) for name in shown}
    # It only means something beside the age, in the alert.
    assert silent == {"lunas_job_heartbeat_allowed_seconds"}


def test_the_manual_lists_every_meter_with_its_labels(meters: dict[str, set[str]]) -> None:
    rows = re.findall(r"^\| `(lunas_\w+)` \|([^|]*)\|", MANUAL, re.MULTILINE)

    listed = {name: set(labels.replace(",", " ").split()) for name, labels in rows}
    assert listed == meters


def test_every_alert_says_what_it_is_and_leads_to_a_place_in_the_manual() -> None:
    headings = {line[4:] for line in MANUAL.splitlines() if line.startswith("### ")}

    assert headings == {rule["alert"] for rule in rules()}
    for rule in rules():
        said = rule["annotations"]
        assert said["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
        assert said["summary"].endswith(".")
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_what_is_said_of_failures_is_shown_by_tests_that_exist() -> None:
    table = (ROOT / "docs" / "degradation.md").read_text()
    named = re.findall(r"`(tests/\S+\.py)::(\w+)`", table)

    assert len(named) > 15
    missing = [(f, name) for f, name in named if f"def {name}(" not in (ROOT / f).read_text()]
    assert missing == []


def test_prometheus_own_tool_accepts_the_rules() -> None:
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not installed; the tests above read the rules without it")
    done = subprocess.run([tool, "check", "rules", str(ALERTS)], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
