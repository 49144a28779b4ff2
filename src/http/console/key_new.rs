//! Creating an API key.

use actix_web::web::Path;
use askama::Template;
use time::Date;

use super::error::ConsoleError;
use super::form::Form;
use super::format;
use super::layout::{Layout, Section};
use super::one_time_form::submit_once;
use super::one_time_secret::redirect_to_secret;
use super::response::{PageResult, parse, show_form};
use super::session::Session;
use super::submitted_form::SubmittedForm;
use crate::administration::{AdministrationError, KeyToCreate};
use crate::domain::{Company, Label, Scope, Scopes};

#[derive(Template)]
#[template(path = "key_new.html")]
struct NewKeyPage {
    layout: Layout,
    form: Form,
    company: Company,
    /// The limit of keys that have none of their own.
    default_limit: String,
}

fn show_page(session: &Session, company: Company, form: Form) -> PageResult {
    let page = NewKeyPage {
        layout: session.layout(Section::Companies, "New API key"),
        form,
        company,
        default_limit: format::quota(&session.default_quotas().key),
    };
    show_form(page.form.is_valid(), &page)
}

/// `GET /console/companies/{id}/keys/new`
pub(super) async fn form(session: Session, path: Path<String>) -> PageResult {
    let company = session.company(parse(&path)?).await?;
    let form = Form::default().with("scope", Scopes::default_of_a_key().names());
    show_page(&session, company, form)
}

/// `POST /console/companies/{id}/keys/new`
pub(super) async fn create(
    SubmittedForm { session, mut form }: SubmittedForm,
    path: Path<String>,
) -> PageResult {
    let company = session.company(parse(&path)?).await?;
    let name = form.read::<Label>("name", "Name");
    let scopes = form.read_scopes();
    let rate_limit = form.read_rate_limit();
    let last_day = form.read_date("last_day", "Expires");
    let end = last_day.map(|day| day.next_day().ok_or("choose an earlier date"));
    let end = end.and_then(|end: Result<Date, _>| form.check("last_day", "Expires", end));
    let (Some(name), Some(scopes), true) = (name, scopes, form.is_valid()) else {
        return show_page(&session, company, form);
    };
    let key = KeyToCreate {
        name,
        scopes,
        rate_limit,
        expires_at: end.map(|day| day.midnight().assume_utc()),
    };
    let administration = session.administration();
    let created = submit_once(&session, &form, async |principal| {
        administration
            .create_key(principal, company.company_id, key)
            .await
    });
    match created.await {
        Err(ConsoleError::Refused(AdministrationError::ExpiresInThePast)) => {
            form.add_error("last_day", "Choose a date in the future.");
            show_page(&session, company, form)
        }
        created => {
            let created = created?;
            let client = created.key.client_id.as_str();
            let path = format!("/console/keys/{client}");
            Ok(redirect_to_secret(&path, client, &created.token))
        }
    }
}
