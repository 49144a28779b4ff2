//! The page that asks for confirmation of an action that is hard to undo.

use askama::Template;

use super::layout::{Layout, Section};
use super::response::{PageResult, show};
use super::session::Session;

/// A question about one object, such as a key.
pub(super) struct Confirmation {
    /// The action, such as `Revoke`.
    pub(super) verb: &'static str,
    pub(super) name: String,
    /// The path and the name of the page above the object's page.
    pub(super) parent: (String, String),
    /// The path of the object's page.
    pub(super) path: String,
    /// Labels and values that help to decide.
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) consequence: &'static str,
    /// Whether the action stops something from working.
    pub(super) is_harmful: bool,
    /// The path that the form is sent to.
    pub(super) action: String,
    /// The path of `Cancel`.
    pub(super) back: String,
}

#[derive(Template)]
#[template(path = "confirmation.html")]
struct ConfirmationPage {
    layout: Layout,
    question: Confirmation,
}

impl Confirmation {
    /// Responds with the page.
    pub(super) fn show(self, session: &Session, section: Section) -> PageResult {
        let title = format!("{} “{}”?", self.verb, self.name);
        show(&ConfirmationPage {
            layout: session.layout(section, &title),
            question: self,
        })
    }
}
