"""What the binary itself makes of a container's environment."""

import os
import re
import subprocess
import tempfile
import tomllib
from base64 import b64decode
from pathlib import Path

from rendered import container

# For secrets that an operator brings.
SAMPLES = {
    "database_url": "postgres://rubrica_service@postgres.invalid/rubrica",
    "migrate_url": "postgres://rubrica_owner@postgres.invalid/rubrica",
    "redis_url": "redis://redis.invalid",
    "token_key": "a sample of a token key; made for tests",
    "jwt_key": "a sample of a session key; made for tests",
    "suppression_key": "a sample of a suppression key; made for tests",
    "oidc_client_secret": "o" * 32,
}
# So that it soon gives up on a database that is not there.
HASTE = {"RUBRICA__DATABASE__DEADLINE": "1ms"}
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def effective_settings(cluster, workload):
    """What `check-config` prints, as values by `section.key`."""
    answer = check_config(cluster, workload)
    assert answer.returncode == 0, answer.stderr
    sections = tomllib.loads(answer.stdout)
    return {f"{section}.{key}": value for section, keys in sections.items() for key, value in keys.items()}


def check_config(cluster, workload, **more):
    """Runs `check-config` in a workload's environment, with files in place of its mounts."""
    with tempfile.TemporaryDirectory() as directory:
        variables = {
            name: write_secret(cluster, Path(directory), value) if is_secret_file(name) else value
            for name, value in environment(cluster, workload).items()
        }
        return run_check_config(variables | more)


def run_check_config(variables):
    return subprocess.run(
        [os.environ["RUBRICA"], "check-config"],
        env=variables | HASTE,
        capture_output=True,
        text=True,
        timeout=30,
    )


def is_secret_file(variable):
    """Whether a variable names the file with a secret of the service."""
    return variable.startswith("RUBRICA__") and variable.endswith("_FILE")


def environment(cluster, workload):
    """A container's variables, as the cluster would set them."""
    variables = {}
    for source in container(workload).get("envFrom", []):
        variables |= cluster.one("ConfigMap", source["configMapRef"]["name"])["data"]
    return variables | {item["name"]: item["value"] for item in container(workload)["env"]}


def write_secret(cluster, directory, mounted):
    """The secret that is mounted at a path, as a file elsewhere."""
    key = Path(mounted).name
    file = directory / key
    kept = [secret["data"][key] for secret in cluster.all("Secret") if key in secret["data"]]
    file.write_text(b64decode(kept[0]).decode() if kept else SAMPLES[key])
    return str(file)


def seconds(duration):
    """`1m 15s` as a number."""
    return sum(int(n) * SECONDS[unit] for n, unit in re.findall(r"(\d+)(ms|s|m|h)", duration))
