//! `rubrica migrate`: brings the schema up to date, from however many replicas at once.

use std::time::Duration;

use anyhow::{Context, bail};
use semver::Version;
use sha2::{Digest, Sha256};
use tokio_postgres::Client;

use crate::config::Database;
use crate::store::postgres::hosts::Hosts;
use crate::store::postgres::pool;
use crate::store::postgres::tls;

const SCHEMA_MIGRATIONS: &str = include_str!("../../../sql/schema_migrations.sql");
pub(in crate::store) const APPLIED_MIGRATIONS: &str =
    include_str!("../../../sql/queries/applied_migrations.sql");
const GRANTS: &str = include_str!("../../../sql/grants.sql");

/// Any number that no other program uses on the same database.
const LOCK: i64 = 0x0072_7562_7269_6361;
const LOCK_POLL: Duration = Duration::from_millis(200);
const LOCK_PATIENCE: Duration = Duration::from_mins(10);
/// A change of a table waits for its readers and holds up those who come after it: not for long.
const LOCK_TIMEOUT: &str = "set lock_timeout = '5s'";

/// A migration names with this line the oldest release that can live with it.
const LEAST_RELEASE: &str = "-- least-release:";

/// One file of `sql/migrations`.
pub(in crate::store) struct Migration {
    pub(in crate::store) version: i32,
    name: &'static str,
    sql: &'static str,
}

/// All migrations, in order. Append only: what was released is never edited.
pub(in crate::store) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "tables",
        sql: include_str!("../../../sql/migrations/V1__tables.sql"),
    },
    Migration {
        version: 2,
        name: "upsert_contact",
        sql: include_str!("../../../sql/migrations/V2__upsert_contact.sql"),
    },
    Migration {
        version: 3,
        name: "contact_by_id",
        sql: include_str!("../../../sql/migrations/V3__contact_by_id.sql"),
    },
    Migration {
        version: 4,
        name: "list_contacts",
        sql: include_str!("../../../sql/migrations/V4__list_contacts.sql"),
    },
    Migration {
        version: 5,
        name: "custom_field_definitions",
        sql: include_str!("../../../sql/migrations/V5__custom_field_definitions.sql"),
    },
    Migration {
        version: 6,
        name: "suppressions",
        sql: include_str!("../../../sql/migrations/V6__suppressions.sql"),
    },
    Migration {
        version: 7,
        name: "contact_writes",
        sql: include_str!("../../../sql/migrations/V7__contact_writes.sql"),
    },
    Migration {
        version: 8,
        name: "list_indexes",
        sql: include_str!("../../../sql/migrations/V8__list_indexes.sql"),
    },
    Migration {
        version: 9,
        name: "upsert_contacts",
        sql: include_str!("../../../sql/migrations/V9__upsert_contacts.sql"),
    },
    Migration {
        version: 10,
        name: "json_merge_patch",
        sql: include_str!("../../../sql/migrations/V10__json_merge_patch.sql"),
    },
    Migration {
        version: 11,
        name: "usage",
        sql: include_str!("../../../sql/migrations/V11__usage.sql"),
    },
    Migration {
        version: 12,
        name: "admin_sign_in",
        sql: include_str!("../../../sql/migrations/V12__admin_sign_in.sql"),
    },
    Migration {
        version: 13,
        name: "admin_identities",
        sql: include_str!("../../../sql/migrations/V13__admin_identities.sql"),
    },
    Migration {
        version: 14,
        name: "address_changes",
        sql: include_str!("../../../sql/migrations/V14__address_changes.sql"),
    },
    Migration {
        version: 15,
        name: "erasure_of_former_addresses",
        sql: include_str!("../../../sql/migrations/V15__erasure_of_former_addresses.sql"),
    },
    Migration {
        version: 16,
        name: "protected_history",
        sql: include_str!("../../../sql/migrations/V16__protected_history.sql"),
    },
    Migration {
        version: 17,
        name: "retention",
        sql: include_str!("../../../sql/migrations/V17__retention.sql"),
    },
    Migration {
        version: 18,
        name: "used_forms",
        sql: include_str!("../../../sql/migrations/V18__used_forms.sql"),
    },
    Migration {
        version: 19,
        name: "custom_field_keys",
        sql: include_str!("../../../sql/migrations/V19__custom_field_keys.sql"),
    },
    Migration {
        version: 20,
        name: "late_writes",
        sql: include_str!("../../../sql/migrations/V20__late_writes.sql"),
    },
];

/// What [`migrate`] did.
#[derive(Debug, PartialEq, Eq)]
pub struct MigrationReport {
    /// The migrations that were applied now, as `V1 tables`.
    pub applied: Vec<String>,
    /// The version of the schema afterwards.
    pub version: i32,
}

/// Applies what is missing, each migration in a transaction, then grants the service's role its
/// rights. Connects directly with `database.migrate_url`, not through a pooler: the lock that
/// keeps others out belongs to the session.
///
/// # Errors
/// If the database is out of reach, a released migration was edited, a statement fails, or
/// another `migrate` holds the lock for ten minutes.
pub async fn migrate(settings: &Database) -> anyhow::Result<MigrationReport> {
    let url = settings.migrate_url.as_ref().unwrap_or(&settings.url);
    let config = pool::driver_config(url, settings.connect_timeout);
    let connector = tls::connector(url.config().get_ssl_mode())?;
    let hosts = Hosts::new(connector, settings.connect_timeout);
    let patience = Hosts::patience(&config, settings.connect_timeout);
    let (mut client, connection) = tokio::time::timeout(patience, hosts.connect(&config))
        .await
        .context("cannot connect to the database: it does not answer")?
        .context("cannot connect to the database")?;
    let connection = tokio::spawn(connection);

    lock(&client).await?;
    client.batch_execute(LOCK_TIMEOUT).await?;
    client.batch_execute(SCHEMA_MIGRATIONS).await?;
    let applied = apply_missing(&mut client).await?;
    if let Some(role) = &settings.service_role {
        grant(&mut client, role).await?;
    }
    let version = MIGRATIONS.last().map_or(0, |migration| migration.version);

    drop(client);
    connection
        .await?
        .context("the connection to the database broke")?;
    Ok(MigrationReport { applied, version })
}

/// Polls: a session that blocks on the lock would itself hold up `create index concurrently`.
async fn lock(client: &Client) -> anyhow::Result<()> {
    let polls = async {
        loop {
            let row = client
                .query_one("select pg_try_advisory_lock($1)", &[&LOCK])
                .await?;
            if row.get(0) {
                return anyhow::Ok(());
            }
            tokio::time::sleep(LOCK_POLL).await;
        }
    };
    tokio::time::timeout(LOCK_PATIENCE, polls)
        .await
        .context("another `rubrica migrate` has been running for ten minutes")?
}

async fn apply_missing(client: &mut Client) -> anyhow::Result<Vec<String>> {
    let rows = client.query(APPLIED_MIGRATIONS, &[]).await?;
    let mut applied = Vec::new();
    for migration in MIGRATIONS {
        let record = rows
            .iter()
            .find(|row| row.get::<_, i32>("version") == migration.version);
        match record {
            Some(row) if row.get::<_, &str>("checksum") == migration.checksum() => {}
            Some(_) => bail!(
                "migration {migration} was edited after it was applied: restore the released file"
            ),
            None => {
                apply(client, migration)
                    .await
                    .with_context(|| format!("migration {migration} failed"))?;
                applied.push(migration.to_string());
            }
        }
    }
    Ok(applied)
}

async fn apply(client: &mut Client, migration: &Migration) -> anyhow::Result<()> {
    let least_release = migration
        .least_release()?
        .map(|release| release.to_string());
    let transaction = client.transaction().await?;
    transaction.batch_execute(migration.sql).await?;
    transaction
        .execute(
            "insert into schema_migrations (version, name, checksum, least_release)
            values ($1, $2, $3, $4)",
            &[
                &migration.version,
                &migration.name,
                &migration.checksum(),
                &least_release,
            ],
        )
        .await?;
    transaction.commit().await?;
    Ok(())
}

async fn grant(client: &mut Client, role: &str) -> anyhow::Result<()> {
    let transaction = client.transaction().await?;
    transaction
        .execute(
            "select set_config('rubrica.service_role', $1, true)",
            &[&role],
        )
        .await?;
    transaction.batch_execute(GRANTS).await?;
    transaction.commit().await?;
    Ok(())
}

impl Migration {
    fn checksum(&self) -> String {
        hex::encode(Sha256::digest(self.sql))
    }

    fn least_release(&self) -> anyhow::Result<Option<Version>> {
        self.sql
            .lines()
            .find_map(|line| line.strip_prefix(LEAST_RELEASE))
            .map(|release| {
                release
                    .trim()
                    .parse()
                    .context("its least release is no version")
            })
            .transpose()
    }
}

impl std::fmt::Display for Migration {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "V{} {}", self.version, self.name)
    }
}
