//! What all pages have: a frame, and how they are answered.

use std::str::FromStr;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

use super::assets::{ICON, SCRIPT, STYLE};
use super::error::ConsoleError;
use super::notice::Notice;
use crate::ambient;
use crate::domain::{FormId, Role};

/// How to write a rate limit.
pub(super) const QUOTA_FORM: &str = "Use the form requests/window, e.g. 600/60s.";

/// What a handler answers.
pub(super) type Answer = Result<HttpResponse, ConsoleError>;

/// What stands around the content of a page.
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) style: String,
    pub(super) script: String,
    pub(super) icon: String,
    pub(super) signed_in: Option<SignedIn>,
    /// What became of the form before.
    pub(super) notice: Option<Notice>,
    /// The one-time id of the page's forms.
    form_id: FormId,
}

/// Who sees the page.
#[derive(Clone)]
pub(super) struct SignedIn {
    pub(super) email: String,
    pub(super) is_operator: bool,
    /// Where they begin.
    pub(super) home: String,
    pub(super) form_token: String,
    /// Which part of the console the page belongs to; none: an error's.
    pub(super) section: Option<Section>,
    /// Whether the documentation of the public API is on this port.
    pub(super) has_api: bool,
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
            form_id: FormId::generate(&mut ambient::random()),
        }
    }

    /// A page of a part of the console.
    pub(super) fn of(mut signed_in: SignedIn, section: Section, title: &str) -> Self {
        signed_in.section = Some(section);
        Self::of_person(title, signed_in)
    }

    /// A page for somebody who is signed in.
    pub(super) fn of_person(title: &str, signed_in: SignedIn) -> Self {
        Self {
            signed_in: Some(signed_in),
            ..Self::of_nobody(title)
        }
    }

    /// With what became of the form before, as the query says.
    pub(super) fn noticing(mut self, done: Option<&str>) -> Self {
        self.notice = done.and_then(Notice::of);
        self
    }

    /// The release.
    #[expect(clippy::unused_self, reason = "templates call it on the layout")]
    pub(super) const fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// The one-time id of the page's forms.
    pub(super) const fn form_id(&self) -> FormId {
        self.form_id
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
            .is_some_and(|signed_in| signed_in.section == Some(section))
    }
}

/// Where somebody begins: at all companies, or at their own.
pub(super) fn home(role: Role) -> String {
    match role {
        Role::Operator => "/console/companies".to_owned(),
        Role::CompanyAdmin(company) => format!("/console/companies/{company}"),
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

/// The content type of pages.
pub(super) const fn mime() -> &'static str {
    "text/html; charset=utf-8"
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
