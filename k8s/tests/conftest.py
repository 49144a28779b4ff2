"""What the tests look at: everything that is rendered, and the settings the service makes of it."""

import os
from pathlib import Path

import pytest
import yaml
from prometheus import Prometheus
from rendered import Rendered
from settings import effective_settings

OVERLAYS = ["development", "production", "all-components"]


@pytest.fixture(params=OVERLAYS, scope="session")
def cluster(request):
    """All objects of one overlay."""
    return load(request.param)


@pytest.fixture(scope="session")
def deployment(cluster):
    return cluster.one("Deployment", "rubrica")


@pytest.fixture(scope="session")
def migration(cluster):
    return cluster.one("Job")


@pytest.fixture(scope="session")
def settings(cluster, deployment):
    """What the service makes of the Deployment's environment, by `section.key`."""
    return effective_settings(cluster, deployment)


@pytest.fixture(scope="session")
def production():
    return load("production")


@pytest.fixture(scope="session")
def all_components():
    return load("all-components")


@pytest.fixture(scope="session")
def two_databases():
    """Two Clusters of Postgres in one namespace, and nothing else."""
    return load("two-databases")


def load(name):
    return Rendered.load(Path(os.environ["RENDERED"]) / f"{name}.yaml")


@pytest.fixture(scope="session")
def rules_file(production, tmp_path_factory):
    """All rules, as Prometheus itself would read them."""
    groups = [group for item in production.all("PrometheusRule") for group in item["spec"]["groups"]]
    file = tmp_path_factory.mktemp("alerts") / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": groups}))
    return file


@pytest.fixture(scope="session")
def prometheus(rules_file):
    """A Prometheus with these rules that scrapes the running service."""
    with Prometheus.start(os.environ["OPS"], rules_file) as prometheus:
        yield prometheus
