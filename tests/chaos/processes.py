"""The processes that an experiment starts, stops, freezes and kills: always by their number."""

import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
# Data of the servers, logs and process ids. The next run empties it.
STATE = TOP / ".chaos"

PORTS = range(20_000, 32_000)

# Never somebody's real database: what the experiments set is all that counts.
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if not re.match(r"RUBRICA_|PG|DATABASE_URL$|REDIS_URL$|(https?|all|no)_proxy$", name, re.IGNORECASE)
}


class Failed(Exception):
    """The experiment cannot go on."""


def free_port() -> int:
    """Below those that outgoing connections get: a server that restarts needs its port again."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise Failed("no port is free")


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60, pause: float = 0.02) -> float:
    """Returns after how many seconds the condition was true."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise Failed(f"{what}: not after {seconds} seconds (logs: {STATE}/log)")
        time.sleep(pause)
    return time.monotonic() - start


def run(*command, **options) -> str:
    """The standard output of a command that must succeed."""
    pipe = subprocess.PIPE
    options = {"env": CLEAN, "cwd": TOP, "text": True, "stdout": pipe, "stderr": pipe, "timeout": 120} | options
    result = subprocess.run([str(word) for word in command], **options)
    if result.returncode != 0:
        raise Failed(f"{command[0]} failed: {(result.stderr or result.stdout or '').strip()}")
    return result.stdout


class Process:
    """One program, in a session of its own, so that Ctrl-C reaches the experiment alone."""

    running: list["Process"] = []
    stop_signal = signal.SIGTERM

    def __init__(self, name: str):
        self.name = name
        self.log = STATE / "log" / f"{name}.log"

    def spawn(self, command: list, environment: dict[str, str] | None = None):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                cwd=TOP,
                env=CLEAN | (environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        (STATE / f"{self.name}.pid").write_text(f"{self.process.pid}\n")
        if self not in Process.running:
            Process.running.append(self)

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def family(self) -> list[int]:
        """This process and its children, which for Postgres are one for each session."""
        pid = self.process.pid
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except FileNotFoundError:
            return []
        return [pid, *map(int, children)]

    def send(self, number: signal.Signals):
        """To this process first, so that it starts no further child meanwhile."""
        for pid in self.family() if self.is_running else []:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def freeze(self):
        self.send(signal.SIGSTOP)

    def thaw(self):
        self.send(signal.SIGCONT)

    def kill(self):
        self.send(signal.SIGKILL)
        self.process.wait()

    def stop(self, number: signal.Signals | None = None, seconds: float = 30) -> int:
        """Asks it to end, and kills it if it does not. Returns its exit status."""
        if self.is_running:
            self.thaw()
            self.process.send_signal(number or self.stop_signal)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode


def end_all():
    for process in reversed(Process.running):
        process.stop(seconds=10)
        (STATE / f"{process.name}.pid").unlink(missing_ok=True)
    Process.running.clear()


def prepare_state():
    """An empty directory. A run that was killed may have left processes behind."""
    for file in STATE.glob("*.pid"):
        pid = int(file.read_text())
        try:
            name = Path(f"/proc/{pid}/comm").read_text()
            place = Path(os.readlink(f"/proc/{pid}/cwd"))
        except OSError:
            continue
        # The number may belong to another process by now. Ours work below the repository.
        if place.is_relative_to(TOP) and re.match("postgres|redis|valkey|rubrica", name):
            os.kill(pid, signal.SIGKILL)
            time.sleep(1)
    shutil.rmtree(STATE, ignore_errors=True)
    (STATE / "log").mkdir(parents=True)
