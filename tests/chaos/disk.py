"""A disk without space."""

import os

from experiment import LONGEST, Run, experiment, now, pause
from load import DistinctLoad, Load
from network import IS_OWN_NAMESPACE
from processes import STATE
from processes import run as command
from replica import Cluster
from servers import Postgres, Redis


@experiment
def disk_full(run: Run):
    """The disk of Postgres is full for 12 s"""
    if not IS_OWN_NAMESPACE:
        run.note("not run", "a small disk needs root and a mount namespace")
        return
    disk = STATE / "disk"
    disk.mkdir()
    command("mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "tmpfs", disk)
    try:
        on_a_small_disk(run, disk)
    finally:
        command("umount", "--lazy", disk)


def on_a_small_disk(run: Run, disk):
    # The log is recycled, so that the tables are what needs space.
    postgres = Postgres(data=disk / "postgres", min_wal_size="80MB", max_wal_size="96MB", checkpoint_timeout="1h")
    redis = Redis()
    postgres.create_database()
    cluster = Cluster(run.program, [postgres.port], redis.port)
    load = Load(cluster, 60)
    # New contacts need new pages.
    growing = DistinctLoad(cluster, 120, [cluster.key])
    pause(3)
    filler = disk / "filler"
    fill(filler)
    full = growing.started + 3
    pause(12)
    filler.unlink()
    if not postgres.is_running:
        run.note("Postgres ended", "it starts again, as an operator would do")
        postgres.start()
    freed = now()
    pause(4)
    growing.stop()
    load.stop()
    refused = sum((a.statuses(full, freed)[503] for a in (load, growing)), 0)
    run.holds("writes are answered 503 while the disk is full", refused > 0, refused)
    run.holds(
        "writes are taken within 3 s once there is space",
        growing.first_written(freed) <= 3,
        f"{growing.first_written(freed):.2f} s",
    )
    run.holds(
        "no call takes longer than the deadline + 20 %",
        max(load.longest(), growing.longest()) <= LONGEST,
        f"{max(load.longest(), growing.longest()):.2f} s",
    )
    stored = set(postgres.psql(f"select email from contacts where email like '{growing.name}-%'").splitlines())
    lost = [call.name for call in growing.calls if call.is_acknowledged and call.name not in stored]
    run.holds("no acknowledged new contact is lost", not lost, f"{len(lost)} of {len(stored)}")
    run.history(load, postgres)


def fill(file):
    with open(file, "wb", buffering=0) as out:
        for piece in (b"\0" * (1 << 20), b"\0" * 4096):
            try:
                while True:
                    out.write(piece)
            except OSError:
                continue
    os.sync()
