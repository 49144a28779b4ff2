"""Writes that the network holds back until their callers have been answered 503, and newer ones are acknowledged."""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from experiment import LONGEST, Run, experiment, pause
from load import UPSERT
from proxy import Proxy
from replica import OPENER, Cluster
from servers import Postgres

ROUNDS = 3
KINDS = ("upsert", "batch", "put", "patch", "delete")
# What the database says of a write after its deadline.
REFUSAL = "this write comes too late"


def call(cluster: Cluster, replica: int, method: str, path: str, body: dict | None = None) -> tuple[int, object]:
    headers = {"Authorization": f"Bearer {cluster.key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(cluster.url(replica) + UPSERT + path, data, headers, method=method)
    try:
        with OPENER.open(request, timeout=LONGEST * 2) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, None


def fields(plan: str) -> dict:
    return {"customFields": {"plan": plan}}


@experiment
def late_write(run: Run):
    """The network holds writes for longer than the deadline, then delivers them"""
    postgres = Postgres()
    postgres.create_database()
    held = Proxy(postgres.port)
    cluster = Cluster(run.program, [postgres.port], replicas=1)
    cluster.environment |= {
        name: value.replace(f":{postgres.port}", f":{held.port}")
        for name, value in cluster.environment.items()
        if name.endswith("DATABASE__URL")
    }
    cluster.add("replica2").wait_until_ready()
    for number in range(ROUNDS):
        one_round(run, cluster, held, f"round{number}")
    refused = postgres.log.read_text(errors="replace").count(f"ERROR:  {REFUSAL}")
    run.holds("Postgres receives what was held, and refuses it", refused >= ROUNDS, refused)


def made(cluster: Cluster, replica: int, name: str) -> tuple[dict[str, str], dict[str, tuple]]:
    """One contact for each kind of write: their addresses, and what writes to them."""
    emails = {kind: f"{kind}-{name}@example.com" for kind in KINDS}
    opted_in = {"marketingConsent": {"email": True}}
    ids = {}
    for kind, email in emails.items():
        _, result = call(cluster, replica, "POST", "", {"email": email} | opted_in | fields("first"))
        ids[kind] = result[0]["contactId"]
    old = opted_in | fields("old")
    pair = [{"email": emails["batch"]} | old, {"email": f"other-{emails['batch']}"}]
    return emails, {
        "upsert": ("POST", "", {"email": emails["upsert"]} | old),
        "batch": ("POST", "/batch", {"contacts": pair}),
        "put": ("PUT", f"/{ids['put']}", old),
        "patch": ("PATCH", f"/{ids['patch']}", old),
        "delete": ("DELETE", f"/{ids['delete']}", None),
    }


def one_round(run: Run, cluster: Cluster, held: Proxy, name: str):
    emails, writes = made(cluster, 0, name)
    _, warm = made(cluster, 1, f"warm-{name}")
    with ThreadPoolExecutor() as pool:
        # Its connections know the statements, so that what is held is the write itself.
        list(pool.map(lambda write: call(cluster, 1, *write), warm.values()))
        held.hold_questions(True)
        answers = dict(zip(writes, pool.map(lambda write: call(cluster, 1, *write), writes.values()), strict=True))
    statuses = {kind: status_of(answer) for kind, answer in answers.items()}
    run.holds("what the network holds is answered 503", set(statuses.values()) == {503}, statuses)

    newer = {"marketingConsent": {"email": False}} | fields("new")
    acknowledged = {kind: call(cluster, 0, "POST", "", {"email": email} | newer)[0] for kind, email in emails.items()}
    run.holds("another replica takes newer writes meanwhile", set(acknowledged.values()) == {200}, acknowledged)
    held.hold_questions(False)
    pause(2)
    for kind, email in emails.items():
        status, contact = call(cluster, 0, "GET", f"/by-email/{email}")
        found = (contact["customFields"]["plan"], contact["marketingConsent"]["email"]) if status == 200 else status
        run.holds(f"a late {kind} does not undo a newer opt-out", found == ("new", False), found)


def status_of(answer: tuple[int, object]) -> int:
    """Of the only contact, where it is a batch."""
    status, body = answer
    is_batch = status == 207 and isinstance(body, list) and "error" in body[0]
    return 503 if is_batch and body[0]["error"]["code"] == "service_unavailable" else status
