#!/usr/bin/env python3
"""Counts the instructions of the pure parts of an upsert, and of a whole one in the service, and compares
them with benches/instructions.json: benches/instructions.py PARTS RUBRICA [--update].

Unlike times, counts are the same on a busy machine. Each is the difference between a short and a longer
run, so that what happens once falls out. The service runs as its environment says; TOKEN is an API key.
"""

import argparse
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

EXPECTED = Path(__file__).with_name("instructions.json")
# The allowed factor over the expected count. Compilers and libraries change counts slightly.
ALLOWED = 1.10
# The allowed difference for the smallest parts, whose counts vary with the compiler.
SLACK = 100
# Numbers of runs of a part, and of upserts. The count is the difference of two measurements.
PART_RUNS = (100, 2100)
UPSERTS = (50, 550)
PATIENCE = 60

VALGRIND = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
BODY = json.dumps(
    {
        "email": "jane@example.com",
        "phone": "+393391234567",
        "customFields": {"plan": "pro", "seats": 12, "address": {"city": "Torino"}},
        "marketingConsent": {"email": True},
    }
)


def collected(output: str) -> int:
    found = re.search(r"Collected : (\d+)", output)
    if not found:
        sys.exit(f"instructions: valgrind counted nothing: {output[-2000:]}")
    return int(found[1])


def count_part(program: str, name: str) -> int:
    def run(times: int) -> int:
        done = subprocess.run([*VALGRIND, program, name, str(times)], capture_output=True, text=True, check=True)
        return collected(done.stderr)

    few, many = PART_RUNS
    return round((run(many) - run(few)) / (many - few))


def upsert(count: int):
    """Sends the same contact repeatedly: all upserts except the first one are unchanged."""
    host, port = os.environ["RUBRICA__HTTP__LISTEN"].split(":")
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
    for _ in range(count):
        connection.request("POST", "/public/v1/contacts", BODY, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            sys.exit(f"instructions: an upsert was answered with {answer.status}: {text}")
    connection.close()


def wait_until_ready(process: subprocess.Popen):
    host, port = os.environ["RUBRICA__OPS__LISTEN"].split(":")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    process.kill()
    sys.exit(f"instructions: the service is not ready: {process.communicate()[1][-2000:]}")


def count_upsert(program: str) -> int:
    def run(count: int) -> int:
        process = subprocess.Popen(
            [*VALGRIND, program, "serve"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_until_ready(process)
        upsert(count)
        process.send_signal(signal.SIGTERM)
        return collected(process.communicate(timeout=PATIENCE)[1])

    few, many = UPSERTS
    return round((run(many) - run(few)) / (many - few))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("parts")
    arguments.add_argument("rubrica")
    arguments.add_argument("--update", action="store_true", help="save the counts instead of comparing them")
    arguments = arguments.parse_args()

    names = subprocess.run([arguments.parts], capture_output=True, text=True, check=True)
    counts = {name: count_part(arguments.parts, name) for name in names.stdout.split()}
    counts["upsert"] = count_upsert(arguments.rubrica)
    if arguments.update:
        EXPECTED.write_text(json.dumps(counts, indent=2) + "\n")

    expected = json.loads(EXPECTED.read_text())
    if counts.keys() != expected.keys():
        sys.exit(f"instructions: {EXPECTED} lists other parts: run with --update")
    limit = {name: count * ALLOWED + SLACK for name, count in expected.items()}
    print(f"{'instructions of':<16}{'expected':>12}{'counted':>12}")
    for name, count in counts.items():
        verdict = "  TOO MANY" if count > limit[name] else ""
        print(f"{name:<16}{expected[name]:>12,}{count:>12,}{verdict}")
    if any(count > limit[name] for name, count in counts.items()):
        sys.exit(
            "instructions: more than 10 % above the expected count. Find the cause; if the increase is justified,"
            " save the new counts with scripts/check-instructions --update"
        )


if __name__ == "__main__":
    main()
