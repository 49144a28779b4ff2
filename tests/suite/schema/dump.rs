//! `sql/schema.sql`: the schema that `rubrica migrate` makes.

use std::path::{Path, PathBuf};

use crate::harness::{fresh_database, postgres};

/// Set by `scripts/update-schema`: the test writes the file instead of comparing it.
const UPDATE: &str = "RUBRICA_UPDATE_SCHEMA";

const HEAD: &str = "-- The schema that `rubrica migrate` makes, as pg_dump shows it, without the bodies of functions: those are in
-- sql/functions. Written by scripts/update-schema, and compared by a test.
";
const FUNCTIONS: &str = "-- Functions: version ";

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Without what differs between servers and versions of `pg_dump`, and what is read elsewhere: owners and
/// privileges, settings, comments of `pg_dump`, the bodies of functions, the name of the schema, and further
/// blank lines.
fn normalised(dump: &str) -> String {
    let mut kept = String::new();
    let mut body_end: Option<String> = None;
    for line in dump.lines() {
        if let Some(end) = &body_end {
            if line.ends_with(end.as_str()) {
                body_end = None;
            }
            continue;
        }
        if let Some(quote) = line.strip_prefix("    AS $") {
            let quote = format!("${}$", quote.split('$').next().unwrap_or_default());
            body_end = Some(format!("{quote};"));
            // The end of the statement is the end of the line before.
            kept.truncate(kept.trim_end().len());
            kept.push_str(";\n");
            continue;
        }
        let is_noise = ["--", "SET ", "SELECT pg_catalog.", "GRANT ", "REVOKE "]
            .iter()
            .any(|start| line.starts_with(start))
            || line.contains(" OWNER TO ");
        if !(is_noise || line.is_empty() && (kept.is_empty() || kept.ends_with("\n\n"))) {
            kept.push_str(&line.replace("public.", ""));
            kept.push('\n');
        }
    }
    format!("{}\n", kept.trim_end())
}

/// The version and the checksum that a written schema names.
fn named(schema: &str) -> Option<(i32, String)> {
    let line = schema
        .lines()
        .find_map(|line| line.strip_prefix(FUNCTIONS))?;
    let (version, checksum) = line.split_once(", SHA-256 ")?;
    Some((version.parse().ok()?, checksum.to_owned()))
}

#[tokio::test]
async fn the_schema_file_equals_the_migrated_schema() {
    let server = postgres().await;
    let database = fresh_database().await;
    let owner = server.client("rubrica_owner", &database).await;
    let sql = "select version, checksum from schema_functions";
    let row = owner.query_one(sql, &[]).await.expect(sql);
    let (mut version, checksum): (i32, String) = (row.get(0), row.get(1));
    let dump = normalised(&server.dump_schema(&database));
    let path = file("sql/schema.sql");
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let is_update = std::env::var_os(UPDATE).is_some();

    if is_update && named(&written).is_some_and(|old| old.0 == version && old.1 != checksum) {
        version += 1;
        std::fs::write(file("sql/functions/VERSION"), format!("{version}\n")).expect("written");
    }
    let made = format!("{HEAD}{FUNCTIONS}{version}, SHA-256 {checksum}\n\n{dump}");
    if is_update {
        std::fs::write(&path, made).expect("written");
        return;
    }
    for (number, (made, written)) in made.lines().zip(written.lines()).enumerate() {
        let line = number + 1;
        assert_eq!(
            made, written,
            "sql/schema.sql:{line}: run scripts/update-schema"
        );
    }
    let (made, written) = (made.lines().count(), written.lines().count());
    assert_eq!(
        made, written,
        "the lines of sql/schema.sql: run scripts/update-schema"
    );
}
