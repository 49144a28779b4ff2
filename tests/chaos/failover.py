"""A primary that is gone, and a standby that takes its place, under load."""

import json

from experiment import DEADLINE, LONGEST, Run, experiment, now, pause, register
from history import check
from load import Load
from network import Link
from processes import wait_until
from proxy import Proxy
from replica import Cluster
from servers import Postgres, Redis

# From the fault until the standby is promoted: what an operator's tool takes to notice.
NOTICED_SECONDS = 6
# From the promotion until writes are taken again.
WRITES_WITHIN = 3
RATE = 90
# Until a caller has read an answer that was on its way.
READ_WITHIN = 0.5


def synchronous(run: Run, commit: str, fault: str):
    primary, redis = Postgres("primary"), Redis()
    primary.create_database()
    link = Link(primary)
    standby = primary.standby("standby", link.port)
    primary.replicate_synchronously(standby, commit)
    cluster = Cluster(run.program, [link.port, standby.port], redis.port)
    load = Load(cluster, RATE)
    pause(4)
    failed = now()
    {"killed": primary.kill, "frozen": primary.freeze, "cut off": link.cut, "back again": primary.freeze}[fault]()
    pause(NOTICED_SECONDS)
    promoted = standby.promote()
    run.note("promotion took", f"{promoted - failed - NOTICED_SECONDS:.2f} s")
    if fault == "back again":
        # No attempt to connect to it from before the promotion is left.
        pause(5)
        primary.thaw()
    pause(12)
    load.stop()
    primary.kill()
    run.holds(
        "writes before the fault are acknowledged",
        load.statuses(0, failed - 0.5).keys() <= {200, 404},
        dict(load.statuses(0, failed - 0.5)),
    )
    for number, replica in enumerate(cluster.replicas):
        own = [
            call.end - promoted
            for call in load.calls
            if call.replica == number and call.is_write and call.is_acknowledged and call.end > promoted
        ]
        first = min(own, default=float("inf"))
        run.holds(
            f"{replica.name} writes again within {WRITES_WITHIN} s of the promotion",
            first <= WRITES_WITHIN,
            f"{first:.2f} s",
        )
    run.holds(
        f"no call fails that is sent {WRITES_WITHIN} s after the promotion, or later",
        load.last_failed(promoted) < WRITES_WITHIN,
        f"the last one {load.last_failed(promoted):.2f} s after",
    )
    run.holds("no call takes longer than the deadline + 20 %", load.longest() <= LONGEST, f"{load.longest():.2f} s")
    run.note("answers from the fault to the promotion", dict(load.statuses(failed, promoted)))
    run.note("answers after the promotion", dict(load.statuses(promoted)))
    run.note("Retry-After", dict(sorted(load.retry_after.items())))
    run.history(load, standby)


def register_synchronous(commit: str, fault: str):
    name = f"failover_{commit}_{fault.replace(' ', '_')}"
    summary = f"The primary of a synchronous standby ({commit}) is {fault}"
    register(name, summary, lambda run: synchronous(run, commit, fault))


for _commit in ("remote_apply", "on"):
    for _fault in ("killed", "frozen", "cut off"):
        register_synchronous(_commit, _fault)
# Nobody fenced it. Without its standby it can acknowledge no write, and nobody may read what is old from it.
register_synchronous("on", "back again")


@experiment
def failover_asynchronous(run: Run):
    """The primary of a standby that is one second behind is killed"""
    lag = 1.0
    primary, redis = Postgres("primary"), Redis()
    primary.create_database()
    wire = Proxy(primary.port)
    standby = primary.standby("standby", wire.port)
    cluster = Cluster(run.program, [primary.port, standby.port], redis.port)
    # What it has to catch up with first.
    position = primary.psql("select pg_current_wal_lsn()")
    wait_until(lambda: standby.psql(f"select pg_last_wal_replay_lsn() >= '{position}'") == "t", "the standby")
    wire.delay = lag
    load = Load(cluster, RATE)
    pause(6)
    # First the wire, so that what is on its way does not arrive.
    wire.reset()
    primary.kill()
    killed = now()
    pause(3)
    promoted = standby.promote()
    pause(8)
    load.stop()
    rows = standby.psql(f"select email, custom_fields -> 'seen' from contacts where email like '{load.name}-%'")
    verdict = check(load.calls, fields_of(rows), DEADLINE)
    calls = {call.name: call for call in load.calls}
    before = sorted(killed - calls[name].end for name in verdict.lost)
    run.note("acknowledged, and lost", f"{len(before)} of {verdict.acknowledged}")
    run.holds("an asynchronous standby loses something, or this shows nothing", bool(before), len(before))
    run.holds(
        "what is lost was acknowledged within the lag before the fault",
        all(-READ_WITHIN <= age <= lag + 1 for age in before),
        f"up to {max(before, default=0):.2f} s before it, {lag:.0f} s of lag",
    )
    run.holds(
        f"writes are taken within {WRITES_WITHIN} s of the promotion",
        load.first_written(promoted) <= WRITES_WITHIN,
        f"{load.first_written(promoted):.2f} s",
    )
    run.holds("no call takes longer than the deadline + 20 %", load.longest() <= LONGEST, f"{load.longest():.2f} s")


def fields_of(rows: str) -> dict[str, dict]:
    return {email: {"seen": json.loads(seen)} for email, seen in (row.split("\t") for row in rows.splitlines())}
