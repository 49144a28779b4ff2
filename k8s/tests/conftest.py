"""What the tests look at: everything that is rendered, and the settings the service makes of it."""

import os
from pathlib import Path

import pytest
from rendered import Rendered
from settings import effective_settings

OVERLAYS = ["development", "production", "all-components"]


@pytest.fixture(params=OVERLAYS, scope="session")
def cluster(request):
    """All objects of one overlay."""
    return Rendered.load(Path(os.environ["RENDERED"]) / f"{request.param}.yaml")


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
