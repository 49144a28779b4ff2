"""What an experiment is: a name, a budget in seconds, and statements that hold or fail."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from history import Verdict, check
from load import Load
from processes import TOP
from servers import Postgres

RESULTS = TOP / os.environ.get("CARGO_TARGET_DIR", "target") / "chaos"
# `database.deadline`, and what may come on top of it.
DEADLINE = 5.0
LONGEST = DEADLINE * 1.2


@dataclass
class Run:
    """One run of one experiment."""

    program: Path
    name: str
    failures: int = 0
    statements: list[dict] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)

    def holds(self, statement: str, is_so: bool, found: object = ""):
        print(
            f"{'ok  ' if is_so else 'FAIL'} {self.name}: {statement}{f' [{found}]' if found != '' else ''}", flush=True
        )
        self.statements.append({"statement": statement, "holds": bool(is_so), "found": str(found)})
        self.failures += not is_so

    def note(self, name: str, value: object):
        """A figure that is not judged."""
        print(f"     {self.name}: {name}: {value}", flush=True)
        self.figures[name] = value

    def history(self, load: Load, postgres: Postgres) -> Verdict:
        """Holds what the callers of a load saw against what the database has now."""
        rows = postgres.psql(
            f"select email, custom_fields from contacts where email like '{load.name}-%' and deleted_at is null"
        )
        final = {email: json.loads(fields) for email, fields in (row.split("\t") for row in rows.splitlines())}
        verdict = check(load.calls, final, DEADLINE)
        self.figures["history"] = str(verdict)
        self.holds("no acknowledged write is lost", not verdict.lost, verdict)
        self.holds(
            "readers see all that was acknowledged before, in one order",
            not (verdict.stale or verdict.disordered or verdict.strange),
            (verdict.stale + verdict.disordered + verdict.strange)[:5] or "",
        )
        self.holds("nothing is written late, over what is newer", not verdict.late, verdict.late[:5] or "")
        twice = postgres.psql(
            "select count(*) from (select from contacts where deleted_at is null"
            " group by company_id, email having count(*) > 1) as twice"
        )
        self.holds("no contact exists twice", twice == "0", "" if twice == "0" else twice)
        self.holds("no call is answered 500", 500 not in load.statuses(), dict(load.statuses()))
        return verdict

    def write(self, seconds: float):
        RESULTS.mkdir(parents=True, exist_ok=True)
        result = {
            "experiment": self.name,
            "failures": self.failures,
            "seconds": round(seconds, 1),
            "statements": self.statements,
            "figures": self.figures,
        }
        (RESULTS / f"{self.name}.json").write_text(json.dumps(result, indent=2, default=str) + "\n")


@dataclass(frozen=True)
class Experiment:
    name: str
    summary: str
    work: Callable[[Run], None]


now, pause = time.monotonic, time.sleep

EXPERIMENTS: dict[str, Experiment] = {}


def experiment(work: Callable[[Run], None]) -> Callable[[Run], None]:
    """Registers a function under its name; the first line of its text is the summary."""
    register(work.__name__, (work.__doc__ or "").strip().splitlines()[0], work)
    return work


def register(name: str, summary: str, work: Callable[[Run], None]):
    EXPERIMENTS[name] = Experiment(name, summary, work)
