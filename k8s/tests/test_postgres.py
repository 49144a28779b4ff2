"""The Cluster of components/cloudnative-pg: what it promises, and what Rubrica needs of it."""

import os
import re
import subprocess

import pytest
from postgres import Postgres
from rendered import container, name_of, pod_spec, ports
from settings import environment, is_secret_file, write_secret
from test_network import incoming, rules

CA = "rubrica-postgres-ca"
UNITS = {"MB": 1, "GB": 1024, "Mi": 1, "Gi": 1024}


@pytest.fixture(scope="module")
def manifest(all_components):
    return all_components.one("Cluster")


@pytest.fixture(scope="module")
def spec(manifest):
    return manifest["spec"]


@pytest.fixture(scope="module")
def parameters(spec):
    return spec["postgresql"]["parameters"]


@pytest.fixture(scope="module")
def postgres(manifest, tmp_path_factory):
    with Postgres.start(manifest, tmp_path_factory.mktemp("cluster")) as postgres:
        yield postgres


@pytest.fixture(scope="module")
def migrated(all_components, postgres, tmp_path_factory):
    """The Postgres after the migration, which ran with the Job's environment."""
    job = all_components.one("Job")
    answer = rubrica("migrate", all_components, job, postgres, tmp_path_factory.mktemp("secrets"))
    assert answer.returncode == 0, answer.stderr
    return postgres


def test_an_acknowledged_write_is_on_two_instances(spec, parameters):
    assert spec["instances"] == 3
    assert spec["postgresql"]["synchronous"] == {
        "method": "any",
        "number": 1,
        "dataDurability": "required",
        "failoverQuorum": True,
    }
    assert parameters["synchronous_commit"] == "on"


def test_instances_are_on_nodes_of_their_own_and_leave_one_by_one(spec):
    assert spec["affinity"] == {
        "enablePodAntiAffinity": True,
        "podAntiAffinityType": "required",
        "topologyKey": "kubernetes.io/hostname",
    }
    assert spec["enablePDB"] is True


def test_two_roles_and_no_superuser_log_in(all_components, spec):
    roles = {role["name"]: role["passwordSecret"]["name"] for role in spec["managed"]["roles"]}
    service = environment(all_components, all_components.one("Job"))["RUBRICA__DATABASE__SERVICE_ROLE"]
    assert roles.keys() == {spec["bootstrap"]["initdb"]["owner"], service}
    assert len(set(roles.values())) == 2
    assert spec["enableSuperuserAccess"] is False


def test_there_are_as_many_connections_as_the_pools_are_sized_for(all_components, parameters):
    annotations = all_components.one("Deployment", "rubrica")["metadata"]["annotations"]
    assert int(parameters["max_connections"]) >= int(annotations["rubrica/postgres-max-connections"])


def test_sessions_of_a_vanished_pod_end_within_a_minute(parameters):
    idle, interval, count = (int(parameters[f"tcp_keepalives_{name}"]) for name in ("idle", "interval", "count"))
    assert idle + interval * count <= 60
    assert parameters["tcp_user_timeout"] == "60s"


def test_memory_and_volumes_are_large_enough(spec, parameters):
    memory = spec["resources"]["limits"]["memory"]
    assert memory == spec["resources"]["requests"]["memory"]
    assert size(parameters["shared_buffers"]) <= size(memory) / 4
    assert size(parameters["max_slot_wal_keep_size"]) <= size(spec["walStorage"]["size"]) / 2


def test_a_shutdown_does_not_wait_for_pooled_connections(spec):
    assert spec["smartShutdownTimeout"] == 1
    assert spec["stopDelay"] >= spec["smartShutdownTimeout"] + 15


def test_the_wal_and_a_daily_backup_go_to_the_object_store(all_components, manifest, spec):
    [plugin] = spec["plugins"]
    assert plugin["isWALArchiver"] is True
    store = all_components.one("ObjectStore", plugin["parameters"]["barmanObjectName"])
    assert store["spec"]["retentionPolicy"]
    backup = all_components.one("ScheduledBackup")["spec"]
    assert backup["cluster"]["name"] == name_of(manifest)
    assert backup["method"] == "plugin"
    assert backup["pluginConfiguration"]["name"] == plugin["name"]
    # Seconds come first.
    assert re.fullmatch(r"\d+ \d+ \d+ \* \* \*", backup["schedule"])


def test_prometheus_asks_a_port_that_instances_have(all_components, manifest):
    monitor = all_components.one("PodMonitor")["spec"]
    assert all_components.selected_by(monitor["selector"]["matchLabels"]) == [manifest]
    assert all(endpoint["port"] in ports(manifest) for endpoint in monitor["podMetricsEndpoints"])


def test_instances_are_reached_by_those_who_need_them(all_components, manifest):
    reached = {
        port["port"]: sorted(
            str(peer)
            for rule in incoming(all_components, manifest)
            for peer in rule["from"]
            if {"port": port["port"]} in rule["ports"]
        )
        for rule in incoming(all_components, manifest)
        for port in rule["ports"]
    }
    rubrica, instances = (
        str({"podSelector": {"matchLabels": labels}})
        for labels in ({"app.kubernetes.io/name": "rubrica"}, {"cnpg.io/cluster": name_of(manifest)})
    )
    operator = str(from_namespace("cnpg-system", "cloudnative-pg"))
    prometheus = str(from_namespace("monitoring", "prometheus"))
    assert reached == {
        5432: sorted([rubrica, instances, operator]),
        8000: sorted([instances, operator]),
        9187: [prometheus],
    }


def test_rubrica_reaches_these_instances_and_no_other_postgres(all_components, manifest):
    for workload in all_components.workloads():
        [rule] = [rule for rule in rules(all_components, workload, "egress") if {"port": 5432} in rule["ports"]]
        [peer] = rule["to"]
        labels = peer["podSelector"]["matchLabels"]
        assert all_components.selected_by(labels) == [manifest]


def test_pods_trust_the_authority_of_the_cluster_and_the_public_ones(all_components, manifest):
    assert f"{name_of(manifest)}-ca" == CA
    for workload in all_components.workloads():
        [volume] = [item for item in pod_spec(workload)["volumes"] if item["name"] == "certificates"]
        assert volume["secret"]["secretName"] == CA
        # The other key of this secret signs certificates.
        assert [item["key"] for item in volume["secret"]["items"]] == ["ca.crt"]
        [mount] = [item for item in container(workload)["volumeMounts"] if item["name"] == "certificates"]
        variables = environment(all_components, workload)
        assert variables["SSL_CERT_DIR"] == mount["mountPath"]
        assert variables["SSL_CERT_FILE"] == "/etc/ssl/certs/ca-certificates.crt"


def test_postgres_takes_the_parameters(postgres, parameters):
    names = ", ".join(f"'{name}'" for name in parameters)
    known = postgres.run("postgres", f"select name from pg_settings where name in ({names})")
    assert set(known.split()) == parameters.keys()


def test_the_migration_runs_with_the_environment_of_the_manifests(migrated):
    assert migrated.run("rubrica", "select count(*) > 0 from schema_migrations") == "t"


def test_a_connection_without_tls_is_refused(migrated):
    answer = migrated.psql("rubrica", "select 1", role="rubrica_service", sslmode="disable")
    assert "pg_hba.conf rejects" in answer.stderr


def test_a_certificate_of_an_unknown_authority_is_refused(all_components, migrated, tmp_path):
    stranger = Postgres(migrated.port, tmp_path)
    answer = rubrica("migrate", all_components, all_components.one("Job"), stranger, tmp_path)
    assert answer.returncode != 0 and "UnknownIssuer" in answer.stderr


def test_the_exporter_of_metrics_connects_after_the_migration_and_others_do_not(migrated):
    migrated.run("postgres", "create role exporter login in role pg_monitor")
    migrated.run("postgres", "create role stranger login")
    assert migrated.psql("rubrica", "select 1", role="exporter").returncode == 0
    assert "permission denied" in migrated.psql("rubrica", "select 1", role="stranger").stderr


def test_a_second_cluster_shares_no_name_with_the_first(two_databases):
    first, second = (
        [item for item in two_databases.objects if name_of(item).endswith("-restored") is restored]
        for restored in (False, True)
    )
    assert [item["kind"] for item in first] == [item["kind"] for item in second]
    shared = [name for item in second for name in names_in(item) if not name.endswith("-restored")]
    # The backups that it is restored from.
    assert shared == ["rubrica-postgres"]
    [lost] = two_databases.one("Cluster", "rubrica-postgres-restored")["spec"]["externalClusters"]
    assert lost["plugin"]["parameters"]["serverName"] == "rubrica-postgres"


def names_in(value):
    """All texts in an object that name an object of a Cluster."""
    match value:
        case dict():
            return [name for inner in value.values() for name in names_in(inner)]
        case list():
            return [name for inner in value for name in names_in(inner)]
        case str() if re.match("(to-)?rubrica-postgres", value):
            return [value]
    return []


def rubrica(command, cluster, workload, postgres, directory):
    """Runs a command with a workload's environment, and this Postgres in place of the Cluster."""
    variables = {
        name: write_secret(cluster, directory, value) if is_secret_file(name) else value
        for name, value in environment(cluster, workload).items()
    }
    for key, role in [("database_url", "rubrica_service"), ("migrate_url", "rubrica_owner")]:
        address = f"postgres://{role}@127.0.0.1:{postgres.port}/rubrica?sslmode=require"
        (directory / key).write_text(address)
    variables["SSL_CERT_DIR"] = str(postgres.authority)
    return subprocess.run([os.environ["RUBRICA"], command], env=variables, capture_output=True, text=True, timeout=60)


def from_namespace(namespace, name):
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": name}},
    }


def size(text):
    """`1GB` or `4Gi` as mebibytes."""
    [(number, unit)] = re.findall(r"^(\d+)(\w+)$", text)
    return int(number) * UNITS[unit]
