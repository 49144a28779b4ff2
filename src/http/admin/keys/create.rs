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
    Administrative, ApiError, AppState, JsonBody, PathId, Reader, parsed, parsed_label,
    parsed_timestamp,
};

/// A key to create.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewApiKey {
    #[schema(schema_with = name, required)]
    name: Option<Label>,
    /// Without it, or with `null`, all but `contacts:erase`.
    #[schema(value_type = Option<Vec<Scope>>, min_items = 1)]
    scopes: Option<Scopes>,
    #[schema(schema_with = rate_limit)]
    rate_limit: Option<Quota>,
    /// When it ends by itself: a moment to come. Without it, or with `null`, never.
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

/// Creates a key, and shows it for the only time.
///
/// Only operators give a key a limit of its own. A company has a largest number of live keys: beyond it
/// the answer is 409 `limit_reached`. Not safe to repeat: each call creates one; revoke the
/// one whose answer was lost.
#[utoipa::path(
    post,
    path = "/admin/v1/companies/{companyId}/keys",
    operation_id = "createKey",
    params(PathId::<CompanyId>),
    request_body(content = NewApiKey, example = json!({
        "name": "web shop", "scopes": ["contacts:read", "contacts:write"],
    })),
    responses(
        (status = 201, description = "It is created.", body = CreatedKeyResponse,
            headers(("Location")), example = json!(CreatedKeyResponse::sample())),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn create(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathId(company): PathId<CompanyId>,
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
