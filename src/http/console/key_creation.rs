//! Making API keys.

use actix_web::web::Path;
use askama::Template;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::form::Form;
use super::once::{Once, once};
use super::page::{Answer, Frame, QUOTA_FORM, Section, parse, see_other, show, show_mistakes};
use super::session::Session;
use super::submission::Submitted;
use super::{format, shown_once};
use crate::administration::{AdministrationError, CreatedKey, KeyToCreate};
use crate::domain::{Company, Label, Quota, Role, Scope, Scopes};

#[derive(Template)]
#[template(path = "key_new.html")]
struct NewKeyPage {
    frame: Frame,
    form: Form,
    company: Company,
    is_operator: bool,
    /// The limit of a key that gets none.
    default_limit: String,
}

impl NewKeyPage {
    fn new(session: &Session, company: Company, form: Form) -> Self {
        Self {
            frame: session.frame(Section::Companies, "New API key"),
            form,
            default_limit: format::quota(&session.default_quotas().key),
            company,
            is_operator: session.principal().role() == Role::Operator,
        }
    }
}

/// `GET /console/companies/{id}/keys/new`
pub(super) async fn form(session: Session, path: Path<String>) -> Answer {
    let company = session
        .administration()
        .find_company(session.principal(), parse(&path)?)
        .await?;
    let mut form = Form::default();
    for scope in Scopes::default_of_a_key().names() {
        form.add("scope", scope);
    }
    show(&NewKeyPage::new(&session, company, form))
}

/// `POST /console/companies/{id}/keys/new`
pub(super) async fn create(
    Submitted { session, mut form }: Submitted,
    path: Path<String>,
) -> Answer {
    let (administration, principal) = (session.administration(), session.principal());
    let company = administration
        .find_company(principal, parse(&path)?)
        .await?;
    let name = form.read::<Label>("name", "Name");
    let scopes = read_scopes(&mut form);
    let rate_limit = form.read_or::<Quota>("rate_limit", QUOTA_FORM);
    let expires_at = read_last_day(&mut form);
    let (Some(name), Some(scopes), true) = (name, scopes, form.is_right()) else {
        return show_mistakes(&NewKeyPage::new(&session, company, form));
    };
    let key = KeyToCreate {
        name,
        scopes,
        rate_limit,
        expires_at,
    };
    let created = once(&session, &form, async |principal| {
        administration
            .create_key(principal, company.company_id, key)
            .await
    });
    match created.await {
        Once::Done(created) => Ok(show_token(&created, "")),
        Once::DoneBefore(answer) => Ok(answer),
        Once::Refused(AdministrationError::ExpiresInThePast) => {
            form.refuse("last_day", "Choose a date in the future.");
            show_mistakes(&NewKeyPage::new(&session, company, form))
        }
        Once::Refused(error) => Err(error.into()),
    }
}

/// On to the page of a key that was just made, with its token and this query.
pub(super) fn show_token(created: &CreatedKey, query: &str) -> actix_web::HttpResponse {
    let client = created.key.client_id.as_str();
    let mut response = see_other(&format!("/console/keys/{client}{query}"));
    response
        .cookie(shown_once::send(client, &created.token))
        .finish()
}

/// The scopes that are ticked: at least one.
pub(super) fn read_scopes(form: &mut Form) -> Option<Scopes> {
    let scopes: Result<Vec<Scope>, _> = form.all("scope").map(str::parse).collect();
    let scopes = form.keep("scope", "Scopes", scopes)?;
    if scopes.is_empty() {
        form.refuse("scope", "Choose at least one scope.");
        return None;
    }
    Some(scopes.into_iter().collect())
}

/// The end of the last day in UTC, if one is named.
fn read_last_day(form: &mut Form) -> Option<OffsetDateTime> {
    let text = form.text("last_day").trim();
    if text.is_empty() {
        return None;
    }
    let form_of_days = format_description!("[year]-[month]-[day]");
    let next = Date::parse(text, form_of_days)
        .ok()
        .and_then(Date::next_day);
    let Some(next) = next else {
        form.refuse("last_day", "Write the date as 2030-01-31.");
        return None;
    };
    Some(next.midnight().assume_utc())
}
