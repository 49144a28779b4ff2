//! The functions in `sql/functions`: each file holds one, names its callers, and is applied.

use std::collections::BTreeSet;

use semver::Version;

use super::{directory, files};
use crate::harness::{fresh_database, postgres};

const DROPPED: &str = "dropped.sql";
/// The migrations up to this one were released with the text of functions in them.
const LAST_WITH_FUNCTIONS: u32 = 20;

/// Each file that holds a function: its path without the ending, the function's name, and the text.
fn functions() -> Vec<(String, String, String)> {
    files(&directory("sql/functions"), "sql")
        .into_iter()
        .filter(|(file, _)| file != DROPPED)
        .map(|(file, sql)| {
            let path = file.trim_end_matches(".sql").to_owned();
            let name = path.rsplit('/').next().unwrap().to_owned();
            (path, name, sql)
        })
        .collect()
}

/// The comment at the head of a file, in one line.
fn head(sql: &str) -> String {
    let lines: Vec<&str> = sql
        .lines()
        .map_while(|line| line.strip_prefix("--"))
        .map(str::trim)
        .collect();
    lines.join(" ")
}

/// A text without its comments and, if it holds the function, without the lines that name it.
fn code(sql: &str) -> String {
    let is_code = |line: &&str| {
        let line = line.trim_start();
        ["--", "create or replace function ", "comment on function "]
            .iter()
            .all(|start| !line.starts_with(start))
    };
    let lines: Vec<&str> = sql.lines().filter(is_code).collect();
    lines.join("\n")
}

/// Whether a text calls a function.
fn calls(code: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    code.match_indices(name).any(|(start, _)| {
        !code[..start].ends_with(is_part) && code[start + name.len()..].starts_with('(')
    })
}

/// The paths in `store::schema::functions`, in the order in which they are applied.
fn applied() -> Vec<String> {
    let source = std::fs::read_to_string(directory("src/store/schema/functions.rs")).unwrap();
    source
        .split("function!(\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_function_of_the_schema_has_a_file_and_every_file_is_applied() {
    let client = postgres()
        .await
        .client("postgres", &fresh_database().await)
        .await;
    let sql = "select proname::text from pg_proc where pronamespace = 'public'::regnamespace";
    let rows = client.query(sql, &[]).await.expect("rows");
    let mut present: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    present.sort();

    let functions = functions();
    let mut names: Vec<&str> = functions.iter().map(|(_, name, _)| name.as_str()).collect();
    names.sort_unstable();
    let mut applied = applied();
    assert_eq!(applied.remove(0), "dropped", "before all others");
    applied.sort();
    let mut paths: Vec<&str> = functions.iter().map(|(path, ..)| path.as_str()).collect();
    paths.sort_unstable();

    assert_eq!(present, names);
    assert_eq!(
        applied, paths,
        "src/store/schema/functions.rs lists them all"
    );
}

#[test]
fn each_file_replaces_one_function_and_describes_it() {
    for (path, name, sql) in functions() {
        let created: Vec<&str> = sql
            .lines()
            .filter(|line| line.starts_with("create "))
            .collect();
        let create = format!("create or replace function {name}(");
        assert_eq!(created.len(), 1, "{path}: {created:?}");
        assert!(created[0].starts_with(&create), "{path}: {}", created[0]);
        let comment = format!("\ncomment on function {name}(");
        assert_eq!(sql.matches(&comment).count(), 1, "{path}");
    }
}

#[tokio::test]
async fn every_function_names_its_callers_and_no_others() {
    let client = postgres()
        .await
        .client("postgres", &fresh_database().await)
        .await;
    let sql = "select tgname::text, proname::text from pg_trigger
        inner join pg_proc on pg_proc.oid = pg_trigger.tgfoid
        where not tgisinternal";
    let triggers = client.query(sql, &[]).await.expect("rows");
    let texts: Vec<(String, String)> = files(&directory("sql/queries"), "sql")
        .into_iter()
        .map(|(file, sql)| (format!("queries/{}", file.trim_end_matches(".sql")), sql))
        .chain(
            functions()
                .into_iter()
                .map(|(path, _, sql)| (format!("functions/{path}"), sql)),
        )
        .map(|(path, sql)| (path, code(&sql)))
        .collect();
    let sources = files(&directory("src"), "rs");

    for (path, name, sql) in functions() {
        if path.starts_with("compat/") {
            continue;
        }
        let itself = format!("functions/{path}");
        let mut callers: BTreeSet<String> = texts
            .iter()
            .filter(|(caller, code)| *caller != itself && calls(code, &name))
            .map(|(caller, _)| caller.clone())
            .collect();
        callers.extend(
            triggers
                .iter()
                .filter(|row| row.get::<_, &str>(1) == name)
                .map(|row| row.get(0)),
        );
        // What the code sends without a file of its own.
        callers.extend(
            sources
                .iter()
                .filter(|(_, code)| {
                    let mut statements = code.split("\"select ").skip(1);
                    statements.any(|rest| calls(rest.split('"').next().unwrap(), &name))
                })
                .map(|(file, _)| format!("`{}`", file.trim_end_matches(".rs").replace('/', "::"))),
        );

        let head = head(&sql);
        let (_, named) = head.split_once("Called by ").expect(&path);
        let (named, _) = named.split_once('.').expect(&path);
        let named: BTreeSet<String> = named
            .split([' ', ','])
            .filter(|word| word.contains(['/', '_', ':']))
            .map(str::to_owned)
            .collect();
        assert_eq!(named, callers, "{path}");
    }
}

#[test]
fn a_function_with_an_sql_body_comes_after_the_functions_it_calls() {
    let functions = functions();
    let applied = applied();
    let place = |path: &str| applied.iter().position(|other| other == path).expect(path);

    for (path, name, sql) in &functions {
        if !sql.contains("\nlanguage sql ") {
            continue;
        }
        let code = code(sql);
        for (called, called_name, _) in &functions {
            let is_other = called_name != name && !called.starts_with("compat/");
            if is_other && calls(&code, called_name) {
                assert!(place(called) < place(path), "{path} calls {called}");
            }
        }
    }
}

#[test]
fn compatibility_functions_name_their_last_release_and_are_dropped_afterwards() {
    let this: Version = env!("CARGO_PKG_VERSION").parse().expect("a version");

    for (path, _, sql) in functions() {
        let Some(_) = path.strip_prefix("compat/") else {
            continue;
        };
        let head = head(&sql);
        assert!(head.starts_with("Kept for "), "{path}: {head}");
        let (_, release) = head.split_once("Dropped in release ").expect(&path);
        let release: Version = release.trim_end_matches('.').parse().expect(&path);
        assert!(
            this < release,
            "delete {path}.sql, and drop the function in sql/functions/{DROPPED}"
        );
    }
}

#[test]
fn a_migration_calls_no_function_whose_text_may_change() {
    let names: BTreeSet<String> = functions().into_iter().map(|(_, name, _)| name).collect();

    for (file, sql) in files(&directory("sql/migrations"), "sql") {
        let version = file[1..].split("__").next().unwrap();
        if version.parse::<u32>().expect(&file) <= LAST_WITH_FUNCTIONS {
            continue;
        }
        // A trigger names its function, and calls it later.
        let code = code(&sql).replace("execute function ", "execute function .");
        for name in &names {
            assert!(!calls(&code, name), "{file} calls {name}");
        }
    }
}
