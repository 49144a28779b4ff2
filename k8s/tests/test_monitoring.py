"""What the dashboard and the alerts ask, a real Prometheus that scrapes the running service can answer."""

import json
import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
DASHBOARD = json.loads((TOP / "k8s/components/monitoring/dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [
    pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}")
    for panel in PANELS
    for target in panel["targets"]
]
# Their series begin with the first failure, or with a certificate.
ABSENT_WHERE_NOTHING_IS_WRONG = {
    "namespace:rubrica_http_errors",
    "rubrica_database_retries_total",
    "rubrica_fair_share_refusals_total",
    "rubrica_redis_failures_total",
    "rubrica_tls_certificate_not_after_timestamp_seconds",
}


def may_be_empty(expression):
    return any(metric in expression for metric in ABSENT_WHERE_NOTHING_IS_WRONG)


def without_variables(expression):
    """As Grafana would send it."""
    return expression.replace("$namespace", "rubrica").replace("$__rate_interval", "5m")


@pytest.mark.parametrize("expression", QUERIES)
def test_each_query_of_the_dashboard_has_an_answer(prometheus, expression):
    series = prometheus.query(without_variables(expression))
    assert series or may_be_empty(expression)


def test_the_legend_of_each_query_names_labels_that_it_has(prometheus):
    for panel in PANELS:
        for target in panel["targets"]:
            named = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            for series in prometheus.query(without_variables(target["expr"])):
                assert named <= series["metric"].keys(), panel["title"]


def test_panels_have_words_and_places_of_their_own():
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert len({panel["title"] for panel in PANELS}) == len(PANELS)
    assert all(panel["description"] for panel in PANELS)
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_prometheus_evaluates_every_rule(prometheus):
    rules = prometheus.rules()
    assert rules
    for rule in rules:
        assert rule["health"] == "ok", rule


def test_alerts_ask_for_metrics_that_the_service_has(prometheus):
    known = prometheus.metrics()
    for rule in prometheus.rules():
        for name in re.findall(r"(?<![:\w])rubrica_\w+", rule["query"]):
            assert name in known or name in ABSENT_WHERE_NOTHING_IS_WRONG, name


def test_nothing_is_wrong_with_a_service_that_is_well(prometheus):
    assert [rule["name"] for rule in prometheus.rules() if rule.get("state") == "firing"] == []


def test_every_metric_of_the_service_is_on_the_dashboard(prometheus):
    shown = " ".join(target["expr"] for panel in PANELS for target in panel["targets"])
    for name in prometheus.metrics():
        family = re.sub("_(bucket|count|sum)$", "", name)
        assert not family.startswith("rubrica_") or family in shown, name
