//! The admin API: who may do what, what comes of it, and what is recorded.

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

/// A JSON value that must be a text.
#[track_caller]
fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The names of an object's members, in their order.
#[track_caller]
fn members(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
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
