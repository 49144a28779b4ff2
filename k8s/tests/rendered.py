"""Rendered manifests, and the questions that many tests ask of them."""

from dataclasses import dataclass
from pathlib import Path

import yaml

# What makes pods.
WORKLOADS = ("Deployment", "Job")
# What the pods of a Cluster listen on, as CloudNativePG documents it.
INSTANCE_PORTS = {"postgresql": 5432, "status": 8000, "metrics": 9187}


class Loader(yaml.SafeLoader):
    """As Kubernetes reads YAML: without timestamps."""

    yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True)
class Rendered:
    """All objects of one overlay."""

    objects: list

    @classmethod
    def load(cls, path: Path) -> "Rendered":
        return cls.parse(path.read_text())

    @classmethod
    def parse(cls, text: str) -> "Rendered":
        return cls([item for item in yaml.load_all(text, Loader) if item])

    def all(self, kind):
        return [item for item in self.objects if item["kind"] == kind]

    def one(self, kind, name=None):
        """The only one of its kind, or of this name."""
        found = [item for item in self.all(kind) if name in (None, name_of(item))]
        assert len(found) == 1, f"{len(found)} objects are {kind} {name or ''}"
        return found[0]

    def find(self, kind, name):
        """The one of this name, or none."""
        return next((item for item in self.all(kind) if name_of(item) == name), None)

    def workloads(self):
        return [item for item in self.objects if item["kind"] in WORKLOADS]

    def selected_by(self, labels):
        """The workloads, and the Clusters of Postgres, whose pods have all these labels."""
        return [item for item in self.workloads() + self.all("Cluster") if labels.items() <= pod_labels(item).items()]


def name_of(item):
    return item["metadata"]["name"]


def pod_labels(workload):
    if workload["kind"] == "Cluster":
        return {"cnpg.io/cluster": name_of(workload)}
    return workload["spec"]["template"]["metadata"]["labels"]


def pod_spec(workload):
    return workload["spec"]["template"]["spec"]


def container(workload):
    """The only container of a workload."""
    [only] = pod_spec(workload)["containers"]
    return only


def ports(workload):
    """The container's ports, numbers by names."""
    if workload["kind"] == "Cluster":
        return INSTANCE_PORTS
    return {port["name"]: port["containerPort"] for port in container(workload).get("ports", [])}


def is_dns_label(name):
    """Whether pods and hosts can be named by it: RFC 1123."""
    words = name.split("-")
    return len(name) <= 63 and all(word.isascii() and word.isalnum() and word == word.lower() for word in words)
