"""Sends the requests of a quiet company: benches/quiet.py PORT TOKEN RATE SECONDS

Upserts its contacts on a schedule, over a few connections. A latency is measured from the scheduled time of the
request, so that a stall counts for all requests that it delays. Prints one JSON object.
"""

import http.client
import json
import sys
import threading
import time

CONNECTIONS = 4
CONTACTS = 500
TIMEOUT = 10


def main(port: int, token: str, rate: float, seconds: float):
    started = time.monotonic() + 0.1
    latencies, statuses = [], {}
    lock = threading.Lock()

    def call(connection: http.client.HTTPConnection, number: int) -> str:
        body = json.dumps(
            {
                "email": f"quiet-{number % CONTACTS}@example.com",
                "customFields": {"plan": "pro", "visits": number},
            }
        )
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/public/v1/contacts", body, headers)
            answer = connection.getresponse()
            answer.read()
            return str(answer.status)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return type(error).__name__

    def lane(first: int):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        for number in range(first, int(rate * seconds), CONNECTIONS):
            due = started + number / rate
            time.sleep(max(0, due - time.monotonic()))
            # A request that is too late to be sent has waited for its delay.
            is_over = time.monotonic() > started + seconds + TIMEOUT
            status = "not sent" if is_over else call(connection, number)
            with lock:
                latencies.append((time.monotonic() - due) * 1000)
                statuses[status] = statuses.get(status, 0) + 1

    lanes = [threading.Thread(target=lane, args=(number,)) for number in range(CONNECTIONS)]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        thread.join()
    latencies.sort()
    print(
        json.dumps(
            {
                "p50": latencies[len(latencies) // 2],
                "p99": latencies[int(len(latencies) * 0.99)],
                "statuses": statuses,
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
