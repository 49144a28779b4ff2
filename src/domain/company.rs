//! Companies, which are the tenants.

use serde::{Serialize, Serializer};
use time::OffsetDateTime;

use super::id::define_id;
use super::{ConsentOnAddressChange, EmailConflict, Label, PhoneConflict, Quota, timestamp};

define_id!(
    /// The company (tenant) that keys and contacts belong to.
    CompanyId
);

/// A company, as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    /// Its id.
    pub company_id: CompanyId,
    /// Its name.
    pub name: String,
    /// Whether a contact may have a phone number and no e-mail address.
    pub phone_only_contacts: bool,
    /// What an upsert does with a phone number that belongs to another contact.
    pub phone_conflict: PhoneConflict,
    /// What an upsert does if it matches a contact by phone that has another e-mail address.
    pub email_conflict: EmailConflict,
    /// What happens to an opt-in when its address changes.
    pub consent_on_address_change: ConsentOnAddressChange,
    /// Whether contacts may only hold custom fields that are defined.
    pub strict_custom_fields: bool,
    /// The rate limit of all its keys together; none: the configured default.
    pub rate_limit: Option<Quota>,
    /// When it was suspended; none: its keys work.
    #[serde(rename = "suspended", serialize_with = "serialize_suspended")]
    pub suspended_at: Option<OffsetDateTime>,
    /// When it was created.
    #[serde(serialize_with = "timestamp::serialize")]
    pub created_at: OffsetDateTime,
}

/// What to change of a company; `None` leaves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompanyChange {
    /// A new name.
    pub name: Option<Label>,
    /// Whether a contact may have a phone number and no e-mail address.
    pub phone_only_contacts: Option<bool>,
    /// What an upsert does with a phone number that belongs to another contact.
    pub phone_conflict: Option<PhoneConflict>,
    /// What an upsert does if it matches a contact by phone that has another e-mail address.
    pub email_conflict: Option<EmailConflict>,
    /// What happens to an opt-in when its address changes.
    pub consent_on_address_change: Option<ConsentOnAddressChange>,
    /// Whether contacts may only hold custom fields that are defined.
    pub strict_custom_fields: Option<bool>,
    /// A new limit, or `Some(None)` for the configured default.
    pub rate_limit: Option<Option<Quota>>,
    /// Whether it is suspended: then its keys are refused.
    pub suspended: Option<bool>,
}

impl Company {
    /// Whether it is suspended: then its keys are refused.
    #[must_use]
    pub const fn is_suspended(&self) -> bool {
        self.suspended_at.is_some()
    }

    /// Applies a change at the time `now`. A repeated suspension keeps the time of the first one.
    #[must_use]
    pub fn with(mut self, change: &CompanyChange, now: OffsetDateTime) -> Self {
        if let Some(name) = &change.name {
            name.as_str().clone_into(&mut self.name);
        }
        self.phone_only_contacts = change
            .phone_only_contacts
            .unwrap_or(self.phone_only_contacts);
        self.phone_conflict = change.phone_conflict.unwrap_or(self.phone_conflict);
        self.email_conflict = change.email_conflict.unwrap_or(self.email_conflict);
        self.consent_on_address_change = change
            .consent_on_address_change
            .unwrap_or(self.consent_on_address_change);
        self.strict_custom_fields = change
            .strict_custom_fields
            .unwrap_or(self.strict_custom_fields);
        self.rate_limit = change.rate_limit.unwrap_or(self.rate_limit);
        match change.suspended {
            Some(true) => self.suspended_at = self.suspended_at.or(Some(now)),
            Some(false) => self.suspended_at = None,
            None => {}
        }
        self
    }
}

#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
fn serialize_suspended<S: Serializer>(
    suspended_at: &Option<OffsetDateTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(suspended_at.is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-01-31 9:30 UTC);

    fn company() -> Company {
        Company {
            company_id: CompanyId::new(1),
            name: "Acme".to_owned(),
            phone_only_contacts: false,
            phone_conflict: PhoneConflict::Reject,
            email_conflict: EmailConflict::Replace,
            consent_on_address_change: ConsentOnAddressChange::Keep,
            strict_custom_fields: false,
            rate_limit: Some(Quota::LARGEST),
            suspended_at: None,
            created_at: NOW,
        }
    }

    #[test]
    fn a_change_that_names_nothing_changes_nothing() {
        let changed = company().with(&CompanyChange::default(), NOW);
        assert_eq!(changed, company());
    }

    #[test]
    fn a_change_sets_what_it_names_and_leaves_the_rest() {
        let change = CompanyChange {
            name: Some("Other".parse().unwrap()),
            email_conflict: Some(EmailConflict::Create),
            rate_limit: Some(None),
            ..CompanyChange::default()
        };
        let expected = Company {
            name: "Other".to_owned(),
            email_conflict: EmailConflict::Create,
            rate_limit: None,
            ..company()
        };
        assert_eq!(company().with(&change, NOW), expected);
    }

    #[test]
    fn a_repeated_suspension_keeps_its_first_time() {
        let suspended = |suspended| CompanyChange {
            suspended: Some(suspended),
            ..CompanyChange::default()
        };
        let first = company().with(&suspended(true), NOW);
        assert_eq!(first.suspended_at, Some(NOW));
        assert_eq!(json!(first)["suspended"], true);
        let later = NOW + Duration::HOUR;
        assert_eq!(first.clone().with(&suspended(true), later), first);
        assert_eq!(first.with(&suspended(false), later), company());
        assert_eq!(json!(company())["suspended"], false);
    }
}
