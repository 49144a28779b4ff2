"""Measures each figure: one round compares two contenders."""

import time
from dataclasses import replace

from data import Loaded
from pgbench import Pgbench
from plan import BATCH_CONNECTIONS, BATCH_SIZE, Plan
from report import Book, say
from servers import Node, Rubrica, WebServer
from wrk import Answers, Load

# The calls of a quiet company during the measured load.
QUIET_CONNECTIONS = 4
QUIET_RATE = 200

# WAL records that Postgres writes by itself: the start of a checkpoint, and the running transactions. It also prunes
# pages of its catalogs when it reads them; the numbers of these relations are below this one.
BACKGROUND_RECORDS = (
    "XLOG/CHECKPOINT_ONLINE",
    "XLOG/CHECKPOINT_REDO",
    "Standby/RUNNING_XACTS",
)
FIRST_USER_RELATION = 16384


class Rounds:
    """The contenders of each figure run one after the other on the same data, in another order each round."""

    def __init__(self, plan: Plan, book: Book, data: Loaded, rubrica: Rubrica, node: Node | None):
        self.plan, self.book, self.data, self.rubrica, self.node = plan, book, data, rubrica, node
        self.population = data.population
        self.mixed = Load("upsert", data, self.population.changing)

    def run(self):
        for number in range(self.plan.rounds):
            say(f"Round {number + 1} of {self.plan.rounds}")
            self.data.freshen()
            highest = self.upserts(number)
            self.resends(number)
            self.lookups(number)
            self.batches(number)
            self.latencies(number, highest)
            self.noise(number)

    def run_upserts_alone(self):
        """Measures the first figure on the larger population."""
        for number in range(self.plan.rounds):
            say(f"Round {number + 1} of {self.plan.rounds} with more contacts")
            self.data.freshen()
            rates = in_turn(
                number,
                ours=lambda: self.measure(self.mixed, self.plan.long_run).rate,
                theirs=self.pgbench_mixed,
            )
            small = self.book["upsert"].samples[number].ratio
            self.book["scale"].add(rates["ours"] / rates["theirs"], small)

    def upserts(self, number: int) -> float:
        def with_cpu() -> float:
            run = self.measure(self.mixed, self.plan.long_run)
            self.book["cpu"].add(run.cpu_seconds / run.requests * 1e6)
            return run.rate

        rates = in_turn(
            number,
            rubrica=with_cpu,
            pgbench=self.pgbench_mixed,
            node=lambda: self.measure(self.mixed, self.plan.long_run, self.node).rate,
        )
        self.book["upsert"].add(rates["rubrica"], rates["pgbench"])
        self.book["node"].add(rates["rubrica"], rates["node"])
        return rates["rubrica"]

    def resends(self, number: int):
        resent = Load("resent", self.data, self.population.settled)
        changed = Load("changed", self.data, self.population.changed)

        def without_log() -> float:
            before = self.log_position()
            rate = self.measure(resent, self.plan.short_run).rate
            self.book["wal"].add(self.log_bytes(before, self.log_position()))
            return rate

        rates = in_turn(
            number,
            resent=without_log,
            changed=lambda: self.measure(changed, self.plan.short_run).rate,
        )
        self.book["resent"].add(rates["resent"], rates["changed"])

    def lookups(self, number: int):
        load = Load("lookup", self.data, self.population.settled)
        peer = Pgbench("lookup", self.data, self.population.settled)
        rates = in_turn(
            number,
            ours=lambda: self.measure(load, self.plan.short_run).rate,
            theirs=lambda: self.pgbench(peer, self.plan.short_run),
        )
        self.book["lookup"].add(rates["ours"], rates["theirs"])

    def batches(self, number: int):
        load = Load("batch", self.data, self.population.changing, BATCH_CONNECTIONS)
        peer = Pgbench("batch", self.data, self.population.changing, BATCH_CONNECTIONS)
        rates = in_turn(
            number,
            ours=lambda: self.measure(load, self.plan.long_run).rate * BATCH_SIZE,
            theirs=lambda: self.pgbench(peer, self.plan.long_run) * BATCH_SIZE,
        )
        self.book["batch"].add(rates["ours"], rates["theirs"])

    def latencies(self, number: int, highest: float):
        lone = replace(self.mixed, connections=1)
        paced = replace(self.mixed, rate=highest / 2)
        peer = Pgbench("upsert", self.data, self.population.changing, clients=1)

        def peer_p50() -> float:
            self.data.checkpoint()
            return peer.p50(self.plan.warm_up, self.plan.short_run)

        medians = in_turn(
            number,
            ours=lambda: self.measure(lone, self.plan.short_run).p50,
            theirs=peer_p50,
        )
        self.book["lone"].add(medians["ours"], medians["theirs"])
        self.book["half"].add(self.measure(paced, self.plan.long_run).p99, medians["ours"])

    def noise(self, number: int):
        """Measures how long a quiet company waits while one or all other companies send as fast as they can."""
        quiet = replace(
            self.mixed,
            company=self.population.companies,
            connections=QUIET_CONNECTIONS,
            rate=QUIET_RATE,
        )

        def beside(load: Load) -> float:
            self.data.checkpoint()
            loud = load.start(self.rubrica, self.plan.long_run + 1)
            time.sleep(0.5)
            p99 = quiet.run(self.rubrica, self.plan.long_run).p99
            load.finish(loud)
            return p99

        waits = in_turn(
            number,
            flood=lambda: beside(replace(self.mixed, company=1)),
            spread=lambda: beside(self.mixed),
        )
        self.book["quiet"].add(waits["flood"], waits["spread"])

    def measure(self, load: Load, seconds: int, server: WebServer | None = None) -> Answers:
        """Warms up and checks each response, makes a checkpoint, and measures a run."""
        server = server or self.rubrica
        replace(load, is_checked=True).run(server, self.plan.warm_up)
        self.data.checkpoint()
        return load.run(server, seconds)

    def pgbench_mixed(self) -> float:
        peer = Pgbench("upsert", self.data, self.population.changing)
        return self.pgbench(peer, self.plan.long_run)

    def pgbench(self, peer: Pgbench, seconds: int) -> float:
        self.data.checkpoint()
        return peer.rate(self.plan.warm_up, seconds)

    def log_position(self) -> str:
        # The WAL writer may be slightly behind.
        time.sleep(0.5)
        return self.data.psql("select pg_current_wal_lsn()")

    def log_bytes(self, start: str, end: str) -> int:
        """The size of the WAL between two positions, without records that Postgres writes by itself."""
        if start == end:
            return 0
        background = ", ".join(f"'{record}'" for record in BACKGROUND_RECORDS)
        records = self.data.psql(f"""
            select record_length, resource_manager, record_type, block_ref
            from pg_get_wal_records_info('{start}', '{end}')
            where resource_manager || '/' || record_type not in ({background})
            and not coalesce(
                (
                    select bool_and(relation[1]::bigint < {FIRST_USER_RELATION})
                    from regexp_matches(block_ref, 'rel \\d+/\\d+/(\\d+)', 'g') as relation
                ),
                false
            )
        """).splitlines()
        for record in records[:3]:
            print(f"    WAL record: {record}")
        return sum(int(record.split("\t")[0]) for record in records)


def in_turn(number: int, **contenders) -> dict:
    """Runs all contenders. Each round starts with another one."""
    names = list(contenders)
    shift = number % len(names)
    return {name: contenders[name]() for name in names[shift:] + names[:shift]}
