//! Asking once more before something that is hard to undo.

use askama::Template;

use super::page::Frame;

/// A question that names what it is about.
#[derive(Template)]
#[template(path = "confirmation.html")]
pub(super) struct Confirmation {
    pub(super) frame: Frame,
    /// What is to be done to it, such as `Revoke`.
    pub(super) verb: &'static str,
    /// What it is about.
    pub(super) name: String,
    /// More of it, such as a key's hint.
    pub(super) detail: String,
    /// What happens then.
    pub(super) consequence: &'static str,
    /// Where the form goes.
    pub(super) action: String,
    /// Where one goes who thinks better of it.
    pub(super) back: String,
}
