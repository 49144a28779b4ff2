"""Callers of the public API, which keep a pace whatever the answers are, and write down each of them."""

import asyncio
import itertools
import json
import time
from collections import Counter

import aiohttp
from background import BACKGROUND
from history import Call
from replica import Cluster

UPSERT = "/public/v1/contacts"
# Bounds of any load: what is beyond them is not sent.
MOST_SECONDS = 420
MOST_CALLS = 120_000
MOST_IN_FLIGHT = 4000
# A contact holds at most 250 custom fields; the callers turn to new contacts before that.
WRITES_OF_A_CONTACT = 150
CLIENT_TIMEOUT = 20

_NUMBERS = itertools.count(1)


class Load:
    """Calls at `rate` a second, in turn to all replicas of the cluster. Starts immediately."""

    def __init__(self, cluster: Cluster, rate: float, hot: int = 12, read_share: float = 0.25):
        self.cluster, self.key, self.rate = cluster, cluster.key, rate
        self.hot, self.read_share = hot, read_share
        self.name = f"l{next(_NUMBERS)}"
        self.calls: list[Call] = []
        # Of answers other than 200, the first text of each status.
        self.texts: dict[int, str] = {}
        self.retry_after: Counter[str] = Counter()
        self.is_over = False
        self.started = time.monotonic()
        self.sending = BACKGROUND.start(self._send())

    def stop(self) -> "Load":
        """Returns when all calls have their answers."""
        self.is_over = True
        self.sending.result(CLIENT_TIMEOUT + 10)
        return self

    async def _send(self):
        tasks: set[asyncio.Task] = set()
        timeout = aiohttp.ClientTimeout(total=CLIENT_TIMEOUT)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
        ) as http:
            for number in range(MOST_CALLS):
                due = self.started + number / self.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if self.is_over or time.monotonic() - self.started > MOST_SECONDS:
                    break
                if len(tasks) < MOST_IN_FLIGHT:
                    task = asyncio.ensure_future(self._call(http, number))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
            await asyncio.gather(*tasks)

    def next_call(self, number: int) -> tuple[Call, str, dict | None]:
        """The call, the key it is made with, and its body if it writes."""
        contact = f"{self.name}-{number // (self.hot * WRITES_OF_A_CONTACT)}-{number % self.hot}@example.com"
        # Writes and reads of a contact alternate over the replicas, at no fixed distance.
        is_write = (number * 7919 % 1000) / 1000 >= self.read_share
        name = f"{self.name}n{number}"
        call = Call(name, contact, is_write, self.cluster.route(number), time.monotonic())
        body = {"email": contact, "customFields": {"last": name, "seen": {name: 1}}} if is_write else None
        return call, self.key, body

    async def _call(self, http: aiohttp.ClientSession, number: int):
        call, key, body = self.next_call(number)
        self.calls.append(call)
        url = self.cluster.url(call.replica) + UPSERT
        headers = {"Authorization": f"Bearer {key}"}
        try:
            if body:
                sent = http.post(url, json=body, headers=headers)
            else:
                sent = http.get(f"{url}/by-email/{call.contact}", headers=headers)
            async with sent as answer:
                text = await answer.text()
                call.end, call.status = time.monotonic(), answer.status
        except (aiohttp.ClientError, OSError, TimeoutError):
            call.end = time.monotonic()
            return
        if call.status == 503:
            self.retry_after[answer.headers.get("Retry-After", "none")] += 1
        if call.status != 200:
            self.texts.setdefault(call.status, text[:300])
        elif not call.is_write:
            fields = json.loads(text)["customFields"]
            call.last, call.seen = fields.get("last"), frozenset(fields.get("seen", {}))

    # What is asked of the answers afterwards. Instants are monotonic.

    def statuses(self, since: float = 0, until: float = float("inf")) -> Counter:
        """How often each status came, of the calls sent between two instants."""
        return Counter(call.status for call in self.calls if since <= call.start < until)

    def longest(self, since: float = 0, calls: list[Call] | None = None) -> float:
        """Seconds, without those in which the callers themselves stood still."""
        chosen = self.calls if calls is None else calls
        return max((seconds(call) for call in chosen if call.start >= since and call.status), default=0.0)

    def first_written(self, since: float) -> float:
        """How long after an instant the first write was acknowledged."""
        return min(
            (call.end - since for call in self.calls if call.is_write and call.is_acknowledged and call.end > since),
            default=float("inf"),
        )

    def last_failed(self, since: float) -> float:
        """How long after an instant the last call was sent that failed."""
        return max((call.start - since for call in self.calls if call.status not in (200, 404)), default=0.0)


class DistinctLoad(Load):
    """Each call creates a contact of its own, with the keys in turn."""

    def __init__(self, cluster: Cluster, rate: float, keys: list[str]):
        self.keys = keys
        super().__init__(cluster, rate)

    def next_call(self, number: int) -> tuple[Call, str, dict]:
        email = f"{self.name}-{number}@example.com"
        call = Call(email, email, True, self.cluster.route(number), time.monotonic())
        return call, self.keys[number % len(self.keys)], {"email": email}


def seconds(call: Call) -> float:
    return call.seconds - BACKGROUND.stalled(call.start, call.end)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
