"""scripts/kind, with programs in place of docker, kind and kubectl that write down how they are called."""

import os
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
RECORD = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
case "$*" in *"get deployment"*) printf '%s' "$EXISTING" ;; esac
"""


@pytest.fixture
def run_kind(tmp_path):
    for tool in ("docker", "kind", "kubectl"):
        (tmp_path / tool).write_text(RECORD)
        (tmp_path / tool).chmod(0o755)

    def run_kind(existing):
        calls = tmp_path / "calls"
        variables = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": calls, "EXISTING": existing}
        subprocess.run([TOP / "scripts/kind"], env=variables, check=True, capture_output=True)
        return calls.read_text().splitlines()

    return run_kind


def test_the_first_run_restarts_nothing(run_kind):
    calls = run_kind(existing="")
    assert any("apply --kustomize k8s/overlays/development" in call for call in calls)
    assert not any("rollout restart" in call for call in calls)


def test_a_further_run_deletes_the_migration_and_restarts_the_pods(run_kind):
    calls = run_kind(existing="deployment.apps/rubrica")
    order = [
        next(index for index, call in enumerate(calls) if step in call)
        for step in ("delete job", "apply --kustomize", "rollout restart", "rollout status")
    ]
    assert order == sorted(order)
