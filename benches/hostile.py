"""Sends a hostile load: benches/hostile.py PORT TOKENS KIND SECONDS

Each kind has a number of connections, each in a thread of its own, and a maximum number of requests. The threads
cycle through the keys in the file TOKENS. Prints one JSON object with the number of responses per status.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

BATCH = "/public/v1/contacts/batch"
UPSERT = "/public/v1/contacts"
MIB = 1024 * 1024
# The limit for all connections together.
MOST_REQUESTS = 50_000


def post(path: str, body: str, token: str) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def get(path: str, token: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def batch(contacts: list[str]) -> str:
    return '{"contacts":[' + ",".join(contacts) + "]}"


def contact(number: int, rest: str) -> str:
    return f'{{"email":"hostile-{number}@example.com",{rest}}}'


def zeros() -> str:
    """8 MiB: 128 contacts, each with as many zeros as are allowed."""
    fields = '"customFields":{"a":[' + ",".join(["0"] * 32_000) + "]}"
    return batch([contact(number, fields) for number in range(130)])


def unknown_fields() -> str:
    """256 KiB of fields that do not exist."""
    fields = ",".join(f'"f{number}":0' for number in range(250))
    return batch([contact(number, fields) for number in range(120)])


def violations() -> str:
    """Values that are not an option, with all spellings of a defined key."""
    spellings = [
        "".join(letter.upper() if number >> place & 1 else letter for place, letter in enumerate("choice"))
        for number in range(64)
    ]
    fields = '"customFields":{' + ",".join(f'"{key}":"x"' for key in spellings) + "}"
    return batch([contact(number, fields) for number in range(300)])


def tiny_numbers() -> str:
    """Numbers of nine bytes that take 16 KB when they are written out."""
    return contact(0, '"customFields":{"a":[' + ",".join(["0e-16383"] * 12_000) + "]}")


def long_numbers() -> str:
    return contact(0, '"customFields":{"a":1' + "0" * 100_000 + "}")


def ordinary_batch() -> str:
    fields = '"customFields":{"plan":"pro","visits":1,"tags":["web","shop"]}'
    return batch([contact(number, fields) for number in range(1000)])


def filters() -> str:
    return UPSERT + "?" + "&".join(f"customFields.choice=option-{number}" for number in range(1000))


@dataclass(frozen=True)
class Kind:
    connections: int
    # Builds the request of a company.
    request: Callable[[str], bytes]
    # Whether a part of the request is sent, and then one byte per second.
    is_stalled: bool = False
    # Whether responses are requested and not read.
    is_unread: bool = False


def kinds(name: str) -> Kind:
    def posts(connections: int, path: str, body: str, **options) -> Kind:
        return Kind(connections, lambda token: post(path, body, token), **options)

    match name:
        case "zeros":
            return posts(4, BATCH, zeros())
        case "unknown":
            return posts(4, BATCH, unknown_fields())
        case "violations":
            return posts(4, BATCH, violations())
        case "tiny":
            return posts(4, UPSERT, tiny_numbers())
        case "long":
            return posts(8, UPSERT, long_numbers())
        case "stalled":
            return posts(64, BATCH, zeros(), is_stalled=True)
        case "unread":
            return Kind(40, lambda token: get(UPSERT + "?limit=200", token) * 4, is_unread=True)
        case "filters":
            path = filters()
            return Kind(16, lambda token: get(path, token))
        case "batches":
            return posts(4, BATCH, ordinary_batch())
    raise SystemExit(f"unknown kind: {name}")


def connect(port: int, kind: Kind) -> socket.socket:
    connection = socket.socket()
    if kind.is_unread:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(1)
    connection.connect(("127.0.0.1", port))
    return connection


def read_answer(connection: socket.socket) -> str:
    """Reads a whole response and returns its status."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += some(connection)
    head, _, rest = received.partition(b"\r\n\r\n")
    fields = head.lower()
    if b"content-length:" in fields:
        left = int(fields.split(b"content-length:")[1].split(b"\r\n")[0]) - len(rest)
        while left > 0:
            left -= len(some(connection))
    else:
        last = rest[-5:]
        while last != b"0\r\n\r\n":
            last = (last + some(connection))[-5:]
    if b"connection: close" in fields:
        raise OSError("closed")
    return head.split()[1].decode()


def some(connection: socket.socket) -> bytes:
    part = connection.recv(MIB)
    if not part:
        raise OSError("closed")
    return part


def main(port: int, tokens: list[str], kind: Kind, seconds: float):
    end = time.monotonic() + seconds
    statuses, lock = {}, threading.Lock()
    left = MOST_REQUESTS

    def count(status: str):
        with lock:
            statuses[status] = statuses.get(status, 0) + 1

    def is_more() -> bool:
        nonlocal left
        with lock:
            left -= 1
            return left >= 0 and time.monotonic() < end

    def lane(number: int):
        while is_more():
            try:
                with connect(port, kind) as connection:
                    use(connection, number)
            except OSError as error:
                count(type(error).__name__)
                # The connection was refused: reconnect, as an attacker would, but not in a busy loop.
                time.sleep(0.01)

    def use(connection: socket.socket, number: int):
        request = kind.request(tokens[number % len(tokens)])
        if kind.is_stalled:
            drip(connection, request)
        elif kind.is_unread:
            connection.sendall(request)
            while time.monotonic() < end:
                time.sleep(0.1)
        else:
            connection.settimeout(seconds + 10)
            while True:
                connection.sendall(request)
                count(read_answer(connection))
                if not is_more():
                    return
                number += kind.connections
                request = kind.request(tokens[number % len(tokens)])

    def drip(connection: socket.socket, request: bytes):
        sent = min(len(request) // 2, MIB)
        connection.sendall(request[:sent])
        while time.monotonic() < end:
            connection.sendall(request[sent : sent + 1])
            sent += 1
            time.sleep(1)

    lanes = [threading.Thread(target=lane, args=(number,), daemon=True) for number in range(kind.connections)]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        thread.join(max(0, end + 5 - time.monotonic()))
    with lock:
        print(json.dumps(statuses), flush=True)


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        keys = file.read().split()
    main(int(sys.argv[1]), keys, kinds(sys.argv[3]), float(sys.argv[4]))
