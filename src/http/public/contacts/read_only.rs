//! The members of a contact that no call changes. Whoever reads a contact, changes it and sends it
//! back sends them along: they are ignored where they are as stored.

use serde_json::value::RawValue;

use crate::domain::{Contact, timestamp};
use crate::http::shared::error::ApiError;
use crate::http::shared::members::{Errors, Members, invalid};

const READ_ONLY: [&str; 4] = ["contactId", "createdAt", "updatedAt", "deletedAt"];

/// The members that were sent back.
pub(in crate::http) struct ReadOnly<'a>(Vec<(&'static str, &'a RawValue)>);

impl<'a> ReadOnly<'a> {
    /// Takes them out of a body.
    pub(in crate::http) fn take(members: &mut Members<'a>) -> Self {
        let sent = READ_ONLY
            .into_iter()
            .filter_map(|name| Some((name, members.remove(name)?)));
        Self(sent.collect())
    }

    /// Whether none was sent.
    pub(in crate::http) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares them with a contact as it is stored.
    ///
    /// # Errors
    /// Each one that is different.
    pub(in crate::http) fn check(&self, stored: &Contact) -> Result<(), ApiError> {
        let mut errors = Errors::default();
        for (name, raw) in &self.0 {
            if !is_as_stored(name, raw, stored) {
                let reason = "cannot be changed: leave it out, or send it as it is stored";
                errors.add(invalid(name, reason, raw));
            }
        }
        errors.finish()
    }
}

fn is_as_stored(name: &str, sent: &RawValue, stored: &Contact) -> bool {
    let text = || serde_json::from_str::<String>(sent.get()).ok();
    let timestamp = || timestamp::parse(&text()?);
    match name {
        "contactId" => text().is_some_and(|id| id == stored.contact_id.to_string()),
        "createdAt" => timestamp() == Some(stored.created_at),
        "updatedAt" => timestamp() == Some(stored.updated_at),
        // A live contact has none.
        _ if sent.get() == "null" => stored.deleted_at.is_none(),
        _ => timestamp().is_some_and(|sent| stored.deleted_at == Some(sent)),
    }
}
