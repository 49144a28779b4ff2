"""API keys by the thousand. They share a secret, and so its hash; each has its own client id."""

import hashlib
import hmac
from dataclasses import dataclass

# The format in src/domain/api_token.rs.
BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CLIENT_ID_LENGTH = 12
CHECKSUM_LENGTH = 6


@dataclass(frozen=True)
class Key:
    client_id: str
    company: int
    token: str


def client_id(number: int) -> str:
    digits = ""
    for _ in range(CLIENT_ID_LENGTH):
        number, digit = divmod(number, 32)
        digits = BASE32[digit] + digits
    return digits


def checksum(token_key: str, unsigned: str) -> str:
    mac = hmac.new(token_key.encode(), unsigned.encode(), hashlib.sha256).digest()
    number = int.from_bytes(mac[:8], "big")
    digits = ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return digits


def keys(token_key: str, model: str, count: int, companies: int, first: int) -> list[Key]:
    """Keys numbered from `first` on, for companies 1, 2, … in turn, with the secret of `model`."""
    secret = model.split("-")[2][:-CHECKSUM_LENGTH]
    made = []
    for number in range(first, first + count):
        client = client_id(number)
        unsigned = f"mn-{client}-{secret}"
        company = (number - first) % companies + 1
        made.append(Key(client, company, unsigned + checksum(token_key, unsigned)))
    return made
