//! The functions in `sql/functions`: their current text, and the record of which text a database has.

use std::fmt;
use std::sync::LazyLock;

use anyhow::Context;
use semver::Version;
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, Row};

use super::release::least_release;

/// Reads the record of the functions that a database has.
pub(super) const CURRENT_FUNCTIONS: &str =
    include_str!("../../../sql/queries/current_functions.sql");
const RECORD_FUNCTIONS: &str = include_str!("../../../sql/queries/record_functions.sql");

/// Raised by `scripts/update-schema` whenever a function changes.
const VERSION: i32 = match i32::from_str_radix(
    include_str!("../../../sql/functions/VERSION").trim_ascii(),
    10,
) {
    Ok(version) => version,
    Err(_) => panic!("sql/functions/VERSION holds no number"),
};

/// One file of `sql/functions`.
struct Function {
    path: &'static str,
    sql: &'static str,
}

macro_rules! function {
    ($path:literal) => {
        Function {
            path: $path,
            sql: include_str!(concat!("../../../sql/functions/", $path, ".sql")),
        }
    };
}

/// All files, in the order in which they are run. Postgres checks a body in SQL when it creates the
/// function, so each such function comes after those that it calls; a body in PL/pgSQL is checked
/// when it runs. Test databases are migrated from nothing, and so fail if the order is wrong.
const FUNCTIONS: &[Function] = &[
    function!("dropped"),
    function!("refuse_change"),
    function!("refuse_foreign_consent_time"),
    function!("refuse_rewriting_of_consent"),
    function!("refuse_deleting_administrators"),
    function!("refuse_deleting_audit_events"),
    function!("delete_expired_audit_events"),
    function!("require_active_admin"),
    function!("use_form"),
    function!("refuse_after"),
    function!("wait_for_standbys"),
    function!("give_way"),
    function!("json_merge_patch"),
    function!("broken_custom_fields_limit"),
    function!("fold_outside_ascii"),
    function!("custom_field_key"),
    function!("custom_field_digest"),
    function!("custom_field_gate"),
    function!("index_custom_fields"),
    function!("advance_filter"),
    function!("identifier_lock"),
    function!("lock_identifiers"),
    function!("share_identifiers"),
    function!("lock_holder"),
    function!("suppressed_channels"),
    function!("remember_suppressions"),
    function!("decide_consent"),
    function!("decide_consents"),
    function!("record_consent"),
    function!("upsert_contact"),
    function!("upsert_contacts"),
    function!("update_contact"),
    function!("known_identifiers"),
    function!("duplicates_to_erase"),
    function!("identifiers_to_erase"),
    function!("erase_contacts"),
    function!("erase_expired_contact"),
    function!("compat/record_consent_changes"),
    function!("compat/upsert_contact"),
    function!("compat/upsert_contacts"),
    function!("compat/update_contact"),
    function!("compat/erase_contacts"),
];

/// The functions of one release, or of a build on the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FunctionSet {
    release: Version,
    /// Counts the changes of the functions.
    pub(super) version: i32,
    /// SHA-256 of all files, in hexadecimal.
    checksum: String,
    /// The oldest release that can use them. `None`: all can.
    pub(super) least_release: Option<Version>,
}

/// What `rubrica migrate` did with the functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FunctionsOutcome {
    /// The database had the functions of this binary.
    Unchanged,
    /// The database has the functions of this binary now.
    Replaced {
        /// Their version.
        version: i32,
    },
    /// The database has the functions of a newer binary, and keeps them.
    LeftAlone {
        /// Its release.
        release: Version,
        /// The version of its functions.
        version: i32,
    },
}

impl fmt::Display for FunctionsOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unchanged => formatter.write_str("the functions are unchanged"),
            Self::Replaced { version } => {
                write!(formatter, "replaced the functions by version {version}")
            }
            Self::LeftAlone { release, version } => write!(
                formatter,
                "left the functions alone: release {release} installed version {version}, which is newer than version {VERSION} of this release"
            ),
        }
    }
}

impl FunctionSet {
    /// The functions of this binary.
    pub(super) fn of_this_binary() -> &'static Self {
        static OURS: LazyLock<FunctionSet> = LazyLock::new(|| {
            #[expect(
                clippy::expect_used,
                reason = "Cargo has checked the version, and the tests read the same files"
            )]
            FunctionSet::compiled_in().expect("each release is a version")
        });
        &OURS
    }

    fn compiled_in() -> anyhow::Result<Self> {
        let mut checksum = Sha256::new();
        let mut least = None;
        for function in FUNCTIONS {
            checksum.update(function.sql);
            least = least.max(least_release(function.sql).with_context(|| function.to_string())?);
        }
        Ok(Self {
            release: env!("CARGO_PKG_VERSION").parse()?,
            version: VERSION,
            checksum: hex::encode(checksum.finalize()),
            least_release: least,
        })
    }

    /// Reads a row of [`CURRENT_FUNCTIONS`]. `None` if a release in it is no version, for example after a
    /// manual edit: then `rubrica migrate` applies its own functions.
    pub(super) fn recorded(row: &Row) -> Option<Self> {
        let least: Option<&str> = row.get("least_release");
        Some(Self {
            release: row.get::<_, &str>("release").parse().ok()?,
            version: row.get("version"),
            checksum: row.get("checksum"),
            least_release: least.map(str::parse).transpose().ok()?,
        })
    }

    /// Whether a binary that needs `needed` can use these functions: they are the same, or newer.
    pub(super) fn serves(&self, needed: &Self) -> bool {
        self.checksum == needed.checksum || self.is_newer_than(needed)
    }

    /// Compares releases, and the versions of builds of one release.
    fn is_newer_than(&self, other: &Self) -> bool {
        (&self.release, self.version) > (&other.release, other.version)
    }
}

/// Applies the functions of this binary and records them in one transaction. Does nothing if the
/// database has the same functions or those of a newer binary.
///
/// # Errors
/// If a statement fails: then nothing has changed.
pub(super) async fn apply(client: &mut Client) -> anyhow::Result<FunctionsOutcome> {
    let ours = FunctionSet::of_this_binary();
    let row = client.query_opt(CURRENT_FUNCTIONS, &[]).await?;
    let recorded = row.as_ref().and_then(FunctionSet::recorded);
    let is_same = match &recorded {
        Some(recorded) if recorded.is_newer_than(ours) => {
            return Ok(FunctionsOutcome::LeftAlone {
                release: recorded.release.clone(),
                version: recorded.version,
            });
        }
        Some(recorded) => recorded.checksum == ours.checksum,
        None => false,
    };
    if recorded.as_ref() == Some(ours) {
        return Ok(FunctionsOutcome::Unchanged);
    }

    let transaction = client.transaction().await?;
    if !is_same {
        for function in FUNCTIONS {
            transaction
                .batch_execute(function.sql)
                .await
                .with_context(|| format!("{function} failed"))?;
        }
    }
    // The same functions may belong to a newer release now, which an older one must not replace.
    let least_release = ours.least_release.as_ref().map(Version::to_string);
    transaction
        .execute(
            RECORD_FUNCTIONS,
            &[
                &ours.version,
                &ours.checksum,
                &ours.release.to_string(),
                &least_release,
            ],
        )
        .await?;
    transaction.commit().await?;
    Ok(if is_same {
        FunctionsOutcome::Unchanged
    } else {
        FunctionsOutcome::Replaced {
            version: ours.version,
        }
    })
}

impl fmt::Display for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "sql/functions/{}.sql", self.path)
    }
}
