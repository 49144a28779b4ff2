"""Clients that send slowly, and clients that do not read, beside ordinary ones."""

import asyncio

from background import BACKGROUND
from experiment import Run, experiment, now, pause
from load import UPSERT, Load, percentile, seconds
from replica import Cluster
from servers import Postgres, Redis

CLIENTS = 400
REQUEST_TIMEOUT = 15


@experiment
def slow_clients(run: Run):
    """800 connections send byte by byte, or read nothing of what they asked for"""
    postgres, redis = Postgres(), Redis()
    postgres.create_database()
    cluster = Cluster(run.program, [postgres.port], redis.port, replicas=1)
    replica = cluster.replicas[0]
    load = Load(cluster, 100)
    pause(4)
    began = now()
    slow = [
        BACKGROUND.start(send_slowly(replica.port, cluster.key, is_body=number % 2 == 0)) for number in range(CLIENTS)
    ]
    unread = [BACKGROUND.start(read_nothing(replica.port, cluster.key)) for _ in range(CLIENTS)]
    ends = [future.result(REQUEST_TIMEOUT * 4) for future in slow]
    ended = now()
    peak = replica.resident_mib()
    for future in unread:
        future.cancel()
    load.stop()
    within = REQUEST_TIMEOUT + 3 + BACKGROUND.stalled(began, ended)
    run.holds(
        "the service ends what is sent too slowly within http.request_timeout + 3 s",
        max(ends) <= within,
        f"{max(ends):.1f} s",
    )
    run.holds("all ordinary calls are served", set(load.statuses()) <= {200, 404}, dict(load.statuses()))
    before = percentile([seconds(call) for call in load.calls if call.start < began - 0.5], 0.99)
    # The callers share their processor with those that open so many connections.
    beside = percentile([seconds(call) for call in load.calls if began + 3 <= call.start < ended], 0.99)
    run.holds(
        "the p99 of ordinary calls stays below 0.5 s, or ten times of what it was",
        beside <= max(0.5, 10 * before),
        f"{beside:.3f} s, {before:.3f} s before",
    )
    run.holds("memory stays below 400 MiB", peak < 400, f"{peak:.0f} MiB")
    run.history(load, postgres)


async def send_slowly(port: int, key: str, is_body: bool) -> float:
    """After how many seconds the service ended the connection."""
    start = now()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {UPSERT} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
    if is_body:
        head += "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    writer.write(head.encode())
    reading = asyncio.ensure_future(read_to_the_end(reader))
    try:
        while not reading.done() and now() - start < REQUEST_TIMEOUT * 3:
            writer.write(b"x")
            await writer.drain()
            await asyncio.wait([reading], timeout=0.5)
    except OSError:
        pass
    finally:
        reading.cancel()
        writer.transport.abort()
    return now() - start


async def read_to_the_end(reader: asyncio.StreamReader):
    try:
        while await reader.read(4096):
            pass
    except OSError:
        pass


async def read_nothing(port: int, key: str):
    """Asks for many pages in one go, and leaves all answers in the socket."""
    # A small window, so that the answers wait in the service.
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    request = f"GET {UPSERT}?limit=100 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n"
    try:
        writer.write(request.encode() * 30)
        await asyncio.sleep(REQUEST_TIMEOUT * 4)
    except OSError:
        pass
    finally:
        writer.transport.abort()
