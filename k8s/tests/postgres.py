"""A real Postgres with the parameters, the access rules and the kind of certificate of a Cluster."""

import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from prometheus import PATIENCE, free_port

TOP = Path(__file__).parents[2]


class Postgres:
    """Listens on loopback. Its certificate is signed by the authority in `authority`, a directory."""

    def __init__(self, port: int, authority: Path):
        self.port, self.authority = port, authority

    @classmethod
    @contextmanager
    def start(cls, cluster: dict, directory: Path):
        authority = make_certificates(directory)
        postgres = cls(free_port(), authority)
        settings = cluster["spec"]["postgresql"]["parameters"] | {
            "ssl": "on",
            "ssl_cert_file": f"{directory}/server.crt",
            "ssl_key_file": f"{directory}/server.key",
            "hba_file": str(write_access_rules(directory, cluster["spec"]["postgresql"]["pg_hba"])),
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with open(directory / "postgres.log", "w") as log:
            process = subprocess.Popen(
                [TOP / "scripts/postgres", directory / "data", str(postgres.port), *words],
                stdout=log,
                stderr=log,
            )
        try:
            postgres.wait_for(process, directory / "postgres.log")
            postgres.create_database(cluster["spec"])
            yield postgres
        finally:
            process.terminate()
            process.wait()

    def wait_for(self, process, log: Path):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and process.poll() is None:
            if self.psql("postgres", "select 1").returncode == 0:
                return
            time.sleep(0.2)
        raise AssertionError(log.read_text())

    def create_database(self, spec: dict):
        """As the operator would: roles, database, and what runs in it."""
        initdb = spec["bootstrap"]["initdb"]
        for role in spec["managed"]["roles"]:
            self.run("postgres", f"create role {role['name']} {'login' if role['login'] else ''}")
        self.run(
            "postgres",
            f"create database {initdb['database']} owner {initdb['owner']} template template0"
            f" encoding '{initdb['encoding']}' lc_collate '{initdb['localeCollate']}'"
            f" lc_ctype '{initdb['localeCType']}'",
        )
        for statement in initdb["postInitApplicationSQL"]:
            self.run(initdb["database"], statement)

    def run(self, database: str, statement: str) -> str:
        answer = self.psql(database, statement)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()

    def psql(self, database: str, statement: str, role="postgres", sslmode="require"):
        address = f"host=127.0.0.1 port={self.port} dbname={database} user={role} sslmode={sslmode}"
        return subprocess.run([os.environ["PSQL"], "-XqAt", "-c", statement, address], capture_output=True, text=True)


def write_access_rules(directory: Path, rules: list) -> Path:
    """The rules of the Cluster come before the operator's own last one, here without a password."""
    file = directory / "pg_hba.conf"
    file.write_text("\n".join([*rules, "host all all all trust", ""]))
    file.chmod(0o644)
    return file


def make_certificates(directory: Path) -> Path:
    """An authority, and a server's certificate by it. Returns the directory with the authority's."""
    authority = directory / "authority"
    authority.mkdir()
    openssl(
        directory,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
        " -subj /CN=authority -keyout authority.key -out authority/postgres.crt",
    )
    openssl(
        directory,
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        " -subj /CN=postgres -keyout server.key -out server.csr",
    )
    (directory / "names").write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    openssl(
        directory,
        "x509 -req -in server.csr -CA authority/postgres.crt -CAkey authority.key"
        " -CAcreateserial -days 1 -extfile names -out server.crt",
    )
    (directory / "server.key").chmod(0o600)
    return authority


def openssl(directory: Path, words: str):
    subprocess.run(["openssl", *words.split()], cwd=directory, check=True, capture_output=True)
