"""Who may talk to whom."""

import pytest
from rendered import name_of, pod_labels, ports


def test_all_pods_are_closed_by_default(cluster):
    policy = cluster.one("NetworkPolicy", "default-deny")["spec"]
    assert policy == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_policies_mean_pods_and_ports_that_exist(cluster):
    for policy in cluster.all("NetworkPolicy"):
        labels = policy["spec"]["podSelector"].get("matchLabels", {})
        if "acme.cert-manager.io/http01-solver" in labels:
            continue
        pods = cluster.selected_by(labels)
        assert pods, name_of(policy)
        for rule in policy["spec"].get("ingress", []):
            for port in rule["ports"]:
                for pod in pods:
                    # Containers of Rubrica name their ports; what an operator names is up to it.
                    known = ports(pod).values() if pod["kind"] == "Cluster" else ports(pod)
                    assert port["port"] in known, name_of(policy)


def test_only_the_server_is_reached_and_the_public_port_by_one_way(cluster, deployment, migration):
    assert not incoming(cluster, migration)
    ways = [rule for rule in incoming(cluster, deployment) if {"port": "http"} in rule["ports"]]
    assert len(ways) == len(cluster.all("Ingress"))


def test_the_admin_api_is_reached_from_one_place_that_is_not_public(cluster, deployment):
    ways = [rule for rule in incoming(cluster, deployment) if {"port": "admin"} in rule["ports"]]
    public = [rule for rule in incoming(cluster, deployment) if {"port": "http"} in rule["ports"]]
    assert len(ways) == len(public)
    for way in ways:
        assert way["ports"] == [{"port": "admin"}]
        assert way["from"] and all(way["from"] != other["from"] for other in public)


def test_metrics_are_open_to_prometheus_alone(cluster, deployment):
    ways = [rule for rule in incoming(cluster, deployment) if {"port": "operations"} in rule["ports"]]
    assert len(ways) == len(cluster.all("ServiceMonitor"))
    for way in ways:
        [peer] = way["from"]
        assert set(peer) == {"namespaceSelector", "podSelector"}


@pytest.mark.parametrize("port", [53, "postgres"])
def test_the_migration_reaches_names_and_postgres(cluster, migration, port):
    assert port in reached(cluster, migration)


@pytest.mark.parametrize("port", [53, "postgres", "redis"])
def test_the_server_reaches_names_postgres_and_redis(cluster, deployment, port):
    assert port in reached(cluster, deployment)


def test_nothing_may_go_everywhere(cluster):
    for policy in cluster.all("NetworkPolicy"):
        for rule in policy["spec"].get("egress", []):
            assert rule["to"] and rule["ports"], name_of(policy)


def rules(cluster, workload, direction):
    """The rules of one direction that act on a workload's pods."""
    for policy in cluster.all("NetworkPolicy"):
        labels = policy["spec"]["podSelector"].get("matchLabels", {})
        if labels.items() <= pod_labels(workload).items():
            yield from policy["spec"].get(direction, [])


def incoming(cluster, workload):
    return list(rules(cluster, workload, "ingress"))


def reached(cluster, workload):
    """The ports that a workload may talk to, with names for the well-known ones."""
    known = {5432: "postgres", 6379: "redis"}
    return {
        known.get(port["port"], port["port"]) for rule in rules(cluster, workload, "egress") for port in rule["ports"]
    }
