//! `POST /admin/v1/companies/{companyId}/keys`

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::key::CreatedKeyResponse;
use super::scopes::scopes;
use crate::administration::KeyToCreate;
use crate::domain::{CompanyId, Label, Quota, Scope, Scopes};
use crate::http::admin::caller::SignedIn;
use crate::http::admin::schemas::{name, rate_limit};
use crate::http::shared::{
    Administrative, ApiError, AppState, JsonBody, PathValue, Reader, parsed, parsed_label,
    parsed_timestamp,
};

/// A key to create.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewApiKey {
    #[schema(schema_with = name, required)]
    name: Option<Label>,
    /// Default: all scopes except `contacts:erase`.
    #[schema(value_type = Option<Vec<Scope>>, min_items = 1)]
    scopes: Option<Scopes>,
    #[schema(schema_with = rate_limit)]
    rate_limit: Option<Quota>,
    /// When the key expires: a timestamp in the future. Default: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<OffsetDateTime>,
}

impl NewApiKey {
    fn read(text: &str) -> Result<KeyToCreate, ApiError> {
        let mut reader = Reader::new(text)?;
        let sent = Self {
            name: reader.required("name", parsed_label),
            scopes: reader.optional("scopes", scopes),
            rate_limit: reader.optional("rateLimit", parsed),
            expires_at: reader.optional("expiresAt", parsed_timestamp),
        };
        reader.finish_with(sent.name.map(|name| KeyToCreate {
            name,
            scopes: sent.scopes.unwrap_or_else(Scopes::default_of_a_key),
            rate_limit: sent.rate_limit,
            expires_at: sent.expires_at,
        }))
    }
}

/// Creates a key.
///
/// Only this response contains the whole key. Only operators can set a limit. A company has a maximum number
/// of active keys: beyond it the response is 409 `limit_reached`. Not safe to repeat: each request creates a
/// key; if the response is lost, revoke that key.
#[utoipa::path(
    post, path = "/admin/v1/companies/{companyId}/keys",
    params(PathValue::<CompanyId>),
    request_body(content = NewApiKey, example = json!({
        "name": "web shop", "scopes": ["contacts:read", "contacts:write"],
    })),
    responses(
        (status = 201, description = "The new key.", body = CreatedKeyResponse,
            headers(("Location")), example = json!(CreatedKeyResponse::sample())),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn create_key(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathValue(company): PathValue<CompanyId>,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let key = NewApiKey::read(body.text())?;
    let created = state
        .administration
        .create_key(&principal, company, key)
        .await?;
    let created = CreatedKeyResponse::from(created);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, created.location()))
        .json(created))
}
