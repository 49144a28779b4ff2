//! A company in responses, and its changes in requests.

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
    /// Whether contacts may have a phone without an e-mail address.
    phone_only_contacts: bool,
    phone_conflict: PhoneConflict,
    email_conflict: EmailConflict,
    consent_on_address_change: ConsentOnAddressChange,
    /// Whether undefined custom fields are rejected.
    strict_custom_fields: bool,
    /// The limit of keys that have no limit of their own; `null`: the service's default.
    #[schema(value_type = Option<String>, required)]
    rate_limit: Option<Quota>,
    /// Whether all requests of its keys are rejected.
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

/// A change of a company. A field that is absent or `null` stays unchanged, except `rateLimit`, which `null`
/// resets.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CompanyUpdate {
    #[schema(schema_with = optional_name)]
    name: Option<Label>,
    /// Whether contacts may have a phone without an e-mail address.
    phone_only_contacts: Option<bool>,
    /// What an upsert does if the sent phone belongs to another contact.
    phone_conflict: Option<PhoneConflict>,
    /// What an upsert does if the contact with the sent phone has another e-mail address.
    email_conflict: Option<EmailConflict>,
    /// What happens to an opt-in if its address changes.
    consent_on_address_change: Option<ConsentOnAddressChange>,
    /// Whether undefined custom fields are rejected.
    strict_custom_fields: Option<bool>,
    #[schema(schema_with = rate_limit)]
    rate_limit: Option<Option<Quota>>,
    /// Whether all requests of its keys are rejected.
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
