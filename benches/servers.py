"""The servers of the benchmark, on free loopback ports, with their data in the benchmark's directory."""

import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from plan import STATE
from processes import Server, free_port, run, wait_until


class Postgres(Server):
    # SIGINT is Postgres's fast shutdown.
    stop_signal = signal.SIGINT
    programs = Path(run("bash", "-c", ". scripts/lib.sh; find_postgres_bin").strip())

    def __init__(self, options: dict[str, str]):
        self.port = free_port()
        settings = [word for item in options.items() for word in ("-c", "=".join(item))]
        super().__init__("postgres", ["scripts/postgres", STATE / "postgres", self.port, *settings])
        ready = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_until(lambda: subprocess.run(ready).returncode == 0, "Postgres", self.process)

    def psql(self, sql: str, database: str = "rubrica", user: str = "postgres") -> str:
        """Runs statements and returns their rows: lines with tabs between columns."""
        return run(
            self.programs / "psql",
            "-XqtA",
            "-F\t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            "127.0.0.1",
            "-p",
            self.port,
            "-U",
            user,
            "-d",
            database,
            "-f",
            "-",
            input=sql,
        ).strip()

    def url(self, database: str, user: str = "rubrica_service") -> str:
        return f"postgres://{user}@127.0.0.1:{self.port}/{database}?sslmode=disable"


class Redis(Server):
    def __init__(self):
        self.port = free_port()
        super().__init__("redis", ["scripts/redis", STATE / "redis", self.port])
        self.url = f"redis://127.0.0.1:{self.port}"
        wait_until(self._answers, "Redis", self.process)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        except OSError:
            return False


class WebServer(Server):
    """Something that serves the API on `port`."""

    def wait_until_ready(self, url: str, pause: float = 0.05):
        # Connects directly to loopback and ignores proxies in the environment.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        def is_ready() -> bool:
            try:
                return opener.open(url, timeout=2).status == 200
            except urllib.error.HTTPError as error:
                return error.code in self.ready_statuses
            except OSError:
                return False

        wait_until(is_ready, self.name, self.process, pause)

    ready_statuses: set[int] = set()


class Rubrica(WebServer):
    """Default settings, but with a limit that is never reached. It logs each request to /dev/null."""

    def __init__(self, program: Path, environment: dict[str, str]):
        self.port, operations = free_port(), free_port()
        started = time.monotonic()
        super().__init__(
            "rubrica",
            [program, "serve"],
            environment
            | {
                "RUBRICA__HTTP__LISTEN": f"127.0.0.1:{self.port}",
                "RUBRICA__OPS__LISTEN": f"127.0.0.1:{operations}",
            },
            stdout=subprocess.DEVNULL,
        )
        self.wait_until_ready(f"http://127.0.0.1:{operations}/readyz", 0.002)
        self.seconds_to_ready = time.monotonic() - started


class Node(WebServer):
    # It has no readiness probe. It is ready when it answers that a key is missing.
    ready_statuses = {401, 404}

    def __init__(self, environment: dict[str, str]):
        self.port = free_port()
        super().__init__(
            "node",
            ["node", "benches/peers/node/server.js"],
            environment | {"PORT": str(self.port), "NODE_ENV": "production"},
        )
        self.wait_until_ready(f"http://127.0.0.1:{self.port}/")
