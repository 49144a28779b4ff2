"""Made-up histories, each with one fault: a checker that finds none of them would find none in a run."""

from experiment import DEADLINE, Run, experiment
from history import Call, Verdict, check


def write(name: str, start: float, end: float, status: int = 200) -> Call:
    return Call(name, "contact", True, 0, start, end, status)


def read(name: str, start: float, *seen: str) -> Call:
    """A reader that takes a tenth of a second; the last of what it saw is the register."""
    last = seen[-1] if seen else None
    return Call(name, "contact", False, 0, start, start + 0.1, 200, last, frozenset(seen))


def judged(calls: list[Call], *stored: str) -> Verdict:
    fields = {"last": stored[-1] if stored else None, "seen": dict.fromkeys(stored, 1)}
    return check(calls, {"contact": fields}, DEADLINE)


@experiment
def history_checker(run: Run):
    """The checker of histories finds what is wrong in made-up ones, and nothing in a good one"""
    a, b = write("a", 0, 1), write("b", 2, 3)
    refused, unknown = write("refused", 0, 1, 409), write("unknown", 0, 5, 503)
    good = judged([a, b, unknown, read("r", 1.5, "a"), read("s", 4, "a", "b")], "a", "b")
    run.holds("a good history has no fault", good.violations == 0, good)

    found = {
        "a lost write": judged([a, b], "b").lost,
        "a reader that misses what was acknowledged": judged([a, b, read("r", 4, "a")], "a", "b").stale,
        "a register that went back": judged([a, b, read("r", 4, "b", "a")], "a", "b").stale,
        "a refused write that was made": judged([a, refused], "refused", "a").strange,
        "a write that nobody sent": judged([a], "other", "a").strange,
        "a write that is seen before it is sent": judged([a, b, read("r", 1.5, "a", "b")], "a", "b").strange,
        "readers without one order": judged(
            [write("c", 0, 9), write("d", 0, 9), read("r", 5, "c"), read("s", 6, "d")], "c", "d"
        ).disordered,
        "a write that comes after its 503": judged([unknown, read("r", 6)], "unknown").late,
        "a late write over a newer one": judged([unknown, write("n", 6, 7)], "n", "unknown").late,
    }
    for what, faults in found.items():
        run.holds(f"it finds {what}", len(faults) >= 1, faults)
