//! The console: permissions, forms, and protection from cross-site requests.

mod access;
mod browser;
mod faults;
mod forgery;
mod headers;
mod keys;
mod once;
mod pages;
mod sessions;
mod single_sign_on;

use std::fs;
use std::path::Path;

/// The paths of all pages, from the route table.
fn paths() -> Vec<String> {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/console/routes.rs");
    let source = fs::read_to_string(table).expect("the route table");
    let pages = source.split("page(\"").skip(1);
    let paths: Vec<String> = pages
        .map(|page| page.split('"').next().expect("a path").to_owned())
        .collect();
    assert!(paths.len() >= 25, "{paths:?}");
    paths
}
