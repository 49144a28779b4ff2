"""What a container may do, beyond what checkov asks."""

from rendered import container, pod_spec


def test_no_pod_has_a_token_or_the_addresses_of_services(cluster):
    for workload in cluster.workloads():
        assert pod_spec(workload)["automountServiceAccountToken"] is False
        # Kubernetes would set RUBRICA_PORT and the like.
        assert pod_spec(workload)["enableServiceLinks"] is False


def test_the_namespace_enforces_the_restricted_profile(cluster):
    labels = cluster.one("Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_pods_meet_the_restricted_profile(cluster):
    for workload in cluster.workloads():
        pod, inside = pod_spec(workload)["securityContext"], container(workload)["securityContext"]
        assert pod["runAsNonRoot"] and pod["runAsUser"] > 0
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
        assert inside["allowPrivilegeEscalation"] is False
        assert inside["capabilities"] == {"drop": ["ALL"]}
        assert inside["readOnlyRootFilesystem"] is True
        for volume in pod_spec(workload).get("volumes", []):
            assert set(volume) - {"name"} <= {"secret", "configMap", "emptyDir"}


def test_every_object_is_in_the_namespace(cluster):
    for item in cluster.objects:
        expected = None if item["kind"] == "Namespace" else "rubrica"
        assert item["metadata"].get("namespace") == expected
