"""The kustomize in kubectl, which operators use, renders what the pinned one renders."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from rendered import Rendered

TOP = Path(__file__).parents[2]


def has_current_kustomize():
    if not shutil.which("kubectl"):
        return False
    version = subprocess.run(["kubectl", "version", "--client"], capture_output=True, text=True)
    return "Kustomize Version: v5" in version.stdout


@pytest.mark.skipif(not has_current_kustomize(), reason="kubectl 1.27 or newer is not here")
@pytest.mark.parametrize(
    "path",
    [
        "k8s/overlays/development",
        "k8s/overlays/production",
        "k8s/tests/all-components",
        "k8s/tests/two-databases",
    ],
)
def test_kubectl_renders_the_same(path):
    answer = subprocess.run(["kubectl", "kustomize", TOP / path], capture_output=True, text=True, check=True)
    pinned = Rendered.load(Path(os.environ["RENDERED"]) / f"{Path(path).name}.yaml")
    assert Rendered.parse(answer.stdout) == pinned
