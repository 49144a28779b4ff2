//! The releases that can live with a file of the schema.

use anyhow::Context;
use semver::Version;

/// A file names with this line the oldest release that can live with what it does.
const LEAST_RELEASE: &str = "-- least-release:";

/// The least release that a file names; none: all can.
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
