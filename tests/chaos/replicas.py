"""Replicas that are killed, asked to end, and frozen, while callers use them."""

from experiment import LONGEST, Run, experiment, pause
from load import Load, percentile, seconds
from replica import Cluster
from servers import Postgres, Redis

RATE = 120


def started(run: Run) -> tuple[Postgres, Cluster]:
    postgres, redis = Postgres(), Redis()
    postgres.create_database()
    return postgres, Cluster(run.program, [postgres.port], redis.port)


@experiment
def replica_killed(run: Run):
    """Each of three replicas gets SIGKILL and starts again"""
    postgres, cluster = started(run)
    load = Load(cluster, RATE)
    for replica in cluster.replicas * 2:
        pause(2)
        replica.kill()
        pause(0.5)
        replica.start()
        replica.wait_until_ready()
    pause(2)
    verdict = run.history(load.stop(), postgres)
    run.holds("most calls are acknowledged", verdict.acknowledged > 0.6 * sum(c.is_write for c in load.calls))
    run.holds("no call is answered 503", 503 not in load.statuses(), dict(load.statuses()))


@experiment
def replica_terminated(run: Run):
    """Each of three replicas gets SIGTERM and starts again"""
    postgres, cluster = started(run)
    load = Load(cluster, RATE)
    for replica in cluster.replicas * 2:
        pause(2)
        status, took = replica.terminate()
        run.holds(
            "a replica that gets SIGTERM ends with status 0 within 5 s",
            status == 0 and took < 5,
            f"{status} after {took:.2f} s",
        )
        replica.start()
        replica.wait_until_ready()
    pause(2)
    verdict = run.history(load.stop(), postgres)
    run.holds("requests in flight get their answers", verdict.unknown_written == 0, verdict.unknown_written)
    run.holds("no call is answered 503", 503 not in load.statuses(), dict(load.statuses()))


@experiment
def replica_frozen(run: Run):
    """One of three replicas stands still for 10 s"""
    postgres, cluster = started(run)
    frozen = 0
    load = Load(cluster, RATE)
    pause(3)
    cluster.replicas[frozen].freeze()
    pause(10)
    cluster.replicas[frozen].thaw()
    pause(4)
    load.stop()
    others = [call for call in load.calls if call.replica != frozen]
    run.holds("all calls to the other replicas are served", all(call.status in (200, 404) for call in others))
    run.holds(
        "no call to the other replicas takes longer than the deadline + 20 %",
        load.longest(calls=others) <= LONGEST,
        f"{load.longest(calls=others):.2f} s",
    )
    run.note("p99 of the other replicas", f"{percentile([seconds(call) for call in others], 0.99):.3f} s")
    run.history(load, postgres)
