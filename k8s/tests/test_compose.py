"""compose.yaml, which is the same service without a cluster."""

from pathlib import Path

import pytest
import yaml
from settings import run_check_config

COMPOSE = yaml.safe_load((Path(__file__).parents[2] / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]


@pytest.mark.parametrize("name", ["rubrica", "migration"])
def test_the_service_takes_its_settings(name):
    answer = run_check_config(SERVICES[name]["environment"])
    assert answer.returncode == 0, answer.stderr


def test_the_file_has_only_what_every_compose_reads():
    """Compose v1 refuses a top-level `name`."""
    assert {key for key in COMPOSE if not key.startswith("x-")} == {"services", "volumes"}


def test_a_migration_that_fails_is_tried_again():
    """Not every Compose waits for the condition `service_healthy`."""
    assert SERVICES["migration"]["restart"] == "on-failure"


@pytest.mark.parametrize("name", ["rubrica", "migration"])
def test_the_container_may_do_no_more_than_a_pod(name):
    service = SERVICES[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges"]
