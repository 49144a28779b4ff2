//! The schema of a database, as `pg_dump` writes it.

use std::process::Command;

use super::servers::Postgres;

const PG_DUMP: &str = r#". scripts/lib.sh && exec "$(find_postgres_bin)/pg_dump" "$@""#;

impl Postgres {
    /// The schema of a database without its rows, as SQL.
    pub fn dump_schema(&self, database: &str) -> String {
        let url = self.url("postgres", database);
        let dump = Command::new("bash")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["-c", PG_DUMP, "pg_dump", "--schema-only", &url])
            .output()
            .expect("bash starts");
        assert!(dump.status.success(), "{dump:?}");
        let text = String::from_utf8(dump.stdout).expect("it is text");
        // Newer versions of the program name each dump differently in these lines.
        let is_of_the_schema =
            |line: &&str| !line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict ");
        text.lines()
            .filter(is_of_the_schema)
            .collect::<Vec<_>>()
            .join("\n")
    }
}
