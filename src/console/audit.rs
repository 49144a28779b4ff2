//! What was done, by whom, and from where.

use actix_web::web::Query;
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::form::Form;
use super::format;
use super::page::{Answer, Frame, Section, show, show_mistakes};
use super::session::Session;
use crate::domain::{CompanyId, Role};
use crate::store::{AuditFilter, RecordedEvent};

const PAGE: usize = 50;

/// What is recorded, and how people call it.
const ACTIONS: &[(&str, &str)] = &[
    ("company.create", "Company created"),
    ("company.update", "Company changed"),
    ("key.create", "Key created"),
    ("key.update", "Key changed"),
    ("key.rotate", "Key rotated"),
    ("key.revoke", "Key revoked"),
    ("admin.create", "Administrator created"),
    ("admin.invite", "Administrator invited"),
    ("admin.accept_invitation", "Invitation accepted"),
    ("admin.disable", "Administrator disabled"),
    ("admin.enable", "Administrator enabled"),
    ("admin.set_password", "Password set"),
    ("admin.wrong_password", "Wrong current password"),
    ("admin.sign_in", "Signed in"),
    ("admin.sign_in_failed", "Sign-in failed"),
    ("admin.sign_in_limited", "Sign-in limited"),
    ("admin.refresh_token_reused", "Refresh token used twice"),
    ("admin.sign_out", "Signed out"),
    ("admin.bind_identity", "Identity bound"),
    ("admin.forget_identity", "Identity forgotten"),
    ("admin.delete", "Administrator deleted"),
    ("contact.erase", "Contact erased"),
    ("suppression.lift", "Suppression lifted"),
    ("custom_field.create", "Custom field defined"),
    ("custom_field.update", "Custom field changed"),
    ("custom_field.delete", "Custom field ended"),
    ("audit.expire", "Old events deleted"),
];

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    form: Form,
    actions: &'static [(&'static str, &'static str)],
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

/// What an event names, and the page of it if there is one.
struct Reference {
    text: String,
    path: Option<String>,
}

/// What became of one member.
struct Change {
    name: String,
    before: Option<String>,
    after: Option<String>,
}

impl Reference {
    fn new(text: String) -> Self {
        let path = match text.split_once(':') {
            Some(("company", id)) => Some(format!("/console/companies/{id}")),
            Some(("key", client)) => Some(format!("/console/keys/{client}")),
            Some(("admin", id)) => Some(format!("/console/administrators/{id}")),
            _ => None,
        };
        Self { text, path }
    }
}

impl EventView {
    fn new(event: RecordedEvent) -> Self {
        let known = ACTIONS.iter().find(|(action, _)| *action == event.action);
        Self {
            occurred_at: event.occurred_at,
            title: known.map_or_else(|| event.action.clone(), |(_, title)| (*title).to_owned()),
            changes: changes(event.before.as_ref(), event.after.as_ref()),
            action: event.action,
            actor: Reference::new(event.actor),
            subject: Reference::new(event.subject),
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

/// `GET /console/audit`
pub(super) async fn list(session: Session, Query(values): Query<Vec<(String, String)>>) -> Answer {
    let mut form = Form::sent(values);
    let company = form.read_optional::<CompanyId>("company", "Company");
    let before = form.read_optional::<i64>("before", "Page");
    let filter = AuditFilter {
        actor: chosen(&form, "actor"),
        action: chosen(&form, "action"),
        subject: chosen(&form, "subject"),
        from: read_day(&mut form, "from", "From").map(beginning),
        // Of the last day there is, the end is no moment: without it all later events are none.
        to: read_day(&mut form, "to", "To")
            .and_then(Date::next_day)
            .map(beginning),
    };
    let is_right = form.is_right();
    let mut events = Vec::new();
    if is_right {
        // One more shows whether there is another page.
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let found = session.administration().list_audit_events(
            session.acting(),
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
    let page = AuditPage {
        frame: Frame::of(&session, Section::Audit, "Audit log"),
        actions: ACTIONS,
        next: last.map(|last| query(&form, &names, last)),
        is_filtered: names.iter().any(|name| !form.text(name).is_empty()),
        events: events.into_iter().map(EventView::new).collect(),
        is_operator: session.acting().role() == Role::Operator,
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
    let day = day.ok_or("write it as 2030-01-31.");
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
