"""Postgres, its standbys, and Redis: on loopback, on free ports, below the state directory."""

import functools
import shutil
import signal
import subprocess
import time
from pathlib import Path

from processes import STATE, Failed, Process, free_port, run, wait_until

DATABASE = "rubrica"
OPTIONS = {
    "fsync": "on",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "wal_level": "replica",
    "max_wal_senders": "4",
    "hot_standby": "on",
    # A standby that reconnects finds the primary soon.
    "wal_retrieve_retry_interval": "200ms",
    "log_min_messages": "warning",
}


@functools.cache
def programs() -> Path:
    return Path(run("bash", "-c", ". scripts/lib.sh; find_postgres_bin").strip())


class Postgres(Process):
    """A server, which the same object may start again."""

    # Its fast shutdown.
    stop_signal = signal.SIGINT

    def __init__(self, name: str = "postgres", data: Path | None = None, **options: str):
        super().__init__(name)
        self.data = data or STATE / name
        self.options = OPTIONS | options
        self.port = free_port()
        self.start()

    def start(self):
        settings = [word for item in self.options.items() for word in ("-c", "=".join(item))]
        self.spawn(["scripts/postgres", self.data, self.port, *settings])
        ready = [programs() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]

        def is_ready() -> bool:
            if not self.is_running:
                raise Failed(f"{self.name} stopped: see {self.log}")
            return subprocess.run(ready).returncode == 0

        wait_until(is_ready, self.name, pause=0.05)

    def psql(self, sql: str, database: str = DATABASE) -> str:
        """What the statements return: lines, with tabs between columns."""
        return run(
            programs() / "psql",
            "-XqtA",
            "-F\t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            "127.0.0.1",
            "-p",
            self.port,
            "-U",
            "postgres",
            "-d",
            database,
            "-f",
            "-",
            input=sql,
            timeout=30,
        ).strip()

    def create_database(self):
        self.psql("create role rubrica_owner login; create role rubrica_service login", "postgres")
        self.psql(f"create database {DATABASE} owner rubrica_owner", "postgres")

    def set(self, **settings: str):
        """Changes settings of the running server."""
        for name, value in settings.items():
            self.psql(f"alter system set {name} = '{value}'", "postgres")
        self.psql("select pg_reload_conf()", "postgres")
        time.sleep(0.2)

    def standby(self, name: str, source_port: int | None = None) -> "Postgres":
        """A copy that follows this server by streaming replication."""
        data = STATE / name
        shutil.rmtree(data, ignore_errors=True)
        copy = data.with_name(f"{name}.copy")
        shutil.rmtree(copy, ignore_errors=True)
        run(
            programs() / "pg_basebackup",
            "-h",
            "127.0.0.1",
            "-p",
            self.port,
            "-U",
            "postgres",
            "-D",
            copy,
            "-X",
            "stream",
            "-c",
            "fast",
        )
        (copy / "standby.signal").touch()
        source = f"host=127.0.0.1 port={source_port or self.port} user=postgres application_name={name}"
        with open(copy / "postgresql.auto.conf", "a") as settings:
            settings.write(f"primary_conninfo = '{source}'\nsynchronous_standby_names = ''\n")
        owner = self.data.stat()
        run("chown", "-R", f"{owner.st_uid}:{owner.st_gid}", copy)
        copy.rename(data)
        return Postgres(name, data, **self.options)

    def replicate_synchronously(self, standby: "Postgres", commit: str):
        self.set(synchronous_standby_names=standby.name, synchronous_commit=commit)
        state = f"select 1 from pg_stat_replication where application_name = '{standby.name}' and sync_state = 'sync'"
        wait_until(lambda: self.psql(state), "a synchronous standby")

    def promote(self) -> float:
        """Returns when the server began to take writes."""
        self.psql("select pg_promote(true, 30)", "postgres")
        wait_until(lambda: self.psql("select pg_is_in_recovery()") == "f", "the promotion")
        return time.monotonic()

    def sessions(self) -> int:
        """Those of the service alone."""
        return int(self.psql("select count(*) from pg_stat_activity where usename = 'rubrica_service'", "postgres"))


class Redis(Process):
    def __init__(self, name: str = "redis", *options: str):
        super().__init__(name)
        self.port, self.options = free_port(), options
        self.start()

    def start(self):
        self.spawn(["scripts/redis", STATE / self.name, self.port, *self.options])
        wait_until(lambda: self.cli("ping") == "PONG", self.name)

    def cli(self, *words: str) -> str:
        result = subprocess.run(
            ["redis-cli", "-h", "127.0.0.1", "-p", str(self.port), *words], capture_output=True, text=True, timeout=10
        )
        return result.stdout.strip()
