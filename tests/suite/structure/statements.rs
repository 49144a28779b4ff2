//! The statements in `sql/queries`: each fits the schema, and is where it says it is.

use super::{directory, files};
use crate::harness::{fresh_database, postgres};

#[tokio::test]
async fn every_statement_fits_the_schema() {
    let client = postgres()
        .await
        .client("rubrica_service", &fresh_database().await)
        .await;

    for (file, sql) in files(&directory("sql/queries"), "sql") {
        let prepared = client.prepare(&sql).await;
        assert!(prepared.is_ok(), "{file}: {:?}", prepared.err());
    }
}

#[test]
fn every_statement_names_exactly_the_modules_that_use_it() {
    let sources = files(&directory("src"), "rs");

    for (file, sql) in files(&directory("sql/queries"), "sql") {
        let comment: Vec<&str> = sql
            .lines()
            .map_while(|line| line.strip_prefix("-- "))
            .collect();
        let comment = comment.join(" ");
        let (_, callers) = comment.split_once("Called by ").expect(&file);
        let callers: Vec<&str> = callers
            .split([' ', ',', '.'])
            .filter(|word| word.starts_with("store::"))
            .collect();

        let included = format!("/sql/queries/{file}\"");
        let mut includers = sources.iter().filter(|(_, code)| code.contains(&included));
        let (first, _) = includers
            .next()
            .unwrap_or_else(|| panic!("nobody uses {file}"));
        assert!(includers.next().is_none(), "{file} is included twice");

        let constant = file.trim_end_matches(".sql").to_uppercase();
        let mut users: Vec<String> = sources
            .iter()
            .filter(|(name, code)| name == first || names(code, &constant))
            .map(|(name, _)| name.trim_end_matches(".rs").replace('/', "::"))
            .collect();
        users.sort();
        assert_eq!(callers, users, "{file}");
    }
}

/// Whether a name stands there whole.
fn names(code: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.split(|c| !is_part(c)).any(|word| word == name)
}
