"""The alerts are valid, do what their tests say, and speak of metrics and runbooks that exist."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from rendered import Rendered

HERE = Path(__file__).parent
TOP = HERE.parents[1]
TESTS = sorted((HERE / "alerts").glob("*.yaml"))


@pytest.fixture(scope="module")
def production():
    return Rendered.load(Path(os.environ["RENDERED"]) / "production.yaml")


@pytest.fixture(scope="module")
def rules_file(production, tmp_path_factory):
    """All rules, as Prometheus itself would read them."""
    groups = [group for item in production.all("PrometheusRule") for group in item["spec"]["groups"]]
    file = tmp_path_factory.mktemp("alerts") / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": groups}))
    return file


@pytest.fixture(scope="module")
def rules(rules_file):
    return [
        rule for group in yaml.safe_load(rules_file.read_text())["groups"] for rule in group["rules"]
    ]


@pytest.fixture(scope="module")
def alerts(rules):
    return [rule for rule in rules if "alert" in rule]


def test_prometheus_takes_the_rules(rules_file):
    promtool("check", "rules", rules_file)


@pytest.mark.parametrize("test", TESTS, ids=lambda path: path.stem)
def test_alerts_do_what_their_tests_say(rules_file, test):
    copy = rules_file.parent / test.name
    copy.write_text(test.read_text())
    promtool("test", "rules", copy)


def test_every_alert_is_tested(alerts):
    tested = {
        case["alertname"]
        for test in TESTS
        for group in yaml.safe_load(test.read_text())["tests"]
        for case in group["alert_rule_test"]
        if case.get("exp_alerts")
    }
    assert tested == {alert["alert"] for alert in alerts}


def test_every_alert_has_a_severity_and_a_runbook(alerts):
    headings = {
        heading.lower()
        for heading in re.findall("^#+ (.+)$", (TOP / "k8s/README.md").read_text(), re.MULTILINE)
    }
    for alert in alerts:
        assert alert["labels"]["severity"] in ("critical", "warning")
        path, _, anchor = alert["annotations"]["runbook"].partition("#")
        assert path == "k8s/README.md" and anchor == alert["alert"].lower()
        assert anchor in headings


def test_metrics_exist(rules):
    known = metrics_of_the_service()
    for rule in rules:
        for name in re.findall(r"(?<![:\w])rubrica_\w+", rule["expr"]):
            assert re.sub("_(total|bucket|count|sum)$", "", name) in known


def metrics_of_the_service():
    """The names that src/metrics.rs registers, without what their types append."""
    source = (TOP / "src/metrics.rs").read_text()
    found = re.findall(r'\.register(_with_unit)?\(\s*"(\w+)",\s*"[^"]*",\s*(?:Unit::(\w+))?', source)
    assert found
    return {"_".join(filter(None, ["rubrica", name, unit.lower()])) for _, name, unit in found}


def promtool(*words):
    answer = subprocess.run(["promtool", *words], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
