"""What stays behind on Postgres when its network, or its synchronous standby, stands still."""

from experiment import LONGEST, Run, experiment, now, pause
from load import Load
from network import Link
from replica import Cluster
from servers import Postgres, Redis

PARTITIONS = 5
PARTITION_SECONDS = 15
MOST_CONNECTIONS = 10
REPLICAS = 3
# Those of the probes, and one that is being made while another ends.
SPARE = 2


@experiment
def five_partitions(run: Run):
    """Postgres is cut off for 15 s, five times"""
    postgres, redis = Postgres(), Redis()
    postgres.create_database()
    link = Link(postgres)
    cluster = Cluster(run.program, [link.port], redis.port, REPLICAS, database__max_connections=str(MOST_CONNECTIONS))
    load = Load(cluster, 60)
    pause(2)
    after, recovered = [], []
    for _ in range(PARTITIONS):
        link.cut()
        pause(PARTITION_SECONDS)
        link.restore()
        healed = now()
        pause(6)
        # As an administrator on the same machine sees them.
        after.append(postgres.sessions())
        recovered.append(load.first_written(healed))
    load.stop()
    most = REPLICAS * (MOST_CONNECTIONS + SPARE)
    run.holds(f"sessions on Postgres stay at {most} at most", max(after) <= most, after)
    run.holds(
        "writes are taken within 3 s once the network is well",
        max(recovered) <= 3,
        [f"{seconds:.2f}" for seconds in recovered],
    )
    run.holds("no call takes longer than the deadline + 20 %", load.longest() <= LONGEST, f"{load.longest():.2f} s")
    run.history(load, postgres)


@experiment
def standby_stands_still(run: Run):
    """The synchronous standby stands still for 40 s"""
    primary, redis = Postgres("primary"), Redis()
    primary.create_database()
    standby = primary.standby("standby")
    primary.replicate_synchronously(standby, "on")
    cluster = Cluster(
        run.program, [primary.port], redis.port, REPLICAS, database__max_connections=str(MOST_CONNECTIONS)
    )
    load = Load(cluster, 45, read_share=0.4)
    pause(3)
    still = now()
    standby.freeze()
    sessions = []
    while now() - still < 40:
        pause(2)
        sessions.append(primary.sessions())
    standby.thaw()
    thawed = now()
    pause(8)
    load.stop()
    most = REPLICAS * (MOST_CONNECTIONS + SPARE)
    run.holds(f"sessions on Postgres stay at {most} at most", max(sessions) <= most, sessions)
    reads = [call for call in load.calls if not call.is_write]
    failed = [call for call in reads if call.status not in (200, 404)]
    run.holds("reads are served", len(failed) <= 0.01 * len(reads), f"{len(failed)} of {len(reads)} failed")
    acknowledged = [call for call in load.calls if call.is_write and call.is_acknowledged]
    early = [call for call in acknowledged if still + 0.5 < call.start and call.end < thawed]
    run.holds("no write is acknowledged that the standby does not have", not early, len(early))
    run.holds(
        "writes are taken within 3 s once the standby goes on",
        load.first_written(thawed) <= 3,
        f"{load.first_written(thawed):.2f} s",
    )
    run.holds("no call takes longer than the deadline + 20 %", load.longest() <= LONGEST, f"{load.longest():.2f} s")
    run.history(load, primary)
