"""The dashboard and the alert rules in monitoring/: their queries are PromQL, and ask for what a sidecar tells."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from tests.sidecar.scrape import ask
from tests.support.certificate import contexts, shown
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

FOLDER = Path(__file__).parents[2] / "monitoring"
DOCUMENT = FOLDER.parent / "docs/monitoring.md"
# What Prometheus adds to each sample, and the one that it makes itself.
ADDED = {"job", "instance"}
UP: dict[str, "Labels"] = {"up": {}}
# What Grafana puts in before it asks.
VARIABLES = {"$job": "webmacs", "$__rate_interval": "1m"}
SEVERITIES = {"info", "warning", "critical"}
UNITS = {"none", "short", "cps", "reqps", "s", "bytes", "percentunit"}
COLOURS = {"text", "orange", "red"}  # calm, and colour only for what is abnormal

Labels = dict[str, set[str]]
Node = Any  # promql_parser has no types


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "grafana-dashboard.json").read_text())
    return found


def panels() -> list[dict[str, Any]]:
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def queries() -> dict[str, str]:
    """By who asks."""
    found = {rule["alert"]: rule["expr"] for rule in rules()}
    for panel in panels():
        found |= {f"{panel['title']} {target['refId']}": target["expr"] for target in panel["targets"]}
    found |= {note["name"]: note["expr"] for note in dashboard()["annotations"]["list"]}
    return found


def parsed(query: str) -> Node:
    for name, value in VARIABLES.items():
        query = query.replace(name, value)
    return promql_parser.parse(query)


def parts(node: Node) -> Iterator[Node]:
    """This one and all below it."""
    yield node
    below = [getattr(node, name, None) for name in ("expr", "lhs", "rhs", "vector_selector", "param")]
    for part in [*below, *getattr(node, "args", [])]:
        if part is not None:
            yield from parts(part)


@pytest.fixture(scope="module")
def told(config: Config, people: People, sql: Sql, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Labels]:
    """The names that a running sidecar tells, each with its labels and their values."""
    backups = tmp_path_factory.mktemp("backups")
    (backups / "webmacs-20261130T011000Z.tar").touch()
    sql.superuser.execute("select private.report_disk(null)")
    certificate, _ = contexts("localhost", backups)
    with shown(certificate) as port:
        url = f"https://localhost:{port}"
        server = replace(config.server, port=free_port(), metrics_port=free_port(), public_url=url)
        watched = replace(config, server=server, backup=replace(config.backup, dir=backups))
        with running_sidecar(watched):
            samples = ask(watched)
    found: defaultdict[str, Labels] = defaultdict(lambda: defaultdict(set))
    for sample in samples:
        name, _, labels = sample.partition("{")
        for label, value in re.findall(r'([a-z]+)="([^"]*)"', labels):
            found[name][label].add(value)
        assert found[name] is not None
    return found | UP


@pytest.mark.parametrize("who", queries())
def test_each_query_asks_for_what_is_told(who: str, told: dict[str, Labels]) -> None:
    selectors = [part for part in parts(parsed(queries()[who])) if isinstance(part, promql_parser.VectorSelector)]
    assert selectors
    for selector in selectors:
        assert selector.name in told
        for matcher in selector.matchers.matchers:
            if matcher.name in ADDED:
                continue
            values = told[selector.name][matcher.name]
            wanted = re.split(r"\|", matcher.value)
            assert set(wanted) <= values, f"{selector.name} has no {matcher.name} {wanted}"


@pytest.mark.parametrize("who", queries())
def test_each_sum_is_by_labels_that_there_are(who: str, told: dict[str, Labels]) -> None:
    for part in parts(parsed(queries()[who])):
        if isinstance(part, promql_parser.AggregateExpr) and part.modifier:
            names = {str(p.name) for p in parts(part) if isinstance(p, promql_parser.VectorSelector)}
            for name in names:
                assert set(part.modifier.labels) <= told[name].keys() | ADDED


def test_nothing_is_told_that_nobody_looks_at(told: dict[str, Labels]) -> None:
    asked = {p.name for query in queries().values() for p in parts(parsed(query)) if hasattr(p, "matchers")}
    whole = {name for name in told if not name.endswith(("_sum", "_count"))}
    assert whole - asked <= {"webmacs_info"}
    assert "webmacs_info" in dashboard()["templating"]["list"][1]["definition"]


def test_each_alert_says_what_it_is_and_what_to_do() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    document = DOCUMENT.read_text()
    for rule in rules():
        assert rule["labels"]["severity"] in SEVERITIES
        assert rule["annotations"].keys() == {"summary", "description"}
        assert all(text.endswith(".") for text in rule["annotations"].values()), rule["alert"]
        assert f"`{rule['alert']}`" in document
        assert re.fullmatch(r"\d+[mh]", rule.get("for", "1m"))


DAY = 86_400.0


def value(node: Node, told: dict[str, float]) -> float | None:
    """What a query without labels comes to, as Prometheus has it; None: nothing. Of `told`, at the time 100 days."""
    match node:
        case promql_parser.NumberLiteral():
            return float(node.val)
        case promql_parser.Call():
            return 100 * DAY
        case promql_parser.VectorSelector():
            return told.get(str(node.name))
        case promql_parser.AggregateExpr() | promql_parser.ParenExpr():
            return value(node.expr, told)
    left, right, operator = value(node.lhs, told), value(node.rhs, told), str(node.op)
    if operator == "or":
        return right if left is None else left
    if left is None or right is None:
        return None
    steps = {"-": left - right, "*": left * right, ">": left if left > right else None}
    return steps[operator] if operator != "<" else (left if left < right else None)


@pytest.mark.parametrize(
    ("told", "alarmed"),
    [
        ({}, False),  # the database is away, which others say
        ({"installed": 99}, False),
        ({"installed": 97}, True),
        ({"installed": 1, "backup": 99}, False),
        ({"installed": 1, "backup": 97}, True),
    ],
)
def test_no_backup_of_two_days_is_told_also_if_there_never_was_one(told: dict[str, float], alarmed: bool) -> None:
    query = next(rule["expr"] for rule in rules() if rule["alert"] == "WebmacsBackupOld")
    days = {f"webmacs_{name}_time_seconds": day * DAY for name, day in told.items()}
    assert (value(parsed(query), days) is not None) is alarmed


@pytest.mark.parametrize(("day", "alarmed"), [(122, False), (120, True), (99, True)])
def test_a_certificate_that_ends_is_told_in_time(day: int, alarmed: bool) -> None:
    query = next(rule["expr"] for rule in rules() if rule["alert"] == "WebmacsCertificateEnds")
    told = {"webmacs_certificate_end_time_seconds": day * DAY}
    assert (value(parsed(query), told) is not None) is alarmed


def test_an_alert_names_labels_that_its_query_leaves() -> None:
    for rule in rules():
        named = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        query = parsed(rule["expr"])
        sums = [part for part in parts(query) if isinstance(part, promql_parser.AggregateExpr)]
        left = set(sums[0].modifier.labels if sums and sums[0].modifier else () if sums else ADDED)
        assert named <= left, rule["alert"]


def test_grafana_can_import_it() -> None:
    found = dashboard()
    assert (found["uid"], found["id"], found["title"]) == ("webmacs", None, "WebMACS")
    assert found["schemaVersion"] >= 36  # from Grafana 9 on
    assert [variable["name"] for variable in found["templating"]["list"]] == ["datasource", "job"]
    ids = [panel["id"] for panel in found["panels"]]
    assert len(set(ids)) == len(ids)


def test_each_panel_has_a_unit_a_place_and_says_what_it_shows() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    for panel in panels():
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["unit"] in UNITS
        assert panel["description"].endswith(".")
        assert panel["datasource"]["uid"] == "${datasource}"
        steps = defaults.get("thresholds", {}).get("steps", [])
        assert {step["color"] for step in steps} <= COLOURS
        legends = {target["legendFormat"] for target in panel["targets"]}
        assert len(legends) == len(panel["targets"]), panel["title"]


def test_prometheus_is_told_where_the_sidecars_are() -> None:
    example = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    (scrape,) = example["scrape_configs"]
    unit = (FOLDER.parent / "systemd/webmacs-sidecar@.service").read_text()
    assert "WEBMACS_SERVER_METRICS_PORT=946%i" in unit
    assert scrape["static_configs"][0]["targets"] == ["127.0.0.1:9461", "127.0.0.1:9462"]
    assert scrape["job_name"] == "webmacs"
