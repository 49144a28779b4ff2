//! `PATCH /admin/v1/companies/{companyId}`

use actix_web::web::{Data, Json};
use utoipa::ToSchema;

use super::company::CompanyResponse;
use crate::domain::{
    CompanyChange, CompanyId, ConsentOnAddressChange, EmailConflict, Label, PhoneConflict, Quota,
};
use crate::http::admin::caller::SignedIn;
use crate::http::admin::schemas::{optional_name, rate_limit};
use crate::http::shared::{
    Administrative, ApiError, AppState, JsonBody, PathValue, Reader, boolean, parsed, parsed_label,
};

/// A change of a company. A field that is absent or `null` stays unchanged, except `rateLimit`, which `null`
/// resets.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CompanyUpdate {
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
    fn read(text: &str) -> Result<CompanyChange, ApiError> {
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

/// Updates a company: renames, suspends or resumes it, or changes its settings.
///
/// Only the sent fields change. Only operators can suspend a company or set its limit. The change takes
/// effect on all replicas within a second. Safe to repeat: a repeated request changes nothing.
#[utoipa::path(
    patch, path = "/admin/v1/companies/{companyId}",
    params(PathValue::<CompanyId>),
    request_body(content = CompanyUpdate, example = json!({
        "name": "Acme Inc.", "phoneConflict": "skip", "rateLimit": "1200/60s",
    })),
    responses(
        (status = 200, description = "The updated company.", body = CompanyResponse,
            example = json!(CompanyResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn update_company(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathValue(id): PathValue<CompanyId>,
    body: JsonBody<Administrative>,
) -> Result<Json<CompanyResponse>, ApiError> {
    let change = CompanyUpdate::read(body.text())?;
    let company = state.administration.change_company(&principal, id, &change);
    Ok(Json(company.await?.into()))
}
