//! A question before something that is hard to undo.

use askama::Template;

use super::layout::Layout;

/// A question that names what it is about.
#[derive(Template)]
#[template(path = "confirmation.html")]
pub(super) struct Confirmation {
    pub(super) layout: Layout,
    /// The pages above this one.
    pub(super) path: Vec<Step>,
    /// What is to be done to it, such as `Revoke`.
    pub(super) verb: &'static str,
    /// What it is about.
    pub(super) name: String,
    /// What helps to decide.
    pub(super) facts: Vec<Fact>,
    /// What happens then.
    pub(super) consequence: &'static str,
    /// Whether somebody or something is kept out.
    pub(super) is_harmful: bool,
    /// Where the form goes.
    pub(super) action: String,
    /// Where `Cancel` leads.
    pub(super) back: String,
}

/// A page above another one.
pub(super) struct Step {
    pub(super) path: String,
    pub(super) name: String,
}

/// Something that is known.
pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) value: String,
}

impl Step {
    pub(super) fn new(path: &str, name: &str) -> Self {
        Self {
            path: path.to_owned(),
            name: name.to_owned(),
        }
    }
}

impl Fact {
    pub(super) fn new(label: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        Self { label, value }
    }
}
