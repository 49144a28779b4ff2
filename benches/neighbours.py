"""Measures how long a quiet company waits while another company, with default limits, sends a hostile load."""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data import Loaded
from plan import CONNECTIONS, STATE, TOP, Plan
from processes import CLEAN, Failed
from report import Book, say
from servers import Rubrica
from wrk import Load

QUIET_RATE = 100
SPREAD_COMPANIES = 40
# Each load has companies of its own, so that the used quota of one load does not weaken the next.
COMPANIES_OF_A_LOAD = 1 + SPREAD_COMPANIES
SAMPLES_A_SECOND = 20

# The loads in the order of the figures: kinds in benches/hostile.py, or upserts by wrk.
KINDS = (
    "zeros",
    "unknown",
    "violations",
    "tiny",
    "long",
    "stalled",
    "unread",
    "filters",
    "upserts",
    "batches",
)
MEMORY_SERVICE, MEMORY_BACKEND, REFUSED = "near_service", "near_backend", "near_refused"


def figure(kind: str) -> str:
    return f"near_{kind}"


@dataclass(frozen=True)
class Subset:
    """Some of the companies, as the population of a wrk load."""

    tokens: Path
    population: "Companies"


@dataclass(frozen=True)
class Companies:
    companies: int


@dataclass(frozen=True)
class Beside:
    """The measurements during one load. Memory is in MiB, latencies are in ms."""

    p99: float
    refused: int
    service: float
    backend: float


class Neighbours:
    def __init__(self, plan: Plan, book: Book, data: Loaded, start: Callable[[], Rubrica]):
        self.plan, self.book, self.data, self.start = plan, book, data, start
        self.tokens = data.tokens.read_text().split()
        # The last company is the quiet one.
        self.quiet = self.tokens[-1]
        for index, kind in enumerate(KINDS):
            first = index * COMPANIES_OF_A_LOAD
            mine = self.tokens[first : first + COMPANIES_OF_A_LOAD]
            self.write(f"{kind}-alone", mine[:1])
            self.write(f"{kind}-spread", mine[1:])

    def write(self, name: str, tokens: list[str]):
        self.data.token_file(name).write_text("".join(f"{token}\n" for token in tokens))

    def run(self):
        self.prepare()
        for number in range(self.plan.rounds):
            say(f"Round {number + 1} of {self.plan.rounds} beside hostile neighbours")
            seen = []
            for kind in KINDS:
                sides = ["alone", "spread"]
                if number % 2:
                    sides.reverse()
                beside = {side: self.beside(kind, side) for side in sides}
                self.book[figure(kind)].add(beside["alone"].p99, beside["spread"].p99)
                seen.append(beside["alone"])
            self.book[REFUSED].add(sum(one.refused for one in seen))
            self.book[MEMORY_SERVICE].add(max(one.service for one in seen))
            self.book[MEMORY_BACKEND].add(max(one.backend for one in seen))

    def prepare(self):
        """The quiet company's limit is never reached. All others have a select with long options, and a hundred
        contacts that are large once they are written out."""
        company = self.data.population.companies
        self.data.psql(f"""
            update api_keys set rate_limit = 1000000, rate_limit_window_ms = 1000
            where company_id = {company};
            update companies set rate_limit = 1000000, rate_limit_window_ms = 1000
            where id = {company};
            insert into custom_field_definitions
                (company_id, key, display_name, type, options, filter)
            select id, 'CHOICE', 'Choice', 'select',
                array(select 'option-' || n || repeat('x', 150) from generate_series(1, 500) as n),
                'ready'
            from companies where id < {company};
            update contacts set custom_fields = jsonb_build_object('notes', repeat('x', 60000))
            where company_id < {company} and id <= {100 * company};
        """)
        self.data.freshen()

    def beside(self, kind: str, side: str) -> Beside:
        """One run on a service of its own, so that its peak of memory belongs to this load."""
        self.data.checkpoint()
        rubrica = self.start()
        # Warm up: the key of the quiet company is cached and the connections to the database are open.
        self.listen(rubrica, 1)
        watch = BackendWatch(self.data.postgres.process.pid)
        hostile = self.hostile(rubrica, kind, side)
        try:
            said = self.listen(rubrica, self.plan.neighbour_run)
        finally:
            hostile.terminate()
            answers = hostile.communicate()[0]
            backend = watch.stop()
        statuses = said["statuses"]
        refused = sum(count for status, count in statuses.items() if status != "200")
        service = rubrica.resident_mib("VmHWM")
        rubrica.stop()
        self.settle()
        sent = answers.strip().splitlines()[-1:] if kind != "upserts" else []
        print(
            f"      {kind}, {side}: p50 {said['p50']:.1f} ms, p99 {said['p99']:.1f} ms, {statuses};"
            f" service {service:.0f} MiB, backend {backend:.0f} MiB; answered {''.join(sent)}",
            flush=True,
        )
        return Beside(said["p99"], refused, service, backend)

    def listen(self, rubrica: Rubrica, seconds: float) -> dict:
        command = [
            sys.executable,
            str(TOP / "benches/quiet.py"),
            str(rubrica.port),
            self.quiet,
            str(QUIET_RATE),
            str(seconds),
        ]
        result = subprocess.run(command, env=CLEAN, stdout=subprocess.PIPE, text=True, timeout=120)
        if result.returncode != 0:
            raise Failed("the quiet company's client failed")
        return json.loads(result.stdout)

    def hostile(self, rubrica: Rubrica, kind: str, side: str) -> subprocess.Popen:
        """Starts a load that ends shortly after the quiet company has finished."""
        seconds = self.plan.neighbour_run + 1
        tokens = self.data.token_file(f"{kind}-{side}")
        if kind == "upserts":
            count = 1 if side == "alone" else SPREAD_COMPANIES
            load = Load("upsert", Subset(tokens, Companies(count)), (1, 1000), CONNECTIONS)
            return load.start(rubrica, seconds)
        command = [
            sys.executable,
            str(TOP / "benches/hostile.py"),
            str(rubrica.port),
            str(tokens),
            kind,
            str(seconds),
        ]
        with open(STATE / "log/hostile.log", "ab") as log:
            return subprocess.Popen(command, env=CLEAN, stdout=subprocess.PIPE, stderr=log, text=True)

    def settle(self):
        """Waits until the database has no running statements."""
        busy = (
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and state <> 'idle' and pid <> pg_backend_pid()"
        )
        end = time.monotonic() + 30
        while self.data.psql(busy) != "0":
            if time.monotonic() > end:
                raise Failed("the database is busy half a minute after the load ended")
            time.sleep(0.2)


class BackendWatch:
    """The most memory that one backend of Postgres had to itself while it was watched. Its peak in /proc, VmHWM, counts
    the shared buffers that it touched; RssAnon does not, and is looked at many times a second."""

    def __init__(self, postmaster: int):
        self.postmaster, self.most, self.is_over = postmaster, 0.0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.is_over.wait(1 / SAMPLES_A_SECOND):
            for child in descendants(self.postmaster):
                try:
                    status = Path(f"/proc/{child}/status").read_text()
                except OSError:
                    continue
                if found := re.search(r"RssAnon:\s+(\d+) kB", status):
                    self.most = max(self.most, int(found[1]) / 1024)

    def stop(self) -> float:
        self.is_over.set()
        self.thread.join()
        return self.most


def descendants(pid: int) -> list[int]:
    """Finds the postmaster: the started process may be a script that runs it."""
    try:
        words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    children = [int(word) for word in words]
    return children + [further for child in children for further in descendants(child)]
