//! The admin API: permissions, results and audit events.

mod access_tokens;
mod admins;
mod audit;
mod companies;
mod document;
mod invitations;
mod keys;
mod limits;
mod passwords;
mod peers;
mod port;
mod removal;
mod roles;
mod secrecy;
mod sessions;
mod sign_in;

use serde_json::Value;

/// A JSON value that must be a string.
#[track_caller]
fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The `data` of a list.
#[track_caller]
fn data(list: &Value) -> &[Value] {
    list["data"].as_array().expect("a list")
}

/// One member of each item.
fn each<'a>(items: &'a [Value], name: &str) -> Vec<&'a str> {
    items.iter().map(|item| text(&item[name])).collect()
}
