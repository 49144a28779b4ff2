"""Which tags can be the release: they name the Job."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from rendered import is_dns_label

TOP = Path(__file__).parents[1]


@pytest.fixture
def render(tmp_path):
    """Renders production with another image, and returns the Job's name, or none where it fails."""
    shutil.copytree(TOP, tmp_path / "k8s")
    overlay = tmp_path / "k8s/overlays/production"

    def render(**image):
        file = overlay / "kustomization.yaml"
        kustomization = yaml.safe_load(file.read_text())
        kustomization["images"] = [{"name": "rubrica"} | image]
        file.write_text(yaml.safe_dump(kustomization))
        answer = subprocess.run([*shlex.split(os.environ["KUSTOMIZE"]), overlay], capture_output=True, text=True)
        if answer.returncode != 0:
            return None
        [job] = [item for item in yaml.safe_load_all(answer.stdout) if item["kind"] == "Job"]
        return job["metadata"]["name"]

    return render


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("0.2.0", "rubrica-migrate-0-2-0"),
        ("v1.10.0", "rubrica-migrate-v1-10-0"),
        ("0.2.1-rc1", "rubrica-migrate-0-2-1-rc1"),
    ],
)
def test_a_tag_names_the_job(render, tag, name):
    assert render(newName="registry.example.com/rubrica", newTag=tag) == name
    assert is_dns_label(name)


@pytest.mark.parametrize(
    "image",
    [
        {"newName": "registry.example.com/rubrica", "digest": "sha256:" + 64 * "0"},
        {"newName": "registry.example.com/rubrica", "newTag": "latest"},
        # Without another index in release.yaml.
        {"newName": "registry.example.com:5000/rubrica", "newTag": "0.2.0"},
    ],
    ids=["digest", "no version", "port"],
)
def test_an_image_without_a_version_where_it_is_looked_for_is_refused(render, image):
    assert render(**image) is None
