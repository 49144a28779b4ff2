//! Whether the schema is compatible with this binary.

use std::fmt;

use semver::Version;
use tokio_postgres::Row;

use super::functions::{CURRENT_FUNCTIONS, FunctionSet};
use super::migrate::APPLIED_MIGRATIONS;
use super::migrations::latest_version;
use crate::store::{Store, StoreError};

/// The table does not exist, or the service's role may not read it yet.
const NOT_MIGRATED: [&str; 2] = ["SQLSTATE 42P01", "SQLSTATE 42501"];

/// Whether this binary can use the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaCompatibility {
    /// It can.
    Compatible,
    /// The schema is older than the binary needs: `rubrica migrate` has to run.
    TooOld {
        /// The last applied migration. Zero: none.
        found: i32,
        /// The last migration of the binary.
        needed: i32,
    },
    /// The functions are older than the binary needs: `rubrica migrate` has to run.
    FunctionsTooOld {
        /// Their version in the schema. `None`: they were not applied yet.
        found: Option<i32>,
        /// The version that the binary needs.
        needed: i32,
    },
    /// The schema needs a newer binary.
    TooNew {
        /// The oldest release that can use the schema.
        least_release: Version,
    },
}

impl fmt::Display for SchemaCompatibility {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compatible => formatter.write_str("the schema fits"),
            Self::TooOld { found, needed } => write!(
                formatter,
                "the schema is at version {found} and this release needs {needed}: run `rubrica migrate`"
            ),
            Self::FunctionsTooOld {
                found: None,
                needed,
            } => write!(
                formatter,
                "the schema lacks the functions, and this release needs version {needed} of them: run `rubrica migrate`"
            ),
            Self::FunctionsTooOld {
                found: Some(found),
                needed,
            } => write!(
                formatter,
                "the functions of the schema are at version {found} and this release needs its version {needed}: run `rubrica migrate`"
            ),
            Self::TooNew { least_release } => write!(
                formatter,
                "the schema needs release {least_release} or newer: deploy that"
            ),
        }
    }
}

impl Store {
    /// Compares the schema with what this binary needs. A newer schema with newer functions is compatible,
    /// unless its least release is newer than this one.
    ///
    /// # Errors
    /// A [`StoreError`].
    pub async fn schema_compatibility(&self) -> Result<SchemaCompatibility, StoreError> {
        let needed = latest_version();
        let Some(rows) = self
            .record("applied_migrations", APPLIED_MIGRATIONS)
            .await?
        else {
            return Ok(SchemaCompatibility::TooOld { found: 0, needed });
        };
        let schema = compare_migrations(&rows, needed);
        if schema != SchemaCompatibility::Compatible {
            return Ok(schema);
        }
        let rows = self.record("current_functions", CURRENT_FUNCTIONS).await?;
        let row = rows.as_ref().and_then(|rows| rows.first());
        Ok(compare_functions(row.and_then(FunctionSet::recorded)))
    }

    /// The rows of a table that `rubrica migrate` maintains. None before it has created the table and
    /// granted the right to read it.
    async fn record(&self, name: &'static str, sql: &str) -> Result<Option<Vec<Row>>, StoreError> {
        match self.read(name, sql, &[]).await {
            Ok(rows) => Ok(Some(rows)),
            Err(StoreError::Defect(cause)) if NOT_MIGRATED.contains(&cause.as_str()) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn compare_migrations(rows: &[Row], needed: i32) -> SchemaCompatibility {
    let least_release = rows
        .iter()
        .filter_map(|row| row.get::<_, Option<&str>>("least_release"))
        .filter_map(|release| Version::parse(release).ok())
        .max();
    if let Some(least_release) = above_this_release(least_release) {
        return SchemaCompatibility::TooNew { least_release };
    }
    let found = rows.iter().map(|row| row.get("version")).max().unwrap_or(0);
    if found < needed {
        SchemaCompatibility::TooOld { found, needed }
    } else {
        SchemaCompatibility::Compatible
    }
}

fn compare_functions(recorded: Option<FunctionSet>) -> SchemaCompatibility {
    let ours = FunctionSet::of_this_binary();
    match recorded {
        Some(recorded) if recorded.serves(ours) => {
            match above_this_release(recorded.least_release) {
                Some(least_release) => SchemaCompatibility::TooNew { least_release },
                None => SchemaCompatibility::Compatible,
            }
        }
        other => SchemaCompatibility::FunctionsTooOld {
            found: other.map(|functions| functions.version),
            needed: ours.version,
        },
    }
}

/// A least release that is newer than this binary.
fn above_this_release(least_release: Option<Version>) -> Option<Version> {
    let ours = Version::parse(env!("CARGO_PKG_VERSION")).ok()?;
    least_release.filter(|least_release| *least_release > ours)
}
