#!/usr/bin/env python3
"""Measures Rubrica against pgbench and a Node service: benches/run.py PROGRAM [--quick] [--only neighbours]."""

import argparse
import fcntl
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path

import data
import figures
import resources
from neighbours import Neighbours
from plan import (
    CONNECTIONS,
    FULL,
    LARGE,
    LOADING_OPTIONS,
    NEIGHBOURS,
    PGBENCH_CLIENTS,
    POSTGRES_OPTIONS,
    QUICK,
    SMALL,
    STATE,
    TOP,
    Plan,
    Population,
)
from processes import Failed, clear_state, prepare_state, run
from report import Book, neighbour_figures, say
from report import figures as all_figures
from servers import Node, Postgres, Redis, Rubrica
from wrk import Load

PEER = TOP / "benches/peers/node"
RESULTS = TOP / "benches/results"


def facts(program: Path, plan: Plan, population: Population) -> dict[str, str]:
    cpu = next(
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    wrk = run("bash", "-c", "wrk --version 2>&1 | head -n 1 || true").split()[1]
    peers = json.loads((PEER / "package.json").read_text())["dependencies"]
    return {
        "Machine": f"{cpu}, {os.cpu_count()} cores, which servers and load generators share",
        "Load average before": f"{os.getloadavg()[0]:.1f}",
        "Date": time.strftime("%Y-%m-%d", time.gmtime()),
        "Versions": ", ".join(
            [
                run(program, "--version").strip(),
                run(Postgres.programs / "postgres", "--version").strip(),
                "Redis "
                + run("bash", "-c", '. scripts/lib.sh; "$(find_redis_server)" --version').split("v=")[1].split()[0],
                f"Node {run('node', '--version').strip()}",
                f"wrk {wrk}",
                *(f"{name} {version}" for name, version in peers.items()),
            ]
        ),
        "Postgres": ", ".join(f"{name} = {value}" for name, value in POSTGRES_OPTIONS.items()),
        "Data": f"{population.contacts:,} contacts in {population.companies} companies, a key each",
        "Rounds": f"{plan.rounds} of {plan.long_run} s ({plan.short_run} s for lesser figures)"
        f" after {plan.warm_up} s of warm-up and a checkpoint",
        "Load": f"{CONNECTIONS} connections, pgbench -M prepared -c {PGBENCH_CLIENTS}",
    }


def notes(plan: Plan, is_whole: bool) -> list[str]:
    beside = [
        "Ratios are taken within a round; the result is their median. Of memory and refused calls beside hostile"
        " neighbours it is the worst round.",
        "A load that overwhelms the service hurts as much when it is spread, and its ratio is near 1 all the same:"
        " beside hostile neighbours, read the milliseconds and the refused calls, too.",
        "Memory of a Postgres backend is RssAnon, what it has to itself, looked at twenty times a second: its"
        " VmHWM counts the shared buffers that it touched.",
    ]
    if not is_whole:
        return beside
    told = [
        *beside,
        "The write-ahead log of unchanged contacts is all between two positions but what Postgres writes"
        " by itself: records of checkpoints, of running transactions, and of pages of its catalogs.",
    ]
    if not plan.is_scaled:
        told.append("This was the quick run: the larger population was skipped.")
    if plan.cached_keys < resources.ALL_KEYS:
        told.append(
            f"{plan.cached_keys:,} keys were cached; of the others, each is taken to need what one of"
            " the second half of them did."
        )
    return told


def benchmark(program: Path, plan: Plan, is_whole: bool) -> Book:
    chosen = all_figures() if is_whole else neighbour_figures()
    book = Book(facts(program, plan, SMALL if is_whole else NEIGHBOURS), notes(plan, is_whole), chosen)
    populations = [SMALL] if is_whole else []
    if is_whole and plan.is_scaled:
        populations.append(LARGE)
    populations.append(NEIGHBOURS)

    postgres = Postgres(LOADING_OPTIONS)
    data.create_databases(postgres, populations)
    loaded = {}
    for population in populations:
        say(f"Loading {population.contacts:,} contacts")
        loaded[population] = data.load(postgres, program, population)
    postgres.stop()
    # Postgres did not sync while the data was loaded.
    os.sync()

    postgres, redis = Postgres(POSTGRES_OPTIONS), Redis()
    for database in loaded.values():
        database.postgres = postgres

    def start(population: Population = SMALL, is_limited: bool = False) -> Rubrica:
        environment = data.settings(postgres, redis.url, population.database, is_limited)
        return Rubrica(program, environment)

    if is_whole:
        against_others(plan, book, loaded, start, redis.url)
    Neighbours(plan, book, loaded[NEIGHBOURS], lambda: start(NEIGHBOURS, is_limited=True)).run()
    return book


def against_others(plan: Plan, book: Book, loaded: dict, start, redis_url: str):
    mixed = Load("upsert", loaded[SMALL], SMALL.changing)
    say("Start and memory")
    resources.measure(plan, book, start, mixed)

    rubrica = start()
    node = Node(
        {
            "DATABASE_URL": loaded[SMALL].postgres.url(SMALL.database),
            "REDIS_URL": redis_url,
            "SUPPRESSION_KEY": data.SECRETS["privacy__suppression_key"],
        }
    )
    figures.Rounds(plan, book, loaded[SMALL], rubrica, node).run()
    rubrica.stop()
    node.stop()

    if plan.is_scaled:
        large = start(LARGE)
        figures.Rounds(plan, book, loaded[LARGE], large, None).run_upserts_alone()
        large.stop()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("program", type=Path)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--only", choices=["neighbours"], help="measure only these figures")
    arguments = arguments.parse_args()

    # A thousand connections need file descriptors.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(1))
    with open(STATE.with_suffix(".lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("bench: another benchmark is running")
        try:
            prepare_state()
            plan = QUICK if arguments.quick else FULL
            book = benchmark(arguments.program.resolve(), plan, arguments.only is None)
        except Failed as failure:
            sys.exit(f"bench: FAILED: {failure}")
        except KeyboardInterrupt:
            sys.exit("bench: stopped")
        finally:
            clear_state()
    # The figures of a quick or a partial run do not replace those that the repository shows.
    is_partial = arguments.quick or arguments.only
    directory, name = (STATE, "quick") if is_partial else (RESULTS, "latest")
    book.write(directory, name)
    print(book.markdown())
    say(f"Done. It is also in {directory.relative_to(TOP)}/{name}.*")


if __name__ == "__main__":
    main()
