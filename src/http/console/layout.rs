//! The layout of all pages: navigation, flash message and footer around the content.

use super::flash_message::FlashMessage;
use crate::ambient;
use crate::domain::{FormId, Role};

/// The release, for the footer.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The layout around the content of a page.
pub(super) struct Layout {
    pub(super) title: String,
    pub(super) user: Option<SignedInUser>,
    /// The entry of the navigation that is marked as current.
    pub(super) section: Option<Section>,
    pub(super) flash: Option<FlashMessage>,
    /// The one-time id of the page's forms.
    pub(super) form_id: FormId,
}

/// The administrator who sees the page.
#[derive(Clone)]
pub(super) struct SignedInUser {
    pub(super) email: String,
    pub(super) is_operator: bool,
    /// The path of their first page.
    pub(super) home: String,
    /// The CSRF token of the session.
    pub(super) form_token: String,
    /// Whether the documentation of the public API is on this port.
    pub(super) has_api_docs: bool,
}

/// An entry of the navigation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Companies,
    Administrators,
    AuditLog,
    Account,
}

impl Layout {
    /// The layout of a page that needs no session.
    pub(super) fn signed_out(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            user: None,
            section: None,
            flash: None,
            form_id: FormId::generate(&mut ambient::random()),
        }
    }

    /// The layout of a page for a signed-in administrator.
    pub(super) fn signed_in(title: &str, user: SignedInUser) -> Self {
        Self {
            user: Some(user),
            ..Self::signed_out(title)
        }
    }

    /// The CSRF token of the page's forms; empty without a session.
    pub(super) fn form_token(&self) -> &str {
        self.user.as_ref().map_or("", |user| &user.form_token)
    }

    /// Whether an operator sees the page.
    pub(super) fn is_operator(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.is_operator)
    }

    /// Whether the page belongs to this entry of the navigation.
    pub(super) fn is_in(&self, section: Section) -> bool {
        self.section == Some(section)
    }
}

/// The path of the first page: all companies, or the administrator's own company.
pub(super) fn home(role: Role) -> String {
    match role {
        Role::Operator => "/console/companies".to_owned(),
        Role::CompanyAdmin(company) => format!("/console/companies/{company}"),
    }
}
