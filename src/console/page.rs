//! What all pages have: a frame, and how they are answered.

use std::str::FromStr;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

use super::assets::{ICON, SCRIPT, STYLE};
use super::error::{ConsoleError, mime};
use super::session::Session;
use crate::domain::Role;

/// What a handler answers.
pub(super) type Answer = Result<HttpResponse, ConsoleError>;

/// What stands around the content of a page.
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) style: String,
    pub(super) script: String,
    pub(super) icon: String,
    pub(super) signed_in: Option<SignedIn>,
    /// What was done by the form before.
    pub(super) notice: Option<&'static str>,
}

/// Who sees the page.
pub(super) struct SignedIn {
    pub(super) email: String,
    pub(super) is_operator: bool,
    /// Where they begin.
    pub(super) home: String,
    pub(super) form_token: String,
    /// Which part of the console the page belongs to.
    pub(super) section: Section,
}

/// A part of the console.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Companies,
    Administrators,
    Audit,
    Account,
}

impl Frame {
    /// A page for nobody in particular.
    pub(super) fn of_nobody(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            style: STYLE.path(),
            script: SCRIPT.path(),
            icon: ICON.path(),
            signed_in: None,
            notice: None,
        }
    }

    /// A page of a session.
    pub(super) fn of(session: &Session, section: Section, title: &str) -> Self {
        let acting = session.acting();
        let signed_in = SignedIn {
            email: acting.email().unwrap_or_default().to_owned(),
            is_operator: acting.role() == Role::Operator,
            home: home(acting.role()),
            form_token: session.form_token(),
            section,
        };
        Self {
            signed_in: Some(signed_in),
            ..Self::of_nobody(title)
        }
    }

    /// With what was done by the form before, as the query says.
    pub(super) fn noticing(mut self, done: Option<&str>) -> Self {
        self.notice = done.and_then(notice);
        self
    }

    /// What the page's forms carry.
    pub(super) fn form_token(&self) -> &str {
        self.signed_in
            .as_ref()
            .map_or("", |signed_in| &signed_in.form_token)
    }

    /// Whether the page belongs to this part.
    pub(super) fn is_in(&self, section: Section) -> bool {
        self.signed_in
            .as_ref()
            .is_some_and(|signed_in| signed_in.section == section)
    }
}

/// Where somebody begins: at all companies, or at their own.
pub(super) fn home(role: Role) -> String {
    match role {
        Role::Operator => "/console/companies".to_owned(),
        Role::CompanyAdmin(company) => format!("/console/companies/{company}"),
    }
}

/// What was done, by the word for it in an address. There is none for what anybody else writes there.
fn notice(done: &str) -> Option<&'static str> {
    match done {
        "saved" => Some("Saved. Every replica knows within a second."),
        "suspended" => Some("The company is suspended: its keys are refused."),
        "resumed" => Some("The company works again."),
        "revoked" => Some("The key is revoked: it is refused within a second."),
        "disabled" => Some("The administrator is shut out, and all their sessions have ended."),
        "enabled" => Some("The administrator may sign in again."),
        "signed-out" => Some("You are signed out."),
        "password" => Some("Your password is set: sign in with it."),
        _ => None,
    }
}

/// Answers with a page.
pub(super) fn show(page: &impl Template) -> Answer {
    answer(HttpResponse::Ok(), page)
}

/// Shows a form again, with what is wrong in it.
pub(super) fn show_mistakes(page: &impl Template) -> Answer {
    answer(HttpResponse::UnprocessableEntity(), page)
}

/// Answers with a page.
pub(super) fn answer(mut response: HttpResponseBuilder, page: &impl Template) -> Answer {
    let text = page
        .render()
        .map_err(|error| ConsoleError::Internal(error.to_string()))?;
    Ok(response.content_type(mime()).body(text))
}

/// After a form: on to a page, which may be reloaded.
pub(super) fn see_other(path: &str) -> HttpResponseBuilder {
    let mut response = HttpResponseBuilder::new(StatusCode::SEE_OTHER);
    response.insert_header((LOCATION, path));
    response
}

/// Reads the part of a path that names something. What cannot be a name names nothing.
pub(super) fn parse<T: FromStr>(text: &str) -> Result<T, ConsoleError> {
    text.parse().map_err(|_| ConsoleError::UnknownPage)
}
