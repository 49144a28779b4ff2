//! `rubrica migrate`: updates the schema. Several replicas may run it at the same time.

use std::time::Duration;

use anyhow::{Context, bail};
use tokio_postgres::Client;

use super::functions::{self, FunctionsOutcome};
use super::migrations::{MIGRATIONS, Migration};
use super::release::least_release;
use crate::config::Database;
use crate::store::postgres::hosts::Hosts;
use crate::store::postgres::pool;
use crate::store::postgres::tls;

const SCHEMA_MIGRATIONS: &str = include_str!("../../../sql/schema_migrations.sql");
/// Reads which migrations a database has.
pub(super) const APPLIED_MIGRATIONS: &str =
    include_str!("../../../sql/queries/applied_migrations.sql");
const GRANTS: &str = include_str!("../../../sql/grants.sql");

/// Any number that no other program uses on the same database.
const LOCK: i64 = 0x0072_7562_7269_6361;
const LOCK_POLL: Duration = Duration::from_millis(200);
const LOCK_PATIENCE: Duration = Duration::from_mins(10);
/// A change of a table waits for running queries and blocks new ones, so this is short.
const LOCK_TIMEOUT: &str = "set lock_timeout = '5s'";

/// What [`migrate`] did.
#[derive(Debug, PartialEq, Eq)]
pub struct MigrationReport {
    /// The migrations that were applied now, as `V1 tables`.
    pub applied: Vec<String>,
    /// What it did with the functions.
    pub functions: FunctionsOutcome,
    /// The version of the schema afterwards.
    pub version: i32,
}

/// Applies the missing migrations, each in a transaction, then the functions, all in one, then grants
/// the service's role its rights. Connects directly with `database.migrate_url`, not through a
/// pooler: the lock that keeps others out belongs to the session.
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
    let (applied, version) = apply_missing(&mut client).await?;
    let functions = functions::apply(&mut client).await?;
    if let Some(role) = &settings.service_role {
        grant(&mut client, role).await?;
    }

    drop(client);
    connection
        .await?
        .context("the connection to the database broke")?;
    Ok(MigrationReport {
        applied,
        functions,
        version,
    })
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

/// Returns the migrations that it applied, and the version of the schema afterwards.
async fn apply_missing(client: &mut Client) -> anyhow::Result<(Vec<String>, i32)> {
    let rows = client.query(APPLIED_MIGRATIONS, &[]).await?;
    // A newer release may have applied later migrations.
    let mut version = rows.iter().map(|row| row.get("version")).max().unwrap_or(0);
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
                version = version.max(migration.version);
            }
        }
    }
    Ok((applied, version))
}

async fn apply(client: &mut Client, migration: &Migration) -> anyhow::Result<()> {
    let least_release = least_release(migration.sql)?.map(|release| release.to_string());
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
