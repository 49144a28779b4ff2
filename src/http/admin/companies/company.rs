//! A company as administrators see it, and what they change of it.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::domain::{
    Company, CompanyChange, CompanyId, ConsentOnAddressChange, EmailConflict, Label, PhoneConflict,
    Quota, timestamp,
};
use crate::http::admin::schemas::{optional_name, rate_limit};
use crate::http::openapi::samples;
use crate::http::shared::{ApiError, Reader, boolean, parsed, parsed_label};

/// A company.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Company)]
pub(in crate::http::admin) struct CompanyResponse {
    #[schema(value_type = String)]
    company_id: CompanyId,
    name: String,
    /// Whether its contacts may have a phone alone.
    phone_only_contacts: bool,
    phone_conflict: PhoneConflict,
    email_conflict: EmailConflict,
    consent_on_address_change: ConsentOnAddressChange,
    /// Whether its contacts may store defined custom fields alone.
    strict_custom_fields: bool,
    /// The limit of its keys without one of their own; `null`: the configured default.
    #[schema(value_type = Option<String>, required)]
    rate_limit: Option<Quota>,
    /// Whether its keys are refused.
    suspended: bool,
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    created_at: OffsetDateTime,
}

impl From<Company> for CompanyResponse {
    fn from(company: Company) -> Self {
        Self {
            suspended: company.is_suspended(),
            company_id: company.company_id,
            name: company.name,
            phone_only_contacts: company.phone_only_contacts,
            phone_conflict: company.phone_conflict,
            email_conflict: company.email_conflict,
            consent_on_address_change: company.consent_on_address_change,
            strict_custom_fields: company.strict_custom_fields,
            rate_limit: company.rate_limit,
            created_at: company.created_at,
        }
    }
}

impl CompanyResponse {
    pub(super) fn sample() -> Self {
        Self {
            company_id: CompanyId::new(1),
            name: "Acme".to_owned(),
            phone_only_contacts: false,
            phone_conflict: PhoneConflict::Reject,
            email_conflict: EmailConflict::Replace,
            consent_on_address_change: ConsentOnAddressChange::Keep,
            strict_custom_fields: false,
            rate_limit: None,
            suspended: false,
            created_at: samples::TIMESTAMP,
        }
    }
}

/// What is to change of a company: what is not sent stays. What is `null` stays, too, but for `rateLimit`,
/// which `null` resets.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CompanyUpdate {
    #[schema(schema_with = optional_name)]
    name: Option<Label>,
    /// Whether its contacts may have a phone alone. `null`: it stays.
    phone_only_contacts: Option<bool>,
    /// What an upsert does when the sent phone belongs to another contact. `null`: it stays.
    phone_conflict: Option<PhoneConflict>,
    /// What an upsert does that is matched by phone and has another e-mail address. `null`: it stays.
    email_conflict: Option<EmailConflict>,
    /// What becomes of a consent when its address changes. `null`: it stays.
    consent_on_address_change: Option<ConsentOnAddressChange>,
    /// Whether its contacts may store defined custom fields alone. `null`: it stays.
    strict_custom_fields: Option<bool>,
    #[schema(schema_with = rate_limit)]
    rate_limit: Option<Option<Quota>>,
    /// Whether its keys are refused. `null`: it stays.
    suspended: Option<bool>,
}

impl CompanyUpdate {
    pub(super) fn read(text: &str) -> Result<CompanyChange, ApiError> {
        let mut reader = Reader::new(text)?;
        let sent = Self {
            name: reader.optional("name", parsed_label),
            phone_only_contacts: reader.optional("phoneOnlyContacts", boolean),
            phone_conflict: reader.optional("phoneConflict", parsed),
            email_conflict: reader.optional("emailConflict", parsed),
            consent_on_address_change: reader.optional("consentOnAddressChange", parsed),
            strict_custom_fields: reader.optional("strictCustomFields", boolean),
            rate_limit: reader.resettable("rateLimit", parsed),
            suspended: reader.optional("suspended", boolean),
        };
        reader.finish_with(Some(CompanyChange {
            name: sent.name,
            phone_only_contacts: sent.phone_only_contacts,
            phone_conflict: sent.phone_conflict,
            email_conflict: sent.email_conflict,
            consent_on_address_change: sent.consent_on_address_change,
            strict_custom_fields: sent.strict_custom_fields,
            rate_limit: sent.rate_limit,
            suspended: sent.suspended,
        }))
    }
}
