"""Connections that break between a COMMIT and its answer."""

from experiment import LONGEST, Run, experiment, now, pause
from load import Load
from processes import wait_until
from proxy import Proxy
from replica import Cluster
from servers import Postgres, Redis


@experiment
def commit_cut(run: Run):
    """The answer to each fifth transaction is lost, with its connection"""
    postgres, redis = Postgres(), Redis()
    postgres.create_database()
    proxy = Proxy(postgres.port)
    cluster = Cluster(run.program, [proxy.port], redis.port)
    load = Load(cluster, 120)
    pause(2)
    proxy.cut_each = 5
    pause(25)
    proxy.cut_each = 0
    pause(3)
    healthy = now()
    pause(3)
    verdict = run.history(load.stop(), postgres)
    run.holds("more than 100 answers were cut", proxy.cuts > 100, proxy.cuts)
    run.holds("a write whose answer is lost is answered 503", verdict.unknown_written > 0, dict(load.statuses()))
    run.holds(
        "all calls are served three seconds later",
        set(load.statuses(healthy)) <= {200, 404},
        dict(load.statuses(healthy)),
    )
    run.holds("no call takes longer than the deadline + 20 %", load.longest() <= LONGEST, f"{load.longest():.2f} s")


@experiment
def usage_exact(run: Run):
    """What keys are used for is counted once, though its COMMITs lose their answers"""
    postgres, redis = Postgres(), Redis()
    postgres.create_database()
    proxy = Proxy(postgres.port)
    cluster = Cluster(run.program, [proxy.port], redis.port, usage__flush_interval="1s")
    load = Load(cluster, 60)
    proxy.cut_each = 4
    pause(20)
    proxy.cut_each = 0
    load.stop()
    answered = sum(count for status, count in load.statuses().items() if status)
    counted = "select coalesce(sum(requests), 0) from api_key_usage"

    def is_counted() -> bool:
        return int(postgres.psql(counted)) >= answered

    try:
        wait_until(is_counted, "usage is written down", seconds=20)
    finally:
        pause(3)
        run.holds(
            "each answered request is counted once",
            int(postgres.psql(counted)) == answered,
            f"{postgres.psql(counted)} counted, {answered} answered",
        )
    run.holds("answers were cut", proxy.cuts > 20, proxy.cuts)
    # Replicas that end write down what they counted.
    for replica in cluster.replicas:
        replica.terminate()
    run.holds("nothing is counted twice at the end", int(postgres.psql(counted)) == answered, postgres.psql(counted))
