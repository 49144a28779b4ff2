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
    Administrative, ApiError, AppState, JsonBody, PathId, Reader, boolean, parsed, parsed_label,
};

/// What is to change of a company: what is not sent stays. What is `null` stays, too, but for `rateLimit`,
/// which `null` resets.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CompanyUpdate {
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

/// Changes a company: renames, suspends, resumes it, or changes its settings.
///
/// Only what is sent changes. Only operators suspend a company or set its limit. Acts on all replicas
/// within a second. Safe to repeat: a repeated change finds its values there already.
#[utoipa::path(
    patch,
    path = "/admin/v1/companies/{companyId}",
    operation_id = "updateCompany",
    params(PathId::<CompanyId>),
    request_body(content = CompanyUpdate, example = json!({
        "name": "Acme Inc.", "phoneConflict": "skip", "rateLimit": "1200/60s",
    })),
    responses(
        (status = 200, description = "The company as it is now.", body = CompanyResponse,
            example = json!(CompanyResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn update(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathId(id): PathId<CompanyId>,
    body: JsonBody<Administrative>,
) -> Result<Json<CompanyResponse>, ApiError> {
    let change = CompanyUpdate::read(body.text())?;
    let company = state.administration.change_company(&principal, id, &change);
    Ok(Json(company.await?.into()))
}
