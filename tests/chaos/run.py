#!/usr/bin/env python3
"""Runs experiments with faults: tests/chaos/run.py PROGRAM [--list] [NAME…]

Each prints `ok` or `FAIL` for each of its statements, and writes target/chaos/NAME.json; one that failed leaves its
logs there, too. The exit status is the number of statements that failed, at most 100.
"""

import argparse
import fcntl
import importlib
import json
import resource
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

from experiment import EXPERIMENTS, RESULTS, Run
from processes import STATE, end_all, prepare_state

# In the order in which they run.
MODULES = (
    "checker",
    "replicas",
    "commits",
    "late_writes",
    "migrations",
    "disk",
    "slow_clients",
    "redis",
    "overload",
    "sessions",
    "failover",
    "soak",
)


def perform(program: Path, name: str) -> Run:
    prepare_state()
    chosen = Run(program, name)
    print(f"==> {name}: {EXPERIMENTS[name].summary}", flush=True)
    start = time.monotonic()
    try:
        EXPERIMENTS[name].work(chosen)
    except Exception as error:
        traceback.print_exc()
        chosen.holds("the experiment runs to its end", False, f"{type(error).__name__}: {error}"[:300])
    finally:
        end_all()
    logs = RESULTS / f"{name}.log"
    shutil.rmtree(logs, ignore_errors=True)
    if chosen.failures:
        shutil.copytree(STATE / "log", logs)
        print(f"     {name}: logs are in {logs}", flush=True)
    took = time.monotonic() - start
    chosen.write(took)
    print(f"     {name}: {took:.0f} s, {chosen.failures} failed", flush=True)
    return chosen


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("program", type=Path)
    arguments.add_argument("names", nargs="*", metavar="NAME")
    arguments.add_argument("--list", action="store_true", help="names the experiments, and runs none")
    arguments = arguments.parse_args()
    for module in MODULES:
        importlib.import_module(module)
    if arguments.list:
        for item in EXPERIMENTS.values():
            print(f"{item.name:28} {item.summary}")
        return 0
    if unknown := set(arguments.names) - set(EXPERIMENTS):
        sys.exit(f"chaos: there is no experiment {', '.join(sorted(unknown))}: see scripts/chaos --list")

    # Thousands of connections.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(1))
    with open(STATE.with_suffix(".lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("chaos: another one is running here")
        start = time.monotonic()
        runs = [perform(arguments.program.resolve(), name) for name in arguments.names or EXPERIMENTS]
    failures = sum(item.failures for item in runs)
    statements = sum(len(item.statements) for item in runs)
    summary = {
        "seconds": round(time.monotonic() - start),
        "statements": statements,
        "failures": failures,
        "failed": {
            item.name: [s["statement"] for s in item.statements if not s["holds"]] for item in runs if item.failures
        },
    }
    (RESULTS / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    print(f"==> {len(runs)} experiments, {statements} statements, {failures} failed, in {summary['seconds']} s")
    for name, failed in summary["failed"].items():
        for statement in failed:
            print(f"FAIL {name}: {statement}")
    return min(failures, 100)


if __name__ == "__main__":
    sys.exit(main())
