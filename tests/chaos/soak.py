"""Minutes of load, with another fault every ten seconds."""

import random
import signal
from collections.abc import Callable

from experiment import LONGEST, Run, experiment, now, pause
from load import Load
from proxy import Proxy
from replica import Cluster
from servers import Postgres, Redis

SECONDS = 300
EVERY = 10
SEED = 14
REPLICAS = 3


@experiment
def soak(run: Run):
    """Five minutes with a fault every 10 s"""
    postgres, redis = Postgres(), Redis()
    postgres.create_database()
    database, limits = Proxy(postgres.port), Proxy(redis.port)
    cluster = Cluster(run.program, [database.port], limits.port, REPLICAS)
    # The first replica lives through all of it, and shows what it gathers.
    survivor, *others = cluster.replicas
    load = Load(cluster, 60)
    pause(10)
    memory, descriptors = survivor.resident_mib(), survivor.descriptors()
    random_numbers = random.Random(SEED)
    faults = make_faults(postgres, redis, database, limits, others, random_numbers)
    start = now()
    done = []
    while now() - start < SECONDS - EVERY:
        round_start = now()
        # Each of them once, before any comes again.
        name = list(faults)[len(done) % len(faults)]
        faults[name]()
        done.append(name)
        pause(max(0.0, EVERY - (now() - round_start)))
    healthy = now()
    pause(EVERY)
    load.stop()
    run.note("faults", f"{len(done)}: {', '.join(dict.fromkeys(done))}")
    run.note("answers", dict(load.statuses()))
    run.history(load, postgres)
    run.holds(
        "all calls are served after the last fault",
        set(load.statuses(healthy)) <= {200, 404},
        dict(load.statuses(healthy)),
    )
    run.holds("no call takes longer than the deadline + 20 %", load.longest() <= LONGEST, f"{load.longest():.2f} s")
    found = (survivor.resident_mib(), survivor.descriptors())
    run.holds("memory grows by 32 MiB at most", found[0] - memory <= 32, f"{memory:.1f} to {found[0]:.1f} MiB")
    run.holds("descriptors do not pile up", found[1] <= descriptors + 20, f"{descriptors} to {found[1]}")
    most = REPLICAS * 18
    run.holds(f"sessions on Postgres stay at {most} at most", postgres.sessions() <= most, postgres.sessions())
    for replica in cluster.replicas:
        run.holds(f"{replica.name} does not panic", not replica.log_lines("panicked"))
        status, took = replica.terminate()
        run.holds(f"{replica.name} ends with status 0", status == 0, f"{status} after {took:.1f} s")


def make_faults(
    postgres: Postgres, redis: Redis, database: Proxy, limits: Proxy, replicas: list, random_numbers: random.Random
) -> dict[str, Callable]:
    def kill_replica():
        replica = random_numbers.choice(replicas)
        replica.kill()
        replica.start()
        replica.wait_until_ready()

    def terminate_replica():
        replica = random_numbers.choice(replicas)
        replica.terminate()
        replica.start()
        replica.wait_until_ready()

    def freeze(process):
        process.freeze()
        pause(3)
        process.thaw()

    def restart_postgres(number: signal.Signals):
        postgres.stop(number)
        postgres.start()

    def end_sessions():
        postgres.psql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rubrica_service'")

    def restart_redis():
        redis.kill()
        pause(2)
        redis.start()

    def for_a_while(proxy: Proxy, name: str, value: object):
        usual = getattr(proxy, name)
        setattr(proxy, name, value)
        pause(4)
        setattr(proxy, name, usual)

    return {
        "a replica is killed": kill_replica,
        "Postgres restarts": lambda: restart_postgres(signal.SIGINT),
        "COMMITs lose their answers": lambda: for_a_while(database, "cut_each", 5),
        "Redis is killed": restart_redis,
        "a replica gets SIGTERM": terminate_replica,
        "Postgres crashes": lambda: restart_postgres(signal.SIGQUIT),
        "Postgres is cut off": lambda: for_a_while(database, "is_black_hole", True),
        "Redis is slow": lambda: for_a_while(limits, "delay", 0.07),
        "a replica stands still": lambda: freeze(random_numbers.choice(replicas)),
        "all sessions are ended": end_sessions,
        "Postgres is slow": lambda: for_a_while(database, "delay", 0.3),
        "connections are reset": database.reset,
        "Redis stands still": lambda: freeze(redis),
        "Postgres stands still": lambda: freeze(postgres),
    }
