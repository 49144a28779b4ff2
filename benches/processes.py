"""The processes that the benchmark starts, and ends."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from plan import STATE, TOP

# Never somebody's real database: what is set below is all that counts.
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if not re.match(r"RUBRICA_|PG|DATABASE_URL$|REDIS_URL$", name)
}


class Failed(Exception):
    """The benchmark cannot go on, or would measure something else than it says."""


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
    """One process, in a group of its own, where Ctrl-C does not reach it before it is stopped."""

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
        """User and system time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self, field: str = "VmRSS") -> float:
        """Resident memory now, or with VmHWM the most that it was."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) / 1024


def prepare_state():
    """An empty directory. A run that was killed may have left processes there."""
    for file in STATE.glob("*.pid"):
        pid = int(file.read_text())
        try:
            # Its number may have gone to another process; ours work below the repository.
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
    """Ends what runs. The logs and the figures stay, the gigabytes go."""
    for server in reversed(Server.running.copy()):
        server.stop()
    shutil.rmtree(STATE / "postgres", ignore_errors=True)


def run(*command, **options) -> str:
    """The standard output of a command that must succeed."""
    pipe = subprocess.PIPE
    options = {"env": CLEAN, "cwd": TOP, "text": True, "stdout": pipe, "stderr": pipe} | options
    result = subprocess.run([str(word) for word in command], **options)
    if result.returncode != 0:
        raise Failed(f"{command[0]} failed: {(result.stderr or result.stdout or '').strip()}")
    return result.stdout
