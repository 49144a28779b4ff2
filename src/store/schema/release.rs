//! The releases that can use the schema after a file was applied.

use anyhow::Context;
use semver::Version;

/// This line of a file names the oldest release that can use the schema after it.
const LEAST_RELEASE: &str = "-- least-release:";

/// The least release of a file. `None`: all releases can use the schema.
///
/// # Errors
/// If it is no version.
pub(super) fn least_release(sql: &str) -> anyhow::Result<Option<Version>> {
    sql.lines()
        .find_map(|line| line.strip_prefix(LEAST_RELEASE))
        .map(|release| {
            release
                .trim()
                .parse()
                .context("its least release is no version")
        })
        .transpose()
}
