"""How pods come and go: every wait fits into the one around it."""

import re

from rendered import container, name_of, pod_spec
from settings import seconds

# For which nginx keeps an idle connection to a pod (keepalive_timeout of an upstream).
PROXY_KEEPS_IDLE = 60


def test_a_pod_may_drain_before_it_is_killed(deployment, settings):
    grace = pod_spec(deployment)["terminationGracePeriodSeconds"]
    assert grace > seconds(settings["shutdown.drain_delay"]) + seconds(settings["shutdown.timeout"])


def test_no_hook_delays_the_signal(deployment):
    """There is no shell to run one, and the service drains by itself."""
    assert "lifecycle" not in container(deployment)


def test_readiness_is_red_before_connections_are_refused(deployment, settings):
    probe = container(deployment)["readinessProbe"]
    noticed = probe["failureThreshold"] * (probe["periodSeconds"] + probe["timeoutSeconds"])
    assert noticed < seconds(settings["shutdown.drain_delay"])


def test_a_replaced_pod_has_drained_before_the_next_one_goes(deployment, settings):
    assert deployment["spec"]["minReadySeconds"] > seconds(settings["shutdown.drain_delay"])


def test_a_rolling_update_takes_no_pod_away_first(deployment):
    # Without the type, each apply changes the Deployment on its way through kubectl.
    assert deployment["spec"]["strategy"]["type"] == "RollingUpdate"
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_nodes_can_be_drained_and_somebody_serves(cluster, deployment):
    budget = cluster.one("PodDisruptionBudget")["spec"]
    assert 1 <= budget["maxUnavailable"] < fewest_pods(cluster, deployment)
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_the_proxy_closes_connections_first(settings):
    assert seconds(settings["http.keep_alive"]) > PROXY_KEEPS_IDLE


def test_the_largest_batch_passes_the_proxy(cluster):
    for ingress in cluster.all("Ingress"):
        limit = ingress["metadata"]["annotations"]["nginx.org/client-max-body-size"]
        assert int(re.fullmatch(r"(\d+)m", limit)[1]) > 8, "the service refuses what is too large"


def test_plain_http_is_redirected(cluster):
    for ingress in cluster.all("Ingress"):
        annotations = ingress["metadata"]["annotations"]
        assert annotations["ingress.kubernetes.io/ssl-redirect"] == "true"
        assert annotations["cert-manager.io/cluster-issuer"]
        assert ingress["spec"]["tls"]


def test_the_migration_is_named_by_the_release_that_serves(deployment, migration):
    image = container(migration)["image"]
    assert image == container(deployment)["image"]
    release = image.rpartition(":")[2]
    assert migration["metadata"]["annotations"]["rubrica/release"] == release
    assert name_of(migration) == f"rubrica-migrate-{release.replace('.', '-')}"


def test_the_template_of_the_migration_changes_with_the_release_alone(cluster, migration):
    """A name that ends in a hash of its content would change with it."""
    assert "envFrom" not in container(migration)
    hashed = [
        name_of(item)
        for item in cluster.all("ConfigMap") + cluster.all("Secret")
        if re.search("-[a-z0-9]{10}$", name_of(item))
    ]
    assert hashed and not [name for name in hashed if name in str(migration)]


def fewest_pods(cluster, deployment):
    for autoscaler in cluster.all("HorizontalPodAutoscaler"):
        return autoscaler["spec"]["minReplicas"]
    return deployment["spec"]["replicas"]
