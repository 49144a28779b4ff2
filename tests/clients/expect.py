"""What the programs have in common: where the service is, and what they send."""

import os
import signal

# A program that waits for something fails instead.
signal.alarm(120)

URL = os.environ["RUBRICA_URL"]
# A key of a company of the program's own.
KEY = os.environ["RUBRICA_KEY"]
# A key that may make one request a day.
LIMITED_KEY = os.environ["RUBRICA_LIMITED_KEY"]
WRONG_KEY = "mn-aaaaaaaaaaaa-wrong"

ADA = {
    "email": "ada@example.com",
    "phone": "+393391234567",
    "customFields": {"plan": "pro", "address": {"city": "Torino"}},
    "marketingConsent": {"email": True},
}
OTHERS = [{"email": "bob@example.com"}, {"email": "eve@example.com"}]
# Its phone is Ada's.
CONFLICT = {"email": "bob@example.com", "phone": ADA["phone"]}
INVALID = {"email": "nobody"}
DEFINITION = {"key": "plan", "type": "text", "filterable": True}


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, not {actual!r}")
