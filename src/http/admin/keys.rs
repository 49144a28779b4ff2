//! Handlers of API keys.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json};
use secrecy::ExposeSecret;
use serde::Serialize;

use super::answers::{ApiKeyAnswer, ApiKeyList};
use super::caller::SignedIn;
use super::documented_bodies::{ApiKeyUpdate, KeyRotation, NewApiKey};
use super::parameters::{ByClient, ByCompany};
use super::shown_once::{CreatedApiKey, RotatedApiKey};
use super::tags::KEYS;
use super::{bodies, examples};
use crate::administration::CreatedKey;
use crate::domain::{ApiKey, ApiKeyChange, ClientId, CompanyId};
use crate::http::shared::body::{Administrative, JsonBody};
use crate::http::shared::error::ApiError;
use crate::http::shared::path::{PathId, PathValue};
use crate::http::shared::state::AppState;

/// All keys of a company.
#[derive(Serialize)]
pub(super) struct Keys {
    data: Vec<ApiKey>,
}

/// A key with its token, for the only time; and the one in whose place it was made.
#[derive(Serialize)]
struct Shown<'a> {
    key: &'a str,
    #[serde(flatten)]
    rest: &'a ApiKey,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<&'a ApiKey>,
}

/// Lists the keys of a company.
///
/// The oldest first, with those that have expired or were revoked.
#[utoipa::path(
    get,
    path = "/admin/v1/companies/{companyId}/keys",
    operation_id = "listKeys",
    tag = KEYS,
    security(("accessToken" = [])),
    params(ByCompany),
    responses(
        (status = 200, description = "All keys.", body = ApiKeyList,
            example = json!(examples::keys())),
    ),
)]
pub(super) async fn list(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    PathId(company): PathId<CompanyId>,
) -> Result<Json<Keys>, ApiError> {
    let data = state.administration.list_keys(&acting, company).await?;
    Ok(Json(Keys { data }))
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
    tag = KEYS,
    security(("accessToken" = [])),
    params(ByCompany),
    request_body(content = NewApiKey, example = json!(examples::new_key())),
    responses(
        (status = 201, description = "It is created.", body = CreatedApiKey, headers(("Location")),
            example = json!(examples::created_key())),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(super) async fn create(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    PathId(company): PathId<CompanyId>,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let key = bodies::new_key(body.text())?;
    let created = state
        .administration
        .create_key(&acting, company, key)
        .await?;
    Ok(show(&created, None))
}

/// Reads a key.
///
/// With its scopes, its limit, its state and its last use; never its secret.
#[utoipa::path(
    get,
    path = "/admin/v1/keys/{clientId}",
    operation_id = "getKey",
    tag = KEYS,
    security(("accessToken" = [])),
    params(ByClient),
    responses(
        (status = 200, description = "The key.", body = ApiKeyAnswer, example = json!(examples::key())),
    ),
)]
pub(super) async fn find(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    PathValue(client): PathValue<ClientId>,
) -> Result<Json<ApiKey>, ApiError> {
    Ok(Json(state.administration.find_key(&acting, &client).await?))
}

/// Changes a key.
///
/// Only what is sent changes. Only operators set limits. Acts on all replicas within a second. Safe to
/// repeat: a repeated change finds its values there already.
#[utoipa::path(
    patch,
    path = "/admin/v1/keys/{clientId}",
    operation_id = "updateKey",
    tag = KEYS,
    security(("accessToken" = [])),
    params(ByClient),
    request_body(content = ApiKeyUpdate, example = json!(examples::key_update())),
    responses(
        (status = 200, description = "The key as it is now.", body = ApiKeyAnswer,
            example = json!(examples::key())),
    ),
)]
pub(super) async fn update(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    PathValue(client): PathValue<ClientId>,
    body: JsonBody<Administrative>,
) -> Result<Json<ApiKey>, ApiError> {
    let change = bodies::key_change(body.text())?;
    let key = state.administration.change_key(&acting, &client, &change);
    Ok(Json(key.await?))
}

/// Ends a key for good.
///
/// It stops working on all replicas within a second. Safe to repeat: a repeated call changes nothing.
#[utoipa::path(
    post,
    path = "/admin/v1/keys/{clientId}/revoke",
    operation_id = "revokeKey",
    tag = KEYS,
    security(("accessToken" = [])),
    params(ByClient),
    responses(
        (status = 200, description = "The key as it is now.", body = ApiKeyAnswer,
            example = json!(examples::key())),
    ),
)]
pub(super) async fn revoke(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    PathValue(client): PathValue<ClientId>,
) -> Result<Json<ApiKey>, ApiError> {
    let key = state
        .administration
        .change_key(&acting, &client, &ApiKeyChange::Revoke);
    Ok(Json(key.await?))
}

/// Makes a key in the place of one, and shows it for the only time.
///
/// Name, scopes, limit and end stay. Both keys work for `graceDays`, but not beyond the old one's end;
/// without a day of grace it is revoked. Not safe to repeat: a repeated call answers 409; where an answer
/// was lost, rotate the key that `replacedBy` names.
#[utoipa::path(
    post,
    path = "/admin/v1/keys/{clientId}/rotate",
    operation_id = "rotateKey",
    tag = KEYS,
    security(("accessToken" = [])),
    params(ByClient),
    request_body(content = KeyRotation, example = json!(examples::key_rotation())),
    responses(
        (status = 201, description = "It is made.", body = RotatedApiKey, headers(("Location")),
            example = json!(examples::rotated_key())),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(super) async fn rotate(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    PathValue(client): PathValue<ClientId>,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let grace = bodies::rotation(body.text())?;
    let rotated = state
        .administration
        .rotate_key(&acting, &client, grace)
        .await?;
    Ok(show(&rotated.successor, Some(&rotated.replaced)))
}

fn show(created: &CreatedKey, replaces: Option<&ApiKey>) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((
            LOCATION,
            format!("/admin/v1/keys/{}", created.key.client_id),
        ))
        .json(Shown {
            key: created.token.expose_secret(),
            rest: &created.key,
            replaces,
        })
}
