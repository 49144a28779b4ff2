"""compose.yaml, which is the same service without a cluster."""

from pathlib import Path

import pytest
import yaml
from settings import run_check_config

SERVICES = yaml.safe_load((Path(__file__).parents[2] / "compose.yaml").read_text())["services"]


@pytest.mark.parametrize("name", ["rubrica", "migration"])
def test_the_service_takes_its_settings(name):
    answer = run_check_config(SERVICES[name]["environment"])
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("name", ["rubrica", "migration"])
def test_the_container_may_do_no_more_than_a_pod(name):
    service = SERVICES[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges"]
