"""A Redis that fails, half of the time in ways in which a PING still works."""

from collections.abc import Callable
from contextlib import contextmanager

from experiment import Run, experiment, now, pause
from load import Load
from processes import wait_until
from proxy import Proxy
from replica import Cluster
from servers import Postgres, Redis

FAULT_SECONDS = 8
# Until the service says that Redis is well again: ten seconds without a failure, and the pauses between probes.
RECOVERY_SECONDS = 25
# Both of what is said when it fails and of what is said when it is well.
LINE = "rate limits are"


@experiment
def redis_faults(run: Run):
    """Redis is out of memory, read-only, slow, unsteady, frozen, and killed"""
    postgres, redis, other = Postgres(), Redis(), Redis("redis2")
    postgres.create_database()
    proxy = Proxy(redis.port)
    cluster = Cluster(run.program, [postgres.port], proxy.port)
    load = Load(cluster, 90)
    pause(2)

    @contextmanager
    def out_of_memory():
        redis.cli("config", "set", "maxmemory", "1")
        yield
        redis.cli("config", "set", "maxmemory", "0")

    @contextmanager
    def read_only():
        redis.cli("replicaof", "127.0.0.1", str(other.port))
        yield
        redis.cli("replicaof", "no", "one")

    @contextmanager
    def slow():
        proxy.delay = 0.07
        yield
        proxy.delay = 0

    @contextmanager
    def frozen():
        redis.freeze()
        yield
        redis.thaw()

    @contextmanager
    def killed():
        redis.kill()
        yield
        redis.start()

    for name, fault in {
        "out of memory": out_of_memory,
        "read-only": read_only,
        "slow": slow,
        "frozen": frozen,
        "killed": killed,
    }.items():
        one_fault(run, cluster, load, name, fault)
    run.history(load.stop(), postgres)
    run.holds("no call fails", set(load.statuses()) <= {200, 404}, dict(load.statuses()))


def one_fault(run: Run, cluster: Cluster, load: Load, name: str, fault: Callable):
    before = {replica.name: len(replica.log_lines(LINE)) for replica in cluster.replicas}
    start = now()
    gauges = []
    with fault():
        pause(2)
        end = now() + FAULT_SECONDS
        while now() < end:
            gauges += [fallback(replica) for replica in cluster.replicas]
            pause(0.25)
    longest = load.longest(start)
    run.holds(
        f"{name}: each replica limits for itself for as long as it lasts",
        all(gauges),
        f"{gauges.count(0)} of {len(gauges)} samples say otherwise",
    )
    run.holds(f"{name}: no call waits for Redis longer than 1 s", longest <= 1, f"{longest:.2f} s")
    took = wait_until(lambda: not any(map(fallback, cluster.replicas)), "Redis is used again", RECOVERY_SECONDS, 0.2)
    run.note(f"{name}: used again after", f"{took:.1f} s")
    lines = max(len(replica.log_lines(LINE)) - before[replica.name] for replica in cluster.replicas)
    run.holds(f"{name}: the log says once that it fails, and once that it is well", lines <= 2, lines)


def fallback(replica) -> float:
    return replica.metric("rubrica_rate_limit_fallback")
