//! `PATCH /admin/v1/keys/{clientId}` and `POST /admin/v1/keys/{clientId}/revoke`

use actix_web::web::{Data, Json};
use utoipa::ToSchema;

use super::key::KeyResponse;
use super::scopes::scopes;
use crate::domain::{ApiKeyChange, ClientId, Label, Quota, Scope, Scopes};
use crate::http::admin::caller::SignedIn;
use crate::http::admin::schemas::{optional_name, rate_limit};
use crate::http::shared::{
    Administrative, ApiError, AppState, JsonBody, PathValue, Reader, parsed, parsed_label,
};

/// A change of a key. A field that is absent or `null` stays unchanged, except `rateLimit`, which `null`
/// resets.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ApiKeyUpdate {
    #[schema(schema_with = optional_name)]
    name: Option<Label>,
    /// Replaces all scopes of the key.
    #[schema(value_type = Option<Vec<Scope>>, min_items = 1)]
    scopes: Option<Scopes>,
    #[schema(schema_with = rate_limit)]
    rate_limit: Option<Option<Quota>>,
}

impl ApiKeyUpdate {
    fn read(text: &str) -> Result<ApiKeyChange, ApiError> {
        let mut reader = Reader::new(text)?;
        let sent = Self {
            name: reader.optional("name", parsed_label),
            rate_limit: reader.resettable("rateLimit", parsed),
            scopes: reader.optional("scopes", scopes),
        };
        reader.finish_with(Some(ApiKeyChange::Update {
            name: sent.name,
            rate_limit: sent.rate_limit,
            scopes: sent.scopes,
        }))
    }
}

/// Updates a key.
///
/// Only the sent fields change. Only operators can set a limit. The change takes effect on all replicas
/// within a second. Safe to repeat: a repeated request changes nothing.
#[utoipa::path(
    patch, path = "/admin/v1/keys/{clientId}",
    params(PathValue::<ClientId>),
    request_body(content = ApiKeyUpdate,
        example = json!({"name": "mobile shop", "rateLimit": "1200/60s"})),
    responses(
        (status = 200, description = "The updated key.", body = KeyResponse,
            example = json!(KeyResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn update_key(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathValue(client): PathValue<ClientId>,
    body: JsonBody<Administrative>,
) -> Result<Json<KeyResponse>, ApiError> {
    let change = ApiKeyUpdate::read(body.text())?;
    let key = state
        .administration
        .change_key(&principal, &client, &change);
    Ok(Json(key.await?.into()))
}

/// Revokes a key.
///
/// The key permanently stops working on all replicas within a second. Safe to repeat: a repeated request
/// changes nothing.
#[utoipa::path(
    post, path = "/admin/v1/keys/{clientId}/revoke",
    params(PathValue::<ClientId>),
    responses(
        (status = 200, description = "The updated key.", body = KeyResponse,
            example = json!(KeyResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn revoke_key(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathValue(client): PathValue<ClientId>,
) -> Result<Json<KeyResponse>, ApiError> {
    let key = state
        .administration
        .change_key(&principal, &client, &ApiKeyChange::Revoke);
    Ok(Json(key.await?.into()))
}
