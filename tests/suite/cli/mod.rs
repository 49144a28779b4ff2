//! The command line: the real program on real servers.

mod acting;
mod admin_accounts;
mod admins;
mod audit;
mod companies;
mod key_refusals;
mod key_rotation;
mod key_usage;
mod keys;
mod settings;
mod terminal;
mod usage;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::harness::Binary;

/// Creates a company with the command line and returns its id.
fn company(rubrica: &Binary, name: &str) -> String {
    let created = rubrica.run(&["company", "create", name, "--json"]).json();
    text(&created["companyId"]).to_owned()
}

/// Creates a key with the command line and returns what it printed.
fn key(rubrica: &Binary, company: &str, options: &[&str]) -> Value {
    let arguments = [
        "key",
        "create",
        "--company",
        company,
        "--name",
        "shop",
        "--json",
    ];
    rubrica.run(&[&arguments, options].concat()).json()
}

/// A JSON value that must be a string.
#[track_caller]
fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// A timestamp that must be present.
#[track_caller]
fn timestamp(value: &Value) -> OffsetDateTime {
    OffsetDateTime::parse(text(value), &Rfc3339).expect("RFC 3339")
}

/// The names of an object's members, in their order.
#[track_caller]
fn members(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}
