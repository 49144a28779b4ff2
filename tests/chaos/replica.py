"""Rubrica as it runs in production: a release binary, one process for each replica."""

import json
import re
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

from processes import CLEAN, Failed, Process, free_port, run, wait_until
from servers import DATABASE

SECRETS = {
    f"RUBRICA__{name}": (name.lower() + "-0123456789abcdefghij").ljust(48, "x")
    for name in ("AUTH__TOKEN_KEY", "AUTH__JWT_KEY", "PRIVACY__SUPPRESSION_KEY")
}
# Straight to loopback, whatever proxy the environment names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def database_url(ports: list[int], user: str = "rubrica_service", **parameters: str) -> str:
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    query = "&".join(f"{name}={value}" for name, value in ({"sslmode": "disable"} | parameters).items())
    return f"postgres://{user}@{hosts}/{DATABASE}?{query}"


def settings(ports: list[int], redis_port: int | None, own: dict[str, str]) -> dict[str, str]:
    """The environment of a replica: defaults, but for addresses, secrets and limits that nobody reaches."""
    redis = {"RUBRICA__REDIS__URL": f"redis://127.0.0.1:{redis_port}"} if redis_port else {}
    chosen = {f"RUBRICA__{name.upper().replace('.', '__')}": value for name, value in own.items()}
    return (
        SECRETS
        | redis
        | {
            "RUBRICA__DATABASE__URL": database_url(ports),
            "RUBRICA__DATABASE__MIGRATE_URL": database_url(ports, "rubrica_owner"),
            "RUBRICA__DATABASE__SERVICE_ROLE": "rubrica_service",
            "RUBRICA__SHUTDOWN__DRAIN_DELAY": "0s",
            "RUBRICA__HTTP__WORKERS": "2",
            "RUBRICA__RATE_LIMIT__LIMIT": "1000000",
            "RUBRICA__RATE_LIMIT__WINDOW": "1s",
            "RUBRICA__RATE_LIMIT__COMPANY_LIMIT": "1000000",
            "RUBRICA__RATE_LIMIT__COMPANY_WINDOW": "1s",
            "RUBRICA__LOG__FORMAT": "json",
        }
        | chosen
    )


class Replica(Process):
    def __init__(self, name: str, program: Path, environment: dict[str, str]):
        super().__init__(name)
        self.program, self.environment = program, environment
        self.port, self.operations = free_port(), free_port()
        # A balancer sends nobody to a replica that has not been ready since it started.
        self.is_routed = False
        self.start()

    def start(self):
        self.is_routed = False
        listen = {
            "RUBRICA__HTTP__LISTEN": f"127.0.0.1:{self.port}",
            "RUBRICA__OPS__LISTEN": f"127.0.0.1:{self.operations}",
        }
        self.spawn([self.program, "serve"], self.environment | listen)
        self.started = time.time()

    def wait_until_ready(self) -> float:
        def is_ready() -> bool:
            if not self.is_running:
                raise Failed(f"{self.name} stopped: see {self.log}")
            return self.ops("/readyz")[0] == 200

        took = wait_until(is_ready, f"{self.name} is ready")
        self.is_routed = True
        return took

    def ops(self, path: str) -> tuple[int, str]:
        """Status and body; status 0 while nobody listens."""
        try:
            with OPENER.open(f"http://127.0.0.1:{self.operations}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name: str, **labels: str) -> float:
        """The sum of all series of this name that have these labels."""
        total = 0.0
        for line in self.ops("/metrics")[1].splitlines():
            series = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)(?: \S+)?", line)
            if series and series[1] == name:
                found = dict(re.findall(r'(\w+)="([^"]*)"', series[2] or ""))
                if all(found.get(label) == value for label, value in labels.items()):
                    total += float(series[3])
        return total

    def log_lines(self, word: str) -> list[str]:
        return [line for line in self.log.read_text(errors="replace").splitlines() if word in line]

    def terminate(self) -> tuple[int, float]:
        """Exit status, and seconds until it ended."""
        start = time.monotonic()
        return self.stop(signal.SIGTERM), time.monotonic() - start

    def resident_mib(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


class Cluster:
    """Replicas that share one database and one Redis, and a company with its key."""

    def __init__(self, program: Path, ports: list[int], redis_port: int | None = None, replicas: int = 3, **own: str):
        self.program = program
        self.environment = settings(ports, redis_port, {name.replace("__", "."): value for name, value in own.items()})
        self.command("migrate")
        self.company, self.key = self.tenant("Chaos")
        self.replicas = []
        for number in range(replicas):
            self.add(f"replica{number + 1}")
        for replica in self.replicas:
            replica.wait_until_ready()

    def add(self, name: str, **environment: str) -> Replica:
        replica = Replica(name, self.program, self.environment | environment)
        self.replicas.append(replica)
        return replica

    def command(self, *words: str) -> str:
        return run(self.program, *words, env=CLEAN | self.environment)

    def tenant(self, name: str) -> tuple[str, str]:
        """The id of a new company, and its key."""
        company = json.loads(self.command("company", "create", name, "--json"))["companyId"]
        key = json.loads(self.command("key", "create", "--company", company, "--name", name, "--json"))["key"]
        return company, key

    def route(self, number: int) -> int:
        """Which replica gets this call: all in turn."""
        count = len(self.replicas)
        turns = ((number + step) % count for step in range(count))
        return next((turn for turn in turns if self.replicas[turn].is_routed), number % count)

    def url(self, replica: int) -> str:
        return f"http://127.0.0.1:{self.replicas[replica].port}"
