"""The amounts of data and the durations of the full and the quick benchmark."""

import os
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
# The directory of all data of a run. The next run replaces it.
STATE = TOP / ".bench"

CONNECTIONS = 64
PGBENCH_CLIENTS = 32
BATCH_SIZE = 500
BATCH_CONNECTIONS = 4
# The threads of the load generators, which leave the other cores to the measured service.
THREADS = max(1, (os.cpu_count() or 1) // 4)

# Durable, as in production. Vacuums and checkpoints run before the measurements, never within them.
POSTGRES_OPTIONS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "2GB",
    "max_wal_size": "4GB",
    "min_wal_size": "2GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "max_connections": "200",
}
# Not durable, while the data is loaded: it can be loaded again.
LOADING_OPTIONS = POSTGRES_OPTIONS | {
    "fsync": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "maintenance_work_mem": "1GB",
}


@dataclass(frozen=True)
class Population:
    """Contacts and their companies. Each company has one key."""

    database: str
    companies: int
    contacts: int

    def rows(self, first_share: float, last_share: float) -> tuple[int, int]:
        """The first contact of a part of them, and how many each company has there."""
        each = self.contacts // self.companies
        return (
            1 + int(each * first_share) * self.companies,
            int(each * last_share) - int(each * first_share),
        )

    @property
    def changing(self) -> tuple[int, int]:
        """The contacts that the loads change."""
        return self.rows(0, 0.8)

    @property
    def changed(self) -> tuple[int, int]:
        """A part of them, with as many contacts as `settled` has."""
        return self.rows(0, 0.2)

    @property
    def settled(self) -> tuple[int, int]:
        """The contacts that stay as they were loaded."""
        return self.rows(0.8, 1)


@dataclass(frozen=True)
class Plan:
    """All times are in seconds."""

    rounds: int
    # Before each measured run, with the same load.
    warm_up: int
    # The duration of a run, for the most important figures and for the others.
    long_run: int
    short_run: int
    # The duration of a run with a hostile neighbour.
    neighbour_run: int
    starts: int
    cached_keys: int
    # Whether the larger population is measured as well.
    is_scaled: bool


FULL = Plan(3, 2, 8, 6, neighbour_run=6, starts=5, cached_keys=100_000, is_scaled=True)
QUICK = Plan(2, 1, 3, 3, neighbour_run=3, starts=3, cached_keys=20_000, is_scaled=False)

SMALL = Population("rubrica", 100, 1_000_000)
LARGE = Population("rubrica_large", 10_000, 10_000_000)
# Hostile companies, those that the same loads are spread over, and a quiet one.
NEIGHBOURS = Population("rubrica_neighbours", 500, 100_000)
