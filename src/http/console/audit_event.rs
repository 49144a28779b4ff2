//! How the audit log displays an event.

use std::collections::HashMap;

use serde_json::Value;

use super::error::ConsoleError;
use super::session::Session;
use crate::administration::AdministrationError;
use crate::domain::{AdminId, AuditAction, RecordedAction, RecordedEvent};

/// The name of an action.
pub(super) const fn title(action: AuditAction) -> &'static str {
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
        AuditAction::CustomFieldDelete => "Custom field deleted",
        AuditAction::AuditExpire => "Old events deleted",
    }
}

/// An event and what is displayed of it.
pub(super) struct EventView {
    pub(super) event: RecordedEvent,
    pub(super) title: String,
    pub(super) actor: Reference,
    pub(super) subject: Reference,
    pub(super) changes: Vec<Change>,
}

/// An object or administrator that an event names.
pub(super) struct Reference {
    /// The recorded id, such as `admin:1`.
    pub(super) id: String,
    /// The id, or the e-mail address of an administrator.
    pub(super) text: String,
    /// The path of its page, if the reader may open it.
    pub(super) path: Option<String>,
}

/// The change of one member.
pub(super) struct Change {
    pub(super) name: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// The e-mail addresses of administrators by their recorded ids, as far as the reader may see them.
type Emails = HashMap<String, String>;

impl Reference {
    fn new(id: &str, emails: &Emails) -> Self {
        let email = emails.get(id);
        let path = match id.split_once(':') {
            Some(("company", id)) => Some(format!("/console/companies/{id}")),
            Some(("key", client)) => Some(format!("/console/keys/{client}")),
            Some(("admin", id)) => email.map(|_| format!("/console/administrators/{id}")),
            _ => None,
        };
        Self {
            id: id.to_owned(),
            text: email.map_or(id, String::as_str).to_owned(),
            path,
        }
    }

    /// The class of its style: a short id stays on one line; a name or an address can be long.
    pub(super) fn class(&self) -> &'static str {
        let is_short = self.text == self.id && self.text.len() <= 24;
        if is_short { "nowrap" } else { "address" }
    }
}

impl EventView {
    fn new(event: RecordedEvent, emails: &Emails) -> Self {
        Self {
            title: match &event.action {
                RecordedAction::Known(action) => title(*action).to_owned(),
                RecordedAction::Unknown(name) => name.clone(),
            },
            actor: Reference::new(&event.actor, emails),
            subject: Reference::new(&event.subject, emails),
            changes: changes(event.before.as_ref(), event.after.as_ref()),
            event,
        }
    }
}

/// Prepares events for display.
pub(super) async fn event_views(
    session: &Session,
    events: Vec<RecordedEvent>,
) -> Result<Vec<EventView>, ConsoleError> {
    let emails = emails(session, &events).await?;
    let events = events.into_iter();
    Ok(events.map(|event| EventView::new(event, &emails)).collect())
}

/// The members that differ.
fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    let objects = [before, after].into_iter().flatten();
    let mut names: Vec<&String> = objects
        .filter_map(Value::as_object)
        .flat_map(|object| object.keys())
        .collect();
    names.sort();
    names.dedup();
    let member = |of: Option<&Value>, name: &str| of.and_then(|value| value.get(name)).cloned();
    let change = |name: &String| {
        let (old, new) = (member(before, name), member(after, name));
        (old != new).then(|| Change {
            name: name.clone(),
            before: old.and_then(text),
            after: new.and_then(text),
        })
    };
    names.into_iter().filter_map(change).collect()
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// Looks up the administrators that events name.
async fn emails(session: &Session, events: &[RecordedEvent]) -> Result<Emails, ConsoleError> {
    let mut emails = Emails::new();
    let names = events
        .iter()
        .flat_map(|event| [&event.actor, &event.subject]);
    let mut names: Vec<&String> = names.collect();
    names.sort();
    names.dedup();
    for name in names {
        let id = name.strip_prefix("admin:").map(str::parse::<AdminId>);
        let Some(Ok(id)) = id else { continue };
        match session.admin(id).await {
            Ok(admin) => {
                emails.insert(name.clone(), admin.email);
            }
            // The reader may not see them, or they were deleted.
            Err(AdministrationError::NoSuchAdmin) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(emails)
}
