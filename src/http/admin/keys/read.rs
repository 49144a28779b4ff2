//! `GET /admin/v1/companies/{companyId}/keys` and `/admin/v1/keys/{clientId}`

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::key::KeyResponse;
use crate::domain::{ClientId, CompanyId};
use crate::http::admin::caller::SignedIn;
use crate::http::shared::{ApiError, AppState, PathId, PathValue};

/// All keys of a company.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyList)]
pub(in crate::http::admin) struct KeyList {
    data: Vec<KeyResponse>,
}

/// Lists the keys of a company.
///
/// The oldest first, with those that have expired or were revoked.
#[utoipa::path(
    get,
    path = "/admin/v1/companies/{companyId}/keys",
    operation_id = "listKeys",
    params(PathId::<CompanyId>),
    responses(
        (status = 200, description = "All keys.", body = KeyList,
            example = json!(KeyList { data: vec![KeyResponse::sample()] })),
    ),
)]
pub(in crate::http::admin) async fn list(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathId(company): PathId<CompanyId>,
) -> Result<Json<KeyList>, ApiError> {
    let keys = state.administration.list_keys(&principal, company).await?;
    let data = keys.into_iter().map(Into::into).collect();
    Ok(Json(KeyList { data }))
}

/// Reads a key.
///
/// With its scopes, its limit, its state and its last use; never its secret.
#[utoipa::path(
    get,
    path = "/admin/v1/keys/{clientId}",
    operation_id = "getKey",
    params(PathValue::<ClientId>),
    responses(
        (status = 200, description = "The key.", body = KeyResponse,
            example = json!(KeyResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn find(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathValue(client): PathValue<ClientId>,
) -> Result<Json<KeyResponse>, ApiError> {
    let key = state.administration.find_key(&principal, &client).await?;
    Ok(Json(key.into()))
}
