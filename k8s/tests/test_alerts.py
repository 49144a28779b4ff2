"""The alerts are valid, do what their tests say, and have runbooks."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).parent
TOP = HERE.parents[1]
TESTS = sorted((HERE / "alerts").glob("*.yaml"))


@pytest.fixture(scope="module")
def rules(rules_file):
    return [rule for group in yaml.safe_load(rules_file.read_text())["groups"] for rule in group["rules"]]


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
        for heading in re.findall("^#+ (.+)$", (TOP / "docs/operations/runbooks.md").read_text(), re.MULTILINE)
    }
    for alert in alerts:
        assert alert["labels"]["severity"] in ("critical", "warning")
        path, _, anchor = alert["annotations"]["runbook"].partition("#")
        assert path == "docs/operations/runbooks.md" and anchor == alert["alert"].lower()
        assert anchor in headings


def promtool(*words):
    answer = subprocess.run(["promtool", *words], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
