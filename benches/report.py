"""The figures with their goals, and their output as Markdown, JSON and a chart."""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chart import draw

STARTED = time.monotonic()


def say(text: str):
    print(f"==> {time.monotonic() - STARTED:.0f} s: {text}", flush=True)


@dataclass(frozen=True)
class Sample:
    """One round: two measurements and their ratio, or a single measurement."""

    ours: float
    theirs: float | None = None

    @property
    def ratio(self) -> float:
        return self.ours if self.theirs is None else self.ours / self.theirs


@dataclass
class Figure:
    key: str
    title: str
    unit: str
    # What it is compared with. Without it the measurement itself has a goal.
    peer: str
    goal: float
    # Whether the goal is a minimum or a maximum.
    is_least: bool
    # A measurement that reaches the goal regardless of the comparison.
    enough: float | None = None
    # Selects the round that counts; the worst one for a limit that must never be exceeded.
    judge: Callable[[list[float]], float] = statistics.median
    samples: list[Sample] = field(default_factory=list)

    def add(self, ours: float, theirs: float | None = None):
        sample = Sample(ours, theirs)
        self.samples.append(sample)
        compared = "" if theirs is None else f", {self.peer} {number(theirs)}: {number(sample.ratio)}×"
        print(f"    {self.title}: {number(ours)} {self.unit}{compared}", flush=True)

    @property
    def ratios(self) -> list[float]:
        return [sample.ratio for sample in self.samples]

    @property
    def result(self) -> float:
        return self.judge(self.ratios)

    @property
    def is_reached(self) -> bool:
        if self.enough is not None and statistics.median(sample.ours for sample in self.samples) <= self.enough:
            return True
        return self.result >= self.goal if self.is_least else self.result <= self.goal

    def row(self) -> str:
        """Formats a row of the table."""
        sign, times = ("≥" if self.is_least else "≤"), ("×" if self.peer else f" {self.unit}")
        goal = f"{sign} {number(self.goal)}{times}"
        if self.enough is not None:
            goal += f" or {number(self.enough)} {self.unit}"
        if not self.samples:
            return f"| {self.title} | not measured | | | {goal} | |"
        spread = f"{number(min(self.ratios))} to {number(max(self.ratios))}"
        ours = self.judge([sample.ours for sample in self.samples])
        theirs = ""
        if self.peer:
            median = statistics.median(sample.theirs for sample in self.samples)
            theirs = f"{self.peer}: {number(median)} {self.unit}"
        result = f"**{number(self.result)}{times}** ({spread})"
        reached = "reached" if self.is_reached else "missed"
        cells = [self.title, f"{number(ours)} {self.unit}", theirs, result, goal, reached]
        return f"| {' | '.join(cells)} |"

    def as_json(self) -> dict:
        told = {
            "figure": self.title,
            "unit": self.unit,
            "comparedWith": self.peer or None,
            "goal": {"least" if self.is_least else "most": self.goal}
            | ({} if self.enough is None else {"enough": self.enough}),
            "rounds": [
                {
                    "rubrica": rounded(sample.ours),
                    "other": rounded(sample.theirs),
                    "result": rounded(sample.ratio),
                }
                for sample in self.samples
            ],
        }
        if self.samples:
            told["result"], told["reached"] = rounded(self.result), self.is_reached
            told["spread"] = [rounded(min(self.ratios)), rounded(max(self.ratios))]
        return told


def number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def rounded(value: float | None) -> float | None:
    """Rounds to the precision of a measurement."""
    return None if value is None else float(f"{value:.4g}")


def figures() -> list[Figure]:
    return [
        Figure("upsert", "Upserts over HTTP, against SQL", "/s", "pgbench", 2, True),
        Figure("node", "Upserts over HTTP, against Node", "/s", "Fastify", 4, True),
        Figure("resent", "Unchanged contacts, against changed ones", "/s", "changed", 1.4, True),
        Figure("wal", "Write-ahead log of unchanged contacts", "bytes", "", 0, False),
        Figure("lookup", "GET by e-mail, against SQL", "/s", "pgbench", 1, True),
        Figure("batch", "Contacts in batches of 500, against SQL", "/s", "pgbench", 1, True),
        Figure("half", "p99 at half of the highest rate, against one lone client's p50", "µs", "lone p50", 5, False),
        Figure("lone", "One lone client's p50, against SQL", "µs", "pgbench", 1.5, False),
        Figure(
            "scale", "First line at 10 M contacts and 10,000 companies, against 1 M and 100", "×", "at 1 M", 0.9, True
        ),
        Figure(
            "quiet",
            "A quiet company's p99 beside one that floods, against evenly spread load",
            "µs",
            "spread",
            2,
            False,
        ),
        Figure("cpu", "The service's own CPU for one upsert", "µs", "", 40, False),
        Figure("idle", "Memory, idle", "MiB", "", 25, False),
        Figure("loaded", "Memory, 1,000 connections under full load", "MiB", "", 100, False),
        Figure("keys", "Memory, 100,000 keys cached", "MiB", "", 150, False),
        Figure("start", "From start to ready", "s", "", 0.3, False),
        *neighbour_figures(),
    ]


def neighbour_figures() -> list[Figure]:
    """A quiet company's p99 beside one that sends what hurts most, against the same load spread evenly."""
    loads = {
        "zeros": "8 MiB batches of zeros",
        "unknown": "batches full of unknown fields",
        "violations": "batches of `select` violations",
        "tiny": "upserts full of `0e-16383`",
        "long": "numbers of 100,000 digits",
        "stalled": "64 stalled uploads",
        "unread": "40 connections with unread pages",
        "filters": "1,000 filters a call",
        "upserts": "64 connections of ordinary upserts",
        "batches": "batches of 1,000 without pause",
    }
    return [
        *(
            Figure(f"near_{key}", f"A quiet company's p99 beside {load}", "ms", "spread", 2, False, 20)
            for key, load in loads.items()
        ),
        Figure("near_refused", "Its answers that were not 200, beside all of these", "calls", "", 0, False, judge=max),
        Figure("near_service", "The service's memory, at most, beside any of these", "MiB", "", 256, False, judge=max),
        Figure("near_backend", "A Postgres backend's own memory, at most", "MiB", "", 128, False, judge=max),
    ]


class Book:
    """All figures by key, and further information for the reader."""

    def __init__(self, facts: dict[str, str], notes: list[str], chosen: list[Figure]):
        self.figures = {figure.key: figure for figure in chosen}
        self.facts, self.notes = facts, notes

    def __getitem__(self, key: str) -> Figure:
        return self.figures[key]

    def markdown(self) -> str:
        lines = [f"- {name}: {value}" for name, value in self.facts.items()]
        lines += [
            "",
            "| figure | Rubrica | compared with | result (least to most) | goal | |",
            "|---|---|---|---|---|---|",
            *(figure.row() for figure in self.figures.values()),
            "",
            *(f"- {note}" for note in self.notes),
        ]
        return "\n".join(lines) + "\n"

    def write(self, directory: Path, name: str):
        directory.mkdir(parents=True, exist_ok=True)
        told = {
            "facts": self.facts,
            "figures": {key: figure.as_json() for key, figure in self.figures.items()},
            "notes": self.notes,
        }
        (directory / f"{name}.md").write_text(self.markdown())
        (directory / f"{name}.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        shown = [
            (figure.title, figure.result, figure.goal)
            for figure in self.figures.values()
            if figure.peer and figure.is_least and figure.samples
        ]
        (directory / f"{name}.svg").write_text(draw(shown))
