"""Loads over HTTP: wrk with benches/load/requests.lua."""

import json
import subprocess
from dataclasses import dataclass

from data import Loaded
from plan import CONNECTIONS, THREADS, TOP
from processes import CLEAN, Failed
from servers import WebServer


@dataclass(frozen=True)
class Answers:
    """The result of one run. Latencies are in microseconds."""

    requests: int
    seconds: float
    p50: int
    p99: int
    # CPU time of the server's process.
    cpu_seconds: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


@dataclass(frozen=True)
class Load:
    """One kind of request on some of the contacts, for one of the servers."""

    kind: str
    data: Loaded
    # The first contact, and the number of contacts per company.
    contacts: tuple[int, int]
    connections: int = CONNECTIONS
    # Requests per second; None: as fast as possible.
    rate: float | None = None
    # Only the contacts of this company.
    company: int | None = None
    # Checks each response body, not only the status.
    is_checked: bool = False

    def start(self, server: WebServer, seconds: int) -> subprocess.Popen:
        threads = min(THREADS, self.connections)
        settings = {
            "load": self.kind,
            "tokens": self.data.tokens,
            "companies": self.data.population.companies,
            "first": self.contacts[0],
            "rows": self.contacts[1],
            "threads": threads,
        }
        if self.rate:
            settings["rate"] = self.rate
        if self.company:
            settings["company"] = self.company
        if self.is_checked or self.kind == "batch":
            settings["checked"] = 1
        return subprocess.Popen(
            [
                "wrk",
                "-t",
                str(threads),
                "-c",
                str(self.connections),
                "-d",
                str(seconds),
                "--timeout",
                "10s",
                "-s",
                str(TOP / "benches/load/requests.lua"),
                f"http://127.0.0.1:{server.port}/",
                "--",
                *(f"{name}={value}" for name, value in settings.items()),
            ],
            env=CLEAN,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, server: WebServer, seconds: int) -> Answers:
        before = server.cpu_seconds()
        said = self.finish(self.start(server, seconds))
        cpu_seconds = server.cpu_seconds() - before
        return Answers(said["requests"], said["seconds"], said["p50"], said["p99"], cpu_seconds)

    def finish(self, process: subprocess.Popen) -> dict:
        """Waits for the end. A run with an unexpected response fails."""
        output, _ = process.communicate()
        lines = [line for line in output.splitlines() if line.startswith("{")]
        if process.returncode != 0 or len(lines) != 1:
            raise Failed(f"wrk failed: {output}")
        said = json.loads(lines[0])
        if any(said["errors"].values()) or said["requests"] == 0:
            raise Failed(
                f"the load '{self.kind}' got wrong answers: {said['errors']}"
                f" of {said['requests']}; the first one: {said['sample']}"
            )
        return said
