//! Whether the schema and this binary fit each other.

use std::fmt;

use semver::Version;
use tokio_postgres::Row;

use super::migrate::{APPLIED_MIGRATIONS, MIGRATIONS};
use crate::store::{Store, StoreError};

/// No such table, or not yet readable for the service's role.
const NOT_MIGRATED: [&str; 2] = ["SQLSTATE 42P01", "SQLSTATE 42501"];

/// Whether this binary can serve on the schema it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaFitness {
    /// It can.
    Fit,
    /// The schema is older than the binary needs: `rubrica migrate` is still to come.
    TooOld {
        /// The last migration that was applied; 0 is none.
        found: i32,
        /// The last migration that the binary knows, and needs.
        needed: i32,
    },
    /// The schema needs a newer binary.
    TooNew {
        /// The oldest release that can live with the schema.
        least_release: Version,
    },
}

impl fmt::Display for SchemaFitness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fit => formatter.write_str("the schema fits"),
            Self::TooOld { found, needed } => write!(
                formatter,
                "the schema is at version {found} and this release needs {needed}: run `rubrica migrate`"
            ),
            Self::TooNew { least_release } => write!(
                formatter,
                "the schema needs release {least_release} or newer: deploy that"
            ),
        }
    }
}

impl Store {
    /// Compares the schema with what this binary needs. A newer schema is fine, unless one of its
    /// migrations names a least release above ours.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn schema_fitness(&self) -> Result<SchemaFitness, StoreError> {
        let needed = MIGRATIONS.last().map_or(0, |migration| migration.version);
        let rows = match self
            .read("applied_migrations", APPLIED_MIGRATIONS, &[])
            .await
        {
            Ok(rows) => rows,
            Err(StoreError::Defect(cause)) if NOT_MIGRATED.contains(&cause.as_str()) => {
                return Ok(SchemaFitness::TooOld { found: 0, needed });
            }
            Err(error) => return Err(error),
        };
        Ok(judge(&rows, needed))
    }
}

fn judge(rows: &[Row], needed: i32) -> SchemaFitness {
    let ours = Version::parse(env!("CARGO_PKG_VERSION")).ok();
    let least_release = rows
        .iter()
        .filter_map(|row| row.get::<_, Option<&str>>("least_release"))
        .filter_map(|release| Version::parse(release).ok())
        .max();
    if let (Some(ours), Some(least_release)) = (ours, least_release)
        && least_release > ours
    {
        return SchemaFitness::TooNew { least_release };
    }
    let found = rows.iter().map(|row| row.get("version")).max().unwrap_or(0);
    if found < needed {
        SchemaFitness::TooOld { found, needed }
    } else {
        SchemaFitness::Fit
    }
}
