//! A company in responses.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::domain::{
    Company, CompanyId, ConsentOnAddressChange, EmailConflict, PhoneConflict, Quota, timestamp,
};
use crate::http::openapi::samples;

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
