//! The audit log: what was done, by whom, and from where. Of all, or of one company.

use std::collections::HashMap;

use actix_web::web::{Path, Query};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::error::ConsoleError;
use super::form::Form;
use super::format;
use super::page::{Answer, Frame, Section, parse, show, show_mistakes};
use super::session::Session;
use crate::administration::AdministrationError;
use crate::domain::{
    AdminId, AuditAction, AuditFilter, Company, CompanyId, RecordedAction, RecordedEvent, Role,
};

const PAGE: usize = 50;

/// How people call what is recorded.
const fn title(action: AuditAction) -> &'static str {
    match action {
        AuditAction::CompanyCreate => "Company created",
        AuditAction::CompanyUpdate => "Company updated",
        AuditAction::KeyCreate => "Key created",
        AuditAction::KeyUpdate => "Key updated",
        AuditAction::KeyRotate => "Key rotated",
        AuditAction::KeyRevoke => "Key revoked",
        AuditAction::AdminCreate => "Administrator created",
        AuditAction::AdminInvite => "Administrator invited",
        AuditAction::AdminAcceptInvitation => "Invitation accepted",
        AuditAction::AdminDisable => "Administrator disabled",
        AuditAction::AdminEnable => "Administrator enabled",
        AuditAction::AdminSetPassword => "Password set",
        AuditAction::AdminWrongPassword => "Wrong current password",
        AuditAction::AdminSignIn => "Signed in",
        AuditAction::AdminSignInFailed => "Sign-in failed",
        AuditAction::AdminSignInLimited => "Sign-in limited",
        AuditAction::AdminRefreshTokenReused => "Refresh token used twice",
        AuditAction::AdminSignOut => "Signed out",
        AuditAction::AdminBindIdentity => "SSO identity linked",
        AuditAction::AdminForgetIdentity => "SSO identity unlinked",
        AuditAction::AdminDelete => "Administrator deleted",
        AuditAction::ContactErase => "Contact erased",
        AuditAction::SuppressionLift => "Suppression lifted",
        AuditAction::CustomFieldCreate => "Custom field defined",
        AuditAction::CustomFieldUpdate => "Custom field changed",
        AuditAction::CustomFieldDelete => "Custom field ended",
        AuditAction::AuditExpire => "Old events deleted",
    }
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    form: Form,
    /// The one company whose history it is.
    company: Option<Company>,
    /// Where the filters go.
    path: String,
    /// The actions, and how people call them.
    actions: [(&'static str, &'static str); AuditAction::ALL.len()],
    events: Vec<EventView>,
    /// The query of the next page.
    next: Option<String>,
    is_filtered: bool,
    is_operator: bool,
}

/// An event as the page shows it.
struct EventView {
    occurred_at: OffsetDateTime,
    title: String,
    action: String,
    actor: Reference,
    subject: Reference,
    company: Option<CompanyId>,
    changes: Vec<Change>,
    client_address: Option<String>,
    request_id: Option<String>,
}

/// What an event names, and the page of it if the reader may open one.
struct Reference {
    /// As it is recorded, such as `admin:1`.
    id: String,
    /// As people call it.
    text: String,
    path: Option<String>,
}

/// The e-mail addresses of the administrators that a page names, as far as the reader may know them.
type Emails = HashMap<String, String>;

/// What became of one member.
struct Change {
    name: String,
    before: Option<String>,
    after: Option<String>,
}

impl Reference {
    fn new(id: String, emails: &Emails) -> Self {
        let email = emails.get(&id);
        let path = match id.split_once(':') {
            Some(("company", id)) => Some(format!("/console/companies/{id}")),
            Some(("key", client)) => Some(format!("/console/keys/{client}")),
            Some(("admin", id)) => email.map(|_| format!("/console/administrators/{id}")),
            _ => None,
        };
        Self {
            text: email.unwrap_or(&id).clone(),
            id,
            path,
        }
    }

    /// For the style: an id of ours stays on one line, a name or an address may be long.
    fn class(&self) -> &'static str {
        let is_short = self.text == self.id && self.text.len() <= 24;
        if is_short { "nowrap" } else { "address" }
    }
}

impl EventView {
    fn new(event: RecordedEvent, emails: &Emails) -> Self {
        Self {
            occurred_at: event.occurred_at,
            title: match &event.action {
                RecordedAction::Known(action) => title(*action).to_owned(),
                RecordedAction::Unknown(name) => name.clone(),
            },
            changes: changes(event.before.as_ref(), event.after.as_ref()),
            action: event.action.to_string(),
            actor: Reference::new(event.actor, emails),
            subject: Reference::new(event.subject, emails),
            company: event.company_id,
            client_address: event.client_address,
            request_id: event.request_id,
        }
    }
}

/// The members that are not what they were.
fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    let member = |of: Option<&Value>, name: &str| of.and_then(|value| value.get(name)).cloned();
    let names = [before, after].into_iter().flatten();
    let mut names: Vec<&String> = names
        .filter_map(Value::as_object)
        .flat_map(|object| object.keys())
        .collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter_map(|name| {
            let (old, new) = (member(before, name), member(after, name));
            (old != new).then(|| Change {
                name: name.clone(),
                before: old.as_ref().and_then(text),
                after: new.as_ref().and_then(text),
            })
        })
        .collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Looks up the administrators that events name.
async fn emails(session: &Session, events: &[RecordedEvent]) -> Result<Emails, ConsoleError> {
    let mut names: Vec<&String> = events
        .iter()
        .flat_map(|event| [&event.actor, &event.subject])
        .filter(|name| name.starts_with("admin:"))
        .collect();
    names.sort();
    names.dedup();
    let mut emails = Emails::new();
    for name in names {
        let id = name.strip_prefix("admin:").unwrap_or_default();
        let Ok(id) = id.parse::<AdminId>() else {
            continue;
        };
        let found = session.administration().find_admin(session.principal(), id);
        match found.await {
            Ok(admin) => {
                emails.insert(name.clone(), admin.email);
            }
            // Out of reach, or deleted.
            Err(AdministrationError::NoSuchAdmin) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(emails)
}

/// `GET /console/companies/{id}/history`
pub(super) async fn history(
    session: Session,
    path: Path<String>,
    Query(values): Query<Vec<(String, String)>>,
) -> Answer {
    let company = session
        .administration()
        .find_company(session.principal(), parse(&path)?)
        .await?;
    show_events(&session, Some(company), Form::sent(values)).await
}

/// `GET /console/audit`
pub(super) async fn list(session: Session, Query(values): Query<Vec<(String, String)>>) -> Answer {
    show_events(&session, None, Form::sent(values)).await
}

async fn show_events(session: &Session, of: Option<Company>, mut form: Form) -> Answer {
    let company = match &of {
        Some(company) => Some(company.company_id),
        None => form.read_optional::<CompanyId>("company", "Company"),
    };
    let before = form.read_optional::<i64>("before", "Page");
    let from = read_day(&mut form, "from", "From");
    let to = read_day(&mut form, "to", "To");
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        form.refuse("to", "Choose a day that is not before “From”.");
    }
    let filter = AuditFilter {
        actor: chosen(&form, "actor"),
        action: chosen(&form, "action").map(RecordedAction::from),
        subject: chosen(&form, "subject"),
        from: from.map(beginning),
        // The last day that there is has no next one: then no event is too late.
        to: to.and_then(Date::next_day).map(beginning),
    };
    let is_right = form.is_right();
    let mut events = Vec::new();
    if is_right {
        // One more shows whether there is another page.
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let found = session.administration().list_audit_events(
            session.principal(),
            company,
            &filter,
            before,
            limit,
        );
        events = found.await?;
    }
    let has_more = events.len() > PAGE;
    events.truncate(PAGE);
    let last = events.last().filter(|_| has_more).map(|event| event.id);
    let names = ["company", "action", "actor", "subject", "from", "to"];
    let emails = emails(session, &events).await?;
    let (frame, path) = match &of {
        Some(company) => (
            session.frame(Section::Companies, &format!("History of {}", company.name)),
            format!("/console/companies/{}/history", company.company_id),
        ),
        None => (
            session.frame(Section::Audit, "Audit log"),
            "/console/audit".to_owned(),
        ),
    };
    let page = AuditPage {
        frame,
        path,
        company: of,
        actions: AuditAction::ALL.map(|action| (action.as_str(), title(action))),
        next: last.map(|last| query(&form, &names, last)),
        is_filtered: names.iter().any(|name| !form.text(name).is_empty()),
        events: events
            .into_iter()
            .map(|event| EventView::new(event, &emails))
            .collect(),
        is_operator: session.principal().role() == Role::Operator,
        form,
    };
    if is_right {
        show(&page)
    } else {
        show_mistakes(&page)
    }
}

/// A filter's text, unless it is left empty. Postgres stores no U+0000: nothing is found by it.
fn chosen(form: &Form, name: &str) -> Option<String> {
    let text = form.text(name).trim().replace('\0', "");
    (!text.is_empty()).then_some(text)
}

fn read_day(form: &mut Form, name: &'static str, label: &str) -> Option<Date> {
    let text = form.text(name).trim();
    if text.is_empty() {
        return None;
    }
    let day = Date::parse(text, format_description!("[year]-[month]-[day]")).ok();
    // Before Christ, Postgres knows fewer years.
    let day = day.filter(|day| day.year() > 0);
    let day = day.ok_or("write the date as 2030-01-31");
    form.keep(name, label, day)
}

fn beginning(day: Date) -> OffsetDateTime {
    day.midnight().assume_utc()
}

/// The query of the page before the event `before`.
fn query(form: &Form, names: &[&str], before: i64) -> String {
    let values = names.iter().map(|name| (*name, form.text(name)));
    let values = values.filter(|(_, value)| !value.is_empty());
    let filters: Vec<String> = values
        .map(|(name, value)| format!("{name}={}&", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    format!("{}before={before}", filters.concat())
}
