"""Starts and stops the processes of the benchmark."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from plan import STATE, TOP

# Ignore settings in the environment, so that no real database is used.
CLEAN = {
    name: value for name, value in os.environ.items() if not re.match(r"RUBRICA_|PG|DATABASE_URL$|REDIS_URL$", name)
}


class Failed(Exception):
    """The benchmark cannot continue, or would measure something else than intended."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(condition, what: str, process: subprocess.Popen, pause: float = 0.05):
    end = time.monotonic() + 60
    while not condition():
        if process.poll() is not None:
            raise Failed(f"{what} stopped before it was ready: see {STATE}/log")
        if time.monotonic() > end:
            raise Failed(f"{what} is not ready after a minute: see {STATE}/log")
        time.sleep(pause)


class Server:
    """A process in a group of its own, so that Ctrl-C does not reach it before it is stopped."""

    running: list["Server"] = []
    stop_signal = signal.SIGTERM

    def __init__(self, name: str, command: list, environment: dict | None = None, **options):
        self.name = name
        with open(STATE / "log" / f"{name}.log", "ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                cwd=TOP,
                env=CLEAN | (environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=options.get("stdout", log),
                stderr=log,
                start_new_session=True,
            )
        (STATE / f"{name}.pid").write_text(f"{self.process.pid}\n")
        Server.running.append(self)

    def stop(self):
        if self not in Server.running:
            return
        Server.running.remove(self)
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        (STATE / f"{self.name}.pid").unlink(missing_ok=True)

    def cpu_seconds(self) -> float:
        """The user and system CPU time in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self, field: str = "VmRSS") -> float:
        """The resident memory, or its peak with VmHWM."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) / 1024


def prepare_state():
    """Empties the directory. Stops processes that a killed run has left."""
    for file in STATE.glob("*.pid"):
        pid = int(file.read_text())
        try:
            # The pid may have been reused. The processes of a run work below the repository.
            name = Path(f"/proc/{pid}/comm").read_text()
            place = Path(os.readlink(f"/proc/{pid}/cwd"))
            if place.is_relative_to(TOP) and re.match("postgres|redis|valkey|rubrica|node", name):
                os.kill(pid, signal.SIGKILL)
                time.sleep(1)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    shutil.rmtree(STATE, ignore_errors=True)
    (STATE / "log").mkdir(parents=True)


def clear_state():
    """Stops all processes and deletes the data. Logs and figures are kept."""
    for server in reversed(Server.running.copy()):
        server.stop()
    shutil.rmtree(STATE / "postgres", ignore_errors=True)


def run(*command, **options) -> str:
    """Runs a command that must succeed and returns its standard output."""
    pipe = subprocess.PIPE
    options = {"env": CLEAN, "cwd": TOP, "text": True, "stdout": pipe, "stderr": pipe} | options
    result = subprocess.run([str(word) for word in command], **options)
    if result.returncode != 0:
        raise Failed(f"{command[0]} failed: {(result.stderr or result.stdout or '').strip()}")
    return result.stdout
