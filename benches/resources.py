"""Measures the service itself: time to start, and memory."""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from plan import Plan
from processes import Failed
from report import Book
from servers import Rubrica
from wrk import Load

MANY_CONNECTIONS = 1000
ALL_KEYS = 100_000
# Keys are used over a few connections with many concurrent requests.
LANES = 8
PIPELINED = 50


def measure(plan: Plan, book: Book, start: Callable[[], Rubrica], load: Load):
    """Starts services of its own, and stops them."""
    for _ in range(plan.starts):
        rubrica = start()
        book["start"].add(rubrica.seconds_to_ready)
        rubrica.stop()

    rubrica = start()
    time.sleep(1)
    book["idle"].add(rubrica.resident_mib())
    replace(load, connections=MANY_CONNECTIONS).run(rubrica, plan.short_run)
    book["loaded"].add(rubrica.resident_mib("VmHWM"))
    rubrica.stop()

    load.data.create_keys("many", plan.cached_keys)
    tokens = load.data.token_file("many").read_text().split()
    half = len(tokens) // 2
    rubrica = start()
    use_all(rubrica.port, tokens[:half])
    with_half = rubrica.resident_mib()
    use_all(rubrica.port, tokens[half:])
    with_all = rubrica.resident_mib()
    # If fewer keys were used, the memory of further keys is extrapolated from the second half, because the first keys
    # include one-time costs.
    missing = ALL_KEYS - plan.cached_keys
    book["keys"].add(with_all + (with_all - with_half) / half * missing)
    rubrica.stop()


def use_all(port: int, tokens: list[str]):
    """Sends one request with each key."""
    refused = []

    def use(mine: list[str]):
        with socket.create_connection(("127.0.0.1", port), 60) as connection:
            for first in range(0, len(mine), PIPELINED):
                part = mine[first : first + PIPELINED]
                connection.sendall("".join(map(request, part)).encode())
                received = b""
                while received.count(b"HTTP/1.1 ") < len(part) or not received.endswith(b"}"):
                    chunk = connection.recv(65536)
                    if not chunk:
                        break
                    received += chunk
                if received.count(b"HTTP/1.1 200 ") != len(part):
                    refused.append(received[:300])
                    return

    threads = [threading.Thread(target=use, args=(tokens[lane::LANES],)) for lane in range(LANES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused:
        raise Failed(f"a key was rejected: {refused[0]}")


def request(token: str) -> str:
    return f"GET /public/v1/contacts?limit=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
