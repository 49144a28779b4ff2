"""Three times as many calls as the service can make."""

import asyncio
import json

import aiohttp
from experiment import DEADLINE, Run, experiment, now, pause
from load import UPSERT, DistinctLoad, percentile, seconds
from proxy import Proxy
from replica import Cluster
from servers import Postgres

# Postgres answers so late that a transaction takes this long, and a transaction makes so many calls at most: so a
# capacity that this machine reaches, whatever else it does.
TRANSACTION_SECONDS = 0.5
BATCH_SIZE = 50
CAPACITY_SECONDS = 12
SETTLED_SECONDS = 60
# Longer than auth.cache_ttl, so that keys are looked up meanwhile.
MEASURED_SECONDS = 35
REFUSED_WITHIN = "0.05"


class Busy(DistinctLoad):
    """So many callers, each of which sends its next call when it has its answer: what the service can make."""

    callers = 200

    async def _send(self):
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as http:
            await asyncio.gather(*(self._one(http, caller) for caller in range(self.callers)))

    async def _one(self, http: aiohttp.ClientSession, caller: int):
        number = caller
        while not self.is_over:
            await self._call(http, number)
            number += self.callers


@experiment
def overload_one_company(run: Run):
    """One company offers three times what the service can make"""
    overload(run, companies=1)


@experiment
def overload_companies(run: Run):
    """Six companies together offer three times what the service can make"""
    overload(run, companies=6)


def overload(run: Run, companies: int):
    postgres = Postgres()
    postgres.create_database()
    proxy = Proxy(postgres.port)
    cluster = Cluster(run.program, [proxy.port], replicas=1, batching__size=str(BATCH_SIZE))
    replica = cluster.replicas[0]
    keys = [cluster.tenant(f"Company {number}")[1] for number in range(companies)]

    busy = Busy(cluster, 1, keys)
    # Its connections are open, and know their statements, before Postgres becomes slow.
    pause(3)
    proxy.delay = TRANSACTION_SECONDS
    pause(8)
    start = now()
    pause(CAPACITY_SECONDS)
    capacity = rate(busy, start, now())
    busy.stop()
    run.note("capacity", f"{capacity:.0f}/s")
    run.holds("all calls are served at capacity", set(busy.statuses()) == {200}, dict(busy.statuses()))

    load = DistinctLoad(cluster, 3 * capacity, keys)
    pause(SETTLED_SECONDS)
    counts = {name: refused(replica, name) for name in ("all", "soon")}
    start = now()
    pause(MEASURED_SECONDS)
    end = now()
    of_all, soon = (refused(replica, name) - counts[name] for name in ("all", "soon"))
    load.stop()
    offered = sum(load.statuses(start, end).values()) / (end - start)
    run.note("offered", f"{offered:.0f}/s")
    # What callers that stood still did not offer, nobody can make.
    run.holds("three times the capacity was offered", offered >= 2.5 * capacity, f"{offered / capacity:.2f} x")
    goodput = rate(load, start, end)
    run.holds(
        "after 60 s the goodput is at least 0.85 of the capacity",
        goodput >= 0.85 * capacity,
        f"{goodput:.0f}/s, {goodput / capacity:.2f} x",
    )
    accepted = percentile([seconds(call) for call in load.calls if call.is_acknowledged], 0.99)
    run.holds("the p99 of what is accepted is below the deadline", accepted < DEADLINE, f"{accepted:.2f} s")
    run.holds("all else is answered 503", set(load.statuses()) <= {200, 503}, dict(load.statuses()))
    run.holds(
        "of the 503s, 99 % are answered within 50 ms, by the service's own clock",
        soon >= 0.99 * of_all > 0,
        f"{soon:.0f} of {of_all:.0f}",
    )
    stored = set(postgres.psql(f"select email from contacts where email like '{load.name}-%'").splitlines())
    written = [call for call in load.calls if call.status == 503 and call.name in stored]
    queued = [call for call in written if seconds(call) < DEADLINE / 2]
    run.holds("nothing is written that the queue refused", not queued, len(queued))
    run.note("answered 503 at the deadline, and written", len(written) - len(queued))
    lost = [call for call in load.calls if call.is_acknowledged and call.name not in stored]
    run.holds("no acknowledged contact is lost", not lost, len(lost))
    run.note("Retry-After", json.dumps(dict(sorted(load.retry_after.items()))))
    run.holds("each 503 says when to come back", "none" not in load.retry_after)
    # The queue empties itself, and callers are served as before.
    pause(2)
    after = DistinctLoad(cluster, capacity / 2, keys)
    pause(5)
    answers = after.stop().statuses()
    run.holds("half of the capacity is served once the load is gone", set(answers) == {200}, dict(answers))


def rate(load: DistinctLoad, start: float, end: float) -> float:
    """Acknowledged calls a second, of those that were answered between two instants."""
    return sum(call.is_acknowledged and start <= call.end < end for call in load.calls) / (end - start)


def refused(replica, which: str) -> float:
    if which == "all":
        return replica.metric("rubrica_http_request_duration_seconds_count", route=UPSERT, status="503")
    return replica.metric("rubrica_http_request_duration_seconds_bucket", route=UPSERT, status="503", le=REFUSED_WITHIN)
