//! The audit log of the service, and the history of one company.

use actix_web::web::{Path, Query};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use time::{Date, OffsetDateTime};

use super::audit_event::{EventView, event_views, title};
use super::form::Form;
use super::format;
use super::layout::{Layout, Section};
use super::pagination::{FETCH, Pagination};
use super::response::{PageResult, parse, show_form};
use super::session::Session;
use crate::domain::{AuditAction, AuditFilter, Company, CompanyId, RecordedAction};

/// The fields of the filters.
const FILTERS: [&str; 6] = ["company", "action", "actor", "subject", "from", "to"];

#[derive(Template)]
#[template(path = "audit_log.html")]
struct AuditLogPage {
    layout: Layout,
    form: Form,
    /// The company whose history it is.
    company: Option<Company>,
    /// The path that the filters are sent to.
    path: String,
    /// The actions and their names.
    actions: [(&'static str, &'static str); AuditAction::ALL.len()],
    events: Vec<EventView>,
    /// The query of the next page.
    next: Option<String>,
    is_filtered: bool,
}

/// `GET /console/companies/{id}/history`
pub(super) async fn history(
    session: Session,
    path: Path<String>,
    Query(values): Query<Vec<(String, String)>>,
) -> PageResult {
    let company = session.company(parse(&path)?).await?;
    show_events(&session, Some(company), Form::sent(values)).await
}

/// `GET /console/audit`
pub(super) async fn list(
    session: Session,
    Query(values): Query<Vec<(String, String)>>,
) -> PageResult {
    show_events(&session, None, Form::sent(values)).await
}

async fn show_events(session: &Session, company: Option<Company>, mut form: Form) -> PageResult {
    let (section, heading, path) = match &company {
        Some(company) => (
            Section::Companies,
            format!("History of {}", company.name),
            format!("/console/companies/{}/history", company.company_id),
        ),
        None => (
            Section::AuditLog,
            "Audit log".to_owned(),
            "/console/audit".to_owned(),
        ),
    };
    let company_id = match &company {
        Some(company) => Some(company.company_id),
        None => form.read_optional::<CompanyId>("company", "Company"),
    };
    let before = form.read_optional::<i64>("before", "Page");
    let filter = read_filter(&mut form);
    let is_valid = form.is_valid();
    let mut found = Vec::new();
    if is_valid {
        let (administration, principal) = (session.administration(), session.principal());
        found = administration
            .list_audit_events(principal, company_id, &filter, before, FETCH)
            .await?;
    }
    let found = Pagination::new(found, before, |event| event.id);
    let page = AuditLogPage {
        layout: session.layout(section, &heading),
        path,
        company,
        actions: AuditAction::ALL.map(|action| (action.as_str(), title(action))),
        next: found.next.map(|before| query(&form, before)),
        is_filtered: FILTERS.iter().any(|name| !form.text(name).is_empty()),
        events: event_views(session, found.items).await?,
        form,
    };
    show_form(is_valid, &page)
}

fn read_filter(form: &mut Form) -> AuditFilter {
    let from = form.read_date("from", "From");
    let to = form.read_date("to", "To");
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        form.add_error("to", "Choose a day that is not before “From”.");
    }
    // Postgres cannot store U+0000, so nothing matches a filter with it.
    let text =
        |name| Some(form.text(name).trim().replace('\0', "")).filter(|text| !text.is_empty());
    AuditFilter {
        actor: text("actor"),
        action: text("action").map(RecordedAction::from),
        subject: text("subject"),
        from: from.map(midnight),
        // The latest possible date has no next day: then no event is too late.
        to: to.and_then(Date::next_day).map(midnight),
    }
}

fn midnight(day: Date) -> OffsetDateTime {
    day.midnight().assume_utc()
}

/// The query of the page of events before `before`, with the same filters.
fn query(form: &Form, before: i64) -> String {
    let values = FILTERS.iter().map(|name| (name, form.text(name)));
    let values = values.filter(|(_, value)| !value.is_empty());
    let filters: Vec<String> = values
        .map(|(name, value)| format!("{name}={}&", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    format!("{}before={before}", filters.concat())
}
