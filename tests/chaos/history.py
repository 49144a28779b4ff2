"""Checks what callers saw against what contacts can have been: a register and a set in each of them.

Each write sets `last` to its own name, and adds that name to `seen`. So an acknowledged write that a later reader
misses is lost, whatever overwrote it; and the values of all readers must have one order.
"""

import math
from dataclasses import dataclass, field

# How long after a refusal a write may still become visible: between the commit and the answer about it.
GRACE = 0.5


@dataclass
class Call:
    """One call with its answer. Times are monotonic, in seconds; status 0 means that the connection broke."""

    name: str
    contact: str
    is_write: bool
    replica: int
    start: float
    end: float = math.inf
    status: int = 0
    # Of reads.
    last: str | None = None
    seen: frozenset[str] = frozenset()

    @property
    def is_acknowledged(self) -> bool:
        return self.status == 200

    @property
    def is_refused(self) -> bool:
        """Certainly not carried out."""
        return 400 <= self.status < 500

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass
class Verdict:
    acknowledged: int = 0
    unknown: int = 0
    # Of these, how many were written.
    unknown_written: int = 0
    reads: int = 0
    lost: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    # Written after their callers had been answered 503, or over what is newer.
    late: list[str] = field(default_factory=list)
    # Seen, though nobody sent them, or though they were refused.
    strange: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)

    @property
    def violations(self) -> int:
        return sum(map(len, (self.lost, self.stale, self.late, self.strange, self.disordered)))

    def __str__(self) -> str:
        counts = ("lost", "stale", "late", "strange", "disordered")
        found = ", ".join(f"{len(getattr(self, name))} {name}" for name in counts)
        return (
            f"{self.acknowledged} acknowledged, {self.unknown} unknown ({self.unknown_written} of them written),"
            f" {self.reads} reads: {found}"
        )


def check(calls: list[Call], final: dict[str, dict], deadline: float) -> Verdict:
    """`final` holds the custom fields of each contact, as the database has them after the last call."""
    verdict = Verdict()
    by_contact: dict[str, list[Call]] = {}
    for call in calls:
        by_contact.setdefault(call.contact, []).append(call)
    for contact, own in by_contact.items():
        fields = final.get(contact, {})
        end = max(call.end for call in own if call.end < math.inf) + 1
        stored = Call("final", contact, False, -1, end, end, 200, fields.get("last"), frozenset(fields.get("seen", {})))
        _check_contact([*own, stored], verdict, deadline)
    return verdict


def _check_contact(calls: list[Call], verdict: Verdict, deadline: float):
    writes = {call.name: call for call in calls if call.is_write}
    reads = sorted((call for call in calls if not call.is_write and call.status in (200, 404)), key=lambda c: c.start)
    acknowledged = [call for call in writes.values() if call.is_acknowledged]
    final = reads[-1]
    unknown = [call for call in writes.values() if not call.is_acknowledged and not call.is_refused]
    verdict.acknowledged += len(acknowledged)
    verdict.unknown += len(unknown)
    verdict.unknown_written += sum(call.name in final.seen for call in unknown)
    verdict.reads += len(reads) - 1

    verdict.lost += [call.name for call in acknowledged if call.name not in final.seen]
    for read in reads:
        if read is not final:
            missed = (call for call in acknowledged if call.end < read.start and call.name not in read.seen)
            verdict.stale += [f"{read.name} misses {call.name}" for call in missed]
        for name in read.seen:
            call = writes.get(name)
            if call is None or call.is_refused or call.start > read.end:
                verdict.strange.append(f"{read.name} sees {name}")
        _check_register(read, writes, acknowledged, verdict, deadline)
    # Of two readers, one has seen all that the other has.
    chain = sorted(reads, key=lambda read: len(read.seen))
    for one, other in zip(chain, chain[1:], strict=False):
        if not one.seen <= other.seen or (one.seen == other.seen and one.last != other.last):
            verdict.disordered.append(f"{one.name} and {other.name}")
    for call in unknown:
        before = [read for read in reads if read.start > _latest(call, deadline) and call.name not in read.seen]
        if before and any(call.name in read.seen and read.start > before[0].end for read in reads):
            verdict.late.append(call.name)


def _check_register(read: Call, writes: dict[str, Call], acknowledged: list[Call], verdict: Verdict, deadline: float):
    """What a reader saw last must not be older than what was acknowledged before it began."""
    last = writes.get(read.last) if read.last else None
    if last is None:
        if read.last is not None:
            verdict.strange.append(f"{read.name} sees {read.last} last")
        return
    latest = _latest(last, deadline)
    if any(latest < newer.start and newer.end < read.start for newer in acknowledged):
        kind = verdict.stale if last.is_acknowledged else verdict.late
        kind.append(f"{read.name} sees {last.name}, which is older than what was acknowledged")


def _latest(call: Call, deadline: float) -> float:
    """Until when a write may have been carried out."""
    if call.is_acknowledged:
        return call.end
    # Whoever has no answer knows only that Postgres refuses it after the deadline.
    end = call.end if call.status else max(call.end, call.start + deadline)
    return end + GRACE
