"""The data: companies, their keys, and the same contacts as in benches/load/contacts.lua."""

import json
import os
import secrets
from pathlib import Path

from plan import STATE, Population
from processes import run
from servers import Postgres
from tokens import Key, keys

SECRETS = {name: secrets.token_hex(32) for name in ("auth__token_key", "auth__jwt_key", "privacy__suppression_key")}

TABLES = ("contacts", "consent_events")

# Every third contact has a phone.
CONTACTS = """
insert into contacts (company_id, email, phone, custom_fields, consent_email)
select
    (number - 1) % {companies} + 1,
    'contact-' || number || '@example.com',
    case when number % 3 = 0 then '+39' || (3000000000 + number) end,
    (
        '{{"plan": "pro", "visits": ' || number || ', "lastOrder": "order-' || number
        || '", "tags": ["web", "shop"], "address": {{"city": "Torino", "zip": "10121"}}}}'
    )::jsonb,
    true
from generate_series(1::bigint, {contacts}) as number;

insert into consent_events (company_id, contact_id, channel, new_status, address, client_id)
select company_id, id, 'email', true, email, 'benchmark' from contacts;
"""


def settings(postgres: Postgres, redis_url: str, database: str, is_limited: bool = False) -> dict[str, str]:
    """The environment of Rubrica: default settings with addresses, secrets and, unless `is_limited`, a high limit."""
    limit = (
        {}
        if is_limited
        else {
            "RUBRICA__RATE_LIMIT__LIMIT": "1000000",
            "RUBRICA__RATE_LIMIT__WINDOW": "1s",
            "RUBRICA__RATE_LIMIT__COMPANY_LIMIT": "1000000000",
            "RUBRICA__RATE_LIMIT__COMPANY_WINDOW": "1s",
        }
    )
    return (
        limit
        | {
            "RUBRICA__DATABASE__URL": postgres.url(database),
            "RUBRICA__DATABASE__MIGRATE_URL": postgres.url(database, "rubrica_owner"),
            "RUBRICA__DATABASE__SERVICE_ROLE": "rubrica_service",
            "RUBRICA__REDIS__URL": redis_url,
            "RUBRICA__SHUTDOWN__DRAIN_DELAY": "0s",
        }
        | {f"RUBRICA__{name.upper()}": secret for name, secret in SECRETS.items()}
    )


def create_databases(postgres: Postgres, populations: list[Population]):
    postgres.psql("create role rubrica_owner login; create role rubrica_service login;", "postgres")
    for population in populations:
        postgres.psql(f"create database {population.database} owner rubrica_owner", "postgres")


def load(postgres: Postgres, rubrica: Path, population: Population) -> "Loaded":
    """Migrates a database and loads its data."""
    environment = os.environ | settings(postgres, "redis://127.0.0.1:1", population.database)
    run(rubrica, "migrate", env=environment)
    company = json.loads(run(rubrica, "company", "create", "Model", "--json", env=environment))
    model = json.loads(
        run(
            rubrica,
            "key",
            "create",
            "--company",
            company["companyId"],
            "--name",
            "Model",
            "--json",
            env=environment,
        )
    )
    postgres.psql(
        "create table peer_keys (token_sha256 bytea primary key, company_id bigint, client_id text);"
        "grant select on peer_keys to rubrica_service;"
        "create extension pg_walinspect;"
        "insert into companies (name)"
        f" select 'Company ' || number from generate_series(2, {population.companies}) as number;",
        population.database,
    )
    loaded = Loaded(postgres, population, model["key"])
    loaded.create_keys("keys", population.companies)
    loaded.fill()
    return loaded


class Loaded:
    """A database with its data."""

    def __init__(self, postgres: Postgres, population: Population, model: str):
        self.postgres, self.population, self.model = postgres, population, model
        self.key_count = 0

    def psql(self, sql: str) -> str:
        return self.postgres.psql(sql, self.population.database)

    @property
    def tokens(self) -> Path:
        """The file with one key per company."""
        return self.token_file("keys")

    def token_file(self, name: str) -> Path:
        return STATE / f"{self.population.database}.{name}"

    def create_keys(self, name: str, count: int):
        """Stores keys, cycling through the companies, and writes their tokens to a file, one per line."""
        made = keys(SECRETS["auth__token_key"], self.model, count, self.population.companies, self.key_count)
        self.key_count += count
        self.token_file(name).write_text("".join(f"{key.token}\n" for key in made))
        self.psql(
            "create temporary table made (client_id text, company_id bigint, token text);\n"
            f"copy made from stdin;\n{copy_rows(made)}\\.\n"
            "insert into api_keys"
            " (client_id, company_id, name, secret_hash, token_key_fingerprint, scopes)"
            " select made.client_id, made.company_id, 'Benchmark', model.secret_hash,"
            " model.token_key_fingerprint, model.scopes"
            f" from made, api_keys as model where model.client_id = '{self.model.split('-')[1]}';"
            "insert into peer_keys"
            " select sha256(convert_to(token, 'UTF8')), company_id, client_id from made;"
        )

    def fill(self):
        """Stores all contacts. The indexes are created afterwards, with their own definitions."""
        tables = ", ".join(f"'{table}'::regclass" for table in TABLES)
        constraints = self.psql(
            "select format('alter table %s drop constraint %I', conrelid::regclass, conname),"
            " format('alter table %s add constraint %I %s',"
            " conrelid::regclass, conname, pg_get_constraintdef(oid))"
            f" from pg_constraint where contype in ('p', 'u') and conrelid in ({tables})"
        )
        indexes = self.psql(
            "select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)"
            f" from pg_index where indrelid in ({tables})"
            " and not exists (select from pg_constraint where conindid = indexrelid)"
        )
        pairs = [line.split("\t") for line in (indexes + "\n" + constraints).splitlines()]
        # Rows inserted in the transaction that truncated the table need no WAL.
        self.psql(
            "begin;"
            "alter table consent_events disable trigger consent_events_append_only;"
            f"truncate {', '.join(TABLES)};"
            "alter table consent_events enable trigger consent_events_append_only;"
            + "".join(f"{drop};" for drop, _ in pairs)
            + CONTACTS.format(companies=self.population.companies, contacts=self.population.contacts)
            + "".join(f"{create};" for _, create in pairs)
            + "commit;"
        )
        self.psql("vacuum analyze;")

    def freshen(self):
        """Vacuums dead rows of earlier runs."""
        self.psql("vacuum analyze contacts, consent_events;")

    def checkpoint(self):
        """Makes a checkpoint, so that runs are comparable and no checkpoint occurs within one."""
        self.psql("checkpoint;")


def copy_rows(made: list[Key]) -> str:
    return "".join(f"{key.client_id}\t{key.company}\t{key.token}\n" for key in made)
