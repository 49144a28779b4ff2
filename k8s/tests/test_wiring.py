"""Names, labels and ports that one object says of another exist."""

from pathlib import Path

from rendered import container, name_of, pod_labels, pod_spec, ports
from settings import is_secret_file

# Whoever operates the cluster makes these.
BROUGHT = {"rubrica", "rubrica-owner"}


def test_workloads_select_their_own_pods(cluster):
    for workload in cluster.all("Deployment"):
        selector = workload["spec"]["selector"]["matchLabels"]
        assert cluster.selected_by(selector) == [workload]


def test_services_lead_to_ports_of_one_deployment(cluster):
    for service in cluster.all("Service"):
        [workload] = cluster.selected_by(service["spec"]["selector"])
        assert workload["kind"] == "Deployment"
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in ports(workload), name_of(service)


def test_each_service_has_one_port_and_only_the_public_one_an_ingress(cluster):
    for name, target in [("rubrica", "http"), ("rubrica-admin", "admin")]:
        [port] = cluster.one("Service", name)["spec"]["ports"]
        assert port["targetPort"] == target
    for ingress in cluster.all("Ingress"):
        for rule in ingress["spec"]["rules"]:
            services = {path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
            assert services == {"rubrica"}
            paths = {path["path"] for path in rule["http"]["paths"]}
            assert paths == {"/public/v1", "/docs", "/openapi.json"}


def test_the_ports_are_those_of_the_service(deployment, settings):
    listens = {
        "http": settings["http.listen"],
        "admin": settings["admin.listen"],
        "operations": settings["ops.listen"],
    }
    assert ports(deployment) == {name: int(at.split(":")[-1]) for name, at in listens.items()}


def test_probes_ask_the_operations_port(deployment):
    asked = {
        name: (
            container(deployment)[name]["httpGet"]["port"],
            container(deployment)[name]["httpGet"]["path"],
        )
        for name in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert asked == {
        "startupProbe": ("operations", "/livez"),
        "livenessProbe": ("operations", "/livez"),
        "readinessProbe": ("operations", "/readyz"),
    }


def test_ingresses_lead_to_ports_of_services(cluster):
    for ingress in cluster.all("Ingress"):
        hosts = {host for entry in ingress["spec"]["tls"] for host in entry["hosts"]}
        for rule in ingress["spec"]["rules"]:
            assert rule["host"] in hosts
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                service = cluster.one("Service", backend["name"])
                assert backend["port"]["name"] in [port["name"] for port in service["spec"]["ports"]]


def test_autoscalers_and_budgets_mean_the_deployment(cluster, deployment):
    for autoscaler in cluster.all("HorizontalPodAutoscaler"):
        target = autoscaler["spec"]["scaleTargetRef"]
        assert cluster.find(target["kind"], target["name"]) == deployment
        assert "replicas" not in deployment["spec"], "an apply would undo the autoscaler's work"
    for budget in cluster.all("PodDisruptionBudget"):
        assert cluster.selected_by(budget["spec"]["selector"]["matchLabels"]) == [deployment]


def test_service_monitors_find_a_service_and_its_port(cluster):
    for monitor in cluster.all("ServiceMonitor"):
        labels = monitor["spec"]["selector"]["matchLabels"]
        [service] = [
            service
            for service in cluster.all("Service")
            if labels.items() <= service["metadata"].get("labels", {}).items()
        ]
        [endpoint] = monitor["spec"]["endpoints"]
        assert endpoint["port"] in [port["name"] for port in service["spec"]["ports"]]
        # The alerts look for this job.
        assert service["metadata"]["labels"][monitor["spec"]["jobLabel"]] == "rubrica"


def test_pods_spread_among_their_own(deployment):
    for constraint in pod_spec(deployment)["topologySpreadConstraints"]:
        assert constraint["labelSelector"]["matchLabels"] == pod_labels(deployment)
        assert constraint["matchLabelKeys"] == ["pod-template-hash"]


def test_pods_spread_by_labels_that_every_node_has(deployment, all_components):
    """The scheduler ignores all constraints for a node that lacks the label of one of them."""
    asked = [item["topologyKey"] for item in pod_spec(deployment)["topologySpreadConstraints"]]
    zones = ["topology.kubernetes.io/zone"] if deployment in all_components.objects else []
    assert asked == zones + ["kubernetes.io/hostname"]


def test_what_a_pod_names_is_there(cluster):
    for workload in cluster.workloads():
        spec = pod_spec(workload)
        account = spec.get("serviceAccountName")
        assert account is None or cluster.find("ServiceAccount", account)
        for volume in spec.get("volumes", []):
            if "configMap" in volume:
                cluster.one("ConfigMap", volume["configMap"]["name"])
            if "secret" in volume:
                assert volume["secret"]["secretName"] in BROUGHT | certificate_authorities(cluster)


def test_secret_files_are_keys_of_mounted_secrets(cluster):
    for workload in (item for item in cluster.workloads() if pod_labels(item)["app.kubernetes.io/name"] == "rubrica"):
        mounts = {mount["mountPath"]: mount["name"] for mount in container(workload)["volumeMounts"]}
        secrets = {volume["name"]: volume["secret"]["secretName"] for volume in pod_spec(workload)["volumes"]}
        for variable in container(workload)["env"]:
            if not is_secret_file(variable["name"]):
                continue
            path = Path(variable["value"])
            keys = keys_of(cluster, secrets[mounts[str(path.parent)]])
            assert keys is None or path.name in keys, variable


def certificate_authorities(cluster):
    """The secrets that the operator of Postgres makes for its Clusters."""
    return {f"{name_of(item)}-ca" for item in cluster.all("Cluster")}


def keys_of(cluster, secret):
    """The keys that a secret is given, if the overlay says so."""
    if made := cluster.find("Secret", secret):
        return set(made["data"])
    if fetched := cluster.find("ExternalSecret", secret):
        assert fetched["spec"]["target"]["name"] == secret
        return {item["secretKey"] for item in fetched["spec"]["data"]}
    return None
