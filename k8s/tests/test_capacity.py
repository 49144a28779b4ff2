"""Numbers in one place that follow from numbers in another."""

import math

from rendered import container, pod_spec

# What Postgres keeps for its superusers, by default.
RESERVED = 3
# Measured with 100,000 keys.
CACHED_KEYS_KIB = 121 * 1024
# `rubrica migrate`, and an administrator's command.
COMMANDS = 2


def test_all_pools_fit_into_postgres(cluster, deployment, settings):
    spec = deployment["spec"]
    # Those that are new, and those that are on their way out and may still hold their connections.
    leaving = math.ceil(pod_spec(deployment)["terminationGracePeriodSeconds"] / spec["minReadySeconds"])
    pods = most_pods(cluster, deployment) + spec["strategy"]["rollingUpdate"]["maxSurge"] + leaving
    allowed = int(deployment["metadata"]["annotations"]["rubrica/postgres-max-connections"])
    assert pods * settings["database.max_connections"] + COMMANDS <= allowed - RESERVED


def test_the_local_limit_is_shared_by_as_many_as_may_run(cluster, deployment, settings):
    assert settings["rate_limit.replicas"] == most_pods(cluster, deployment)


def test_another_pod_comes_before_requests_wait_for_connections(cluster, settings):
    for autoscaler in cluster.all("HorizontalPodAutoscaler"):
        for metric in autoscaler["spec"]["metrics"]:
            if metric["type"] == "Pods":
                assert int(metric["pods"]["target"]["averageValue"]) < settings["database.max_connections"]


def test_all_bodies_and_answers_fit_into_memory_beside_the_cached_keys(deployment, settings):
    limit = container(deployment)["resources"]["limits"]["memory"]
    assert limit.endswith("Mi")
    in_flight = settings["fair_share.body_kib"] + settings["fair_share.answer_kib"]
    assert int(limit[:-2]) * 1024 >= in_flight + CACHED_KEYS_KIB


def most_pods(cluster, deployment):
    for autoscaler in cluster.all("HorizontalPodAutoscaler"):
        return autoscaler["spec"]["maxReplicas"]
    return deployment["spec"]["replicas"]
