"""What docs/operations/cloudnative-pg.md tells an operator to write, written."""

import os
import re
import shlex
import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest
import yaml
from rendered import Rendered, name_of, pod_spec

TOP = Path(__file__).parents[2]
GUIDE = (TOP / "docs/operations/cloudnative-pg.md").read_text()
BLOCKS = [textwrap.dedent(block) for block in re.findall(r"^ *```yaml\n(.*?)^ *```", GUIDE, re.M | re.S)]


@pytest.fixture(scope="module")
def overlay(tmp_path_factory):
    """The overlay of somebody who took the component, and has just restored the Cluster."""
    copy = tmp_path_factory.mktemp("guide") / "k8s"
    shutil.copytree(TOP / "k8s", copy)
    yours = copy / "overlays/yours"
    (yours / "restored").mkdir(parents=True)
    setup, restored, trust = BLOCKS
    kustomization = yaml.safe_load(setup) | {"resources": ["../production", "restored"]}
    kustomization["patches"] += yaml.safe_load(trust)
    (yours / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    (yours / "restored/kustomization.yaml").write_text(restored)
    answer = subprocess.run([*shlex.split(os.environ["KUSTOMIZE"]), yours], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return Rendered.parse(answer.stdout)


def test_the_bucket_and_the_network_of_the_api_server_can_be_set(overlay):
    store = overlay.one("ObjectStore", "rubrica-postgres")["spec"]["configuration"]
    assert store["destinationPath"] == "s3://YOUR-BUCKET/"
    [network] = [
        rule["to"][0]["ipBlock"]["cidr"]
        for rule in overlay.one("NetworkPolicy", "rubrica-postgres")["spec"]["egress"]
        if rule["ports"] == [{"port": 6443}]
    ]
    assert network == "192.0.2.0/24"


def test_the_restored_cluster_stops_at_the_point_in_time(overlay):
    bootstrap = overlay.one("Cluster", "rubrica-postgres-restored")["spec"]["bootstrap"]
    assert bootstrap["recovery"]["recoveryTarget"] == {"targetTime": "2026-11-26 08:00:00+00"}
    assert "initdb" not in bootstrap


def test_rubrica_trusts_the_restored_cluster(overlay):
    for workload in overlay.workloads():
        [volume] = [item for item in pod_spec(workload)["volumes"] if item["name"] == "certificates"]
        assert volume["secret"]["secretName"] == "rubrica-postgres-restored-ca"
        assert [item["key"] for item in volume["secret"]["items"]] == ["ca.crt"]


def test_every_secret_of_a_cluster_is_named(overlay):
    for cluster in overlay.all("Cluster"):
        for secret in secrets_in([cluster, overlay.one("ObjectStore", name_of(cluster))]):
            # A loop of the shell makes two of them.
            looped = re.sub("-(owner|service)$", "-$role", secret)
            assert secret in GUIDE or looped in GUIDE, secret


def test_the_urls_lead_to_the_primary(overlay):
    hosts = set(re.findall(r"(rubrica-postgres[a-z-]*)-rw", GUIDE))
    assert hosts == {name_of(cluster) for cluster in overlay.all("Cluster")}


def secrets_in(value):
    """The names under `secret`, `passwordSecret` and the keys of the bucket."""
    match value:
        case {"name": str(name)} if name.startswith("rubrica-postgres-") and len(value) <= 2:
            return [name]
        case dict():
            return [name for key, inner in value.items() if key != "metadata" for name in secrets_in(inner)]
        case list():
            return [name for inner in value for name in secrets_in(inner)]
    return []
