"""The same work with pgbench: Rubrica's statements sent directly to Postgres."""

import re
import statistics
import subprocess

from data import Loaded
from plan import BATCH_CONNECTIONS, BATCH_SIZE, PGBENCH_CLIENTS, STATE, THREADS, TOP
from processes import CLEAN, Failed, run

STORED = """\
\\set company random(1, :companies)
\\set row random(0, :rows - 1)
\\set number :first + :row * :companies + :company - 1
\\set visits random(1, 999999999)
"""
NEW = """\
\\set company random(1, :companies)
\\set number random(1, 999999999999)
\\set visits :number
"""
# Cycles through the companies, because two transactions that change the same contacts in different orders deadlock.
OF_OWN_COMPANY = f"""\
\\set company 1 + :client_id + {BATCH_CONNECTIONS} * random(0, :companies / {BATCH_CONNECTIONS} - 1)
"""

# The same contact as in benches/load/contacts.lua.
FIELDS = (
    """('{"plan": "pro", "visits": ' || :visits::text || ', "lastOrder": "order-' """
    """|| :visits::text || '", "tags": ["web", "shop"], """
    """"address": {"city": "Torino", "zip": "10121"}}')::jsonb"""
)
STORED_EMAIL = "'contact-' || :number::text || '@example.com'"
NEW_EMAIL = "'new-' || :number::text || '@example.com'"
# No contact was erased, so any digests will do.
DIGESTS = "'{" + ", ".join([f'"\\\\x{byte * 32}"' for byte in ("ab", "cd")]) + "}'"


def phone(first: int) -> str:
    return f"case when :number::bigint % 3 = 0 then '+39' || ({first} + :number::bigint)::text end"


def statement(query: str, *values: str) -> str:
    """A statement of Rubrica with these values instead of $1, $2, …"""
    sql = (TOP / "sql/queries" / query).read_text()
    sql = re.sub("--.*\n", "", sql)
    if set(re.findall(r"\$\d+", sql)) != {f"${number + 1}" for number in range(len(values))}:
        raise Failed(f"sql/queries/{query} takes other parameters: benches/pgbench.py must follow")
    return re.sub(r"\$(\d+)", lambda match: values[int(match[1]) - 1], sql)


def upsert(email: str, first_phone: int) -> str:
    return statement(
        "upsert_contact.sql",
        ":company::bigint",
        "'benchmark'",
        email,
        phone(first_phone),
        FIELDS,
        "true",
        "null::boolean",
        "false",
        "'replace'",
        "false",
        DIGESTS,
    )


CHANGE = upsert(STORED_EMAIL, 3_000_000_000)
CREATE = upsert(NEW_EMAIL, 1_000_000_000_000)


def in_own_company(variables: str) -> str:
    return "".join(variables.splitlines(keepends=True)[1:])


BATCH = (
    OF_OWN_COMPANY
    + "\\startpipeline\nbegin;\n"
    + (in_own_company(STORED) + CHANGE + in_own_company(NEW) + CREATE) * (BATCH_SIZE // 2)
    + "commit;\n\\endpipeline\n"
)

# Scripts of equal weight.
SCRIPTS = {
    "upsert": [STORED + CHANGE, NEW + CREATE],
    "lookup": [STORED + statement("find_contact_by_email.sql", ":company::bigint", STORED_EMAIL)],
    "batch": [BATCH],
}


class Pgbench:
    def __init__(self, kind: str, data: Loaded, contacts: tuple[int, int], clients=PGBENCH_CLIENTS):
        self.kind, self.data, self.contacts, self.clients = kind, data, contacts, clients

    def _run(self, seconds: float, *options: str) -> str:
        files = []
        for number, script in enumerate(SCRIPTS[self.kind]):
            file = STATE / f"{self.kind}-{number}.sql"
            file.write_text(script)
            files += ["-f", f"{file}@1"]
        postgres = self.data.postgres
        said = run(
            postgres.programs / "pgbench",
            "-n",
            "-M",
            "prepared",
            "-c",
            self.clients,
            "-j",
            min(THREADS, self.clients),
            "-T",
            int(seconds),
            "-h",
            "127.0.0.1",
            "-p",
            postgres.port,
            "-U",
            "rubrica_service",
            "-D",
            f"first={self.contacts[0]}",
            "-D",
            f"rows={self.contacts[1]}",
            "-D",
            f"companies={self.data.population.companies}",
            *files,
            *options,
            self.data.population.database,
            # Generic plans, which Postgres would choose after five executions.
            env=CLEAN | {"PGOPTIONS": "-c plan_cache_mode=force_generic_plan"},
            stderr=subprocess.STDOUT,
        )
        if "number of failed transactions: 0 " not in said:
            raise Failed(f"pgbench had failed transactions: {said}")
        return said

    def rate(self, warm_up: int, seconds: int) -> float:
        """Transactions a second, once connections and plans are warm."""
        said = self._run(warm_up + seconds, "-P", "1")
        rates = [float(rate) for rate in re.findall(r"progress: .*? s, ([\d.]+) tps", said)]
        return statistics.mean(rates[warm_up:])

    def p50(self, warm_up: int, seconds: int) -> float:
        """The median latency in microseconds."""
        prefix = STATE / "transactions"
        self._run(warm_up + seconds, "-l", f"--log-prefix={prefix}")
        latencies = []
        for file in STATE.glob("transactions.*"):
            lines = [line.split() for line in file.read_text().splitlines()]
            file.unlink()
            begin = int(lines[0][4]) + warm_up
            latencies += [int(line[2]) for line in lines if int(line[4]) >= begin]
        return statistics.median(latencies)
