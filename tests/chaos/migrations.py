"""`rubrica migrate` beside replicas at work, by many at once, and killed on its way."""

import signal
import subprocess
import time

from experiment import Run, experiment, pause
from load import Load
from processes import CLEAN
from processes import run as command
from replica import Cluster, settings
from servers import DATABASE, Postgres, Redis, programs

# A column more, as a newer release may add, and the functions of this one once more.
CHANGE = """
alter table contacts add column chaos_{0} text;
do $$
declare
    definition text;
begin
    for definition in
        select pg_get_functiondef(oid) from pg_proc
        where pronamespace = 'public'::regnamespace and prokind = 'f'
    loop
        execute definition;
    end loop;
end
$$;
alter table contacts drop column chaos_{0};
"""


@experiment
def migrate_under_load(run: Run):
    """Migrations run, by several at once, and functions are replaced, while callers use the service"""
    postgres, redis = Postgres(), Redis()
    postgres.create_database()
    cluster = Cluster(run.program, [postgres.port], redis.port)
    load = Load(cluster, 120)
    environment = CLEAN | cluster.environment
    for number in range(8):
        pause(1)
        several = [
            subprocess.Popen([run.program, "migrate"], env=environment, stdout=subprocess.DEVNULL) for _ in "123"
        ]
        statuses = [migrate.wait(60) for migrate in several]
        postgres.psql(CHANGE.format(number))
        if any(statuses):
            run.holds("each of several migrations ends with status 0", False, statuses)
    pause(1)
    run.history(load.stop(), postgres)
    run.holds("each call is served", set(load.statuses()) <= {200, 404}, dict(load.statuses()))


@experiment
def migrate_killed(run: Run):
    """`migrate` gets SIGKILL at several moments, and runs again"""
    postgres = Postgres()
    postgres.create_database()
    environment = CLEAN | settings([postgres.port], None, {})

    def schema() -> str:
        dump = command(programs() / "pg_dump", "-s", "-h", "127.0.0.1", "-p", postgres.port, "-U", "postgres", DATABASE)
        return "\n".join(line for line in dump.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))

    start = time.monotonic()
    command(run.program, "migrate", env=environment)
    took = time.monotonic() - start
    whole = schema()
    killed = 0
    for share in (0.1, 0.25, 0.4, 0.55, 0.7, 0.85):
        postgres.psql(f"drop database {DATABASE} with (force)", "postgres")
        postgres.psql(f"create database {DATABASE} owner rubrica_owner", "postgres")
        migrate = subprocess.Popen([run.program, "migrate"], env=environment, stdout=subprocess.DEVNULL)
        pause(took * share)
        migrate.send_signal(signal.SIGKILL)
        killed += migrate.wait() == -signal.SIGKILL
        command(run.program, "migrate", env=environment)
        run.holds(f"the schema is whole after SIGKILL at {share:.0%} of the time", schema() == whole)
    run.holds("migrations were killed on their way", killed >= 3, killed)
