"""The service itself takes the settings, of every command that the manifests run."""

from rendered import container
from settings import check_config, effective_settings, environment

SECRET = ("DATABASE__URL", "MIGRATE_URL", "REDIS__URL", "_KEY", "_SECRET")


def test_the_deployment_is_configured(settings):
    assert settings["redis.url"] and settings["log.format"] == "json"


def test_the_migration_is_configured(cluster, migration):
    settings = effective_settings(cluster, migration)
    assert "rubrica_owner" in settings["database.migrate_url"]
    assert settings["database.service_role"] in settings["database.url"]


def test_what_the_service_does_not_know_would_be_noticed(cluster, deployment):
    answer = check_config(cluster, deployment, RUBRICA__HTTP__KEPT_ALIVE="75s")
    assert answer.returncode != 0 and "RUBRICA__HTTP__KEPT_ALIVE" in answer.stderr


def test_secrets_come_as_files(cluster):
    for workload in cluster.workloads():
        if container(workload)["image"].split(":")[0].endswith("rubrica"):
            secrets = [name for name in environment(cluster, workload) if name.endswith(SECRET)]
            assert not secrets


def test_the_owner_is_known_to_the_migration_alone(cluster):
    knowing = [
        container(workload)["name"]
        for workload in cluster.workloads()
        if "rubrica-owner" in str(workload["spec"]["template"])
    ]
    assert knowing == ["migrate"]
