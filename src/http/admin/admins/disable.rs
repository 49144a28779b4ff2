//! `POST /admin/v1/admins/{adminId}/disable` and `…/enable`

use actix_web::web::{Data, Json};

use super::admin::AdminResponse;
use crate::domain::AdminId;
use crate::http::admin::caller::SignedIn;
use crate::http::shared::{ApiError, AppState, PathValue};

/// Disables an administrator.
///
/// All their sessions end immediately. The last operator who can sign in cannot be disabled. Safe to
/// repeat: a repeated request changes nothing.
#[utoipa::path(
    post, path = "/admin/v1/admins/{adminId}/disable",
    params(PathValue::<AdminId>),
    responses(
        (status = 200, description = "The updated administrator.", body = AdminResponse,
            example = json!(AdminResponse::sample())),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn disable_admin(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathValue(id): PathValue<AdminId>,
) -> Result<Json<AdminResponse>, ApiError> {
    let admin = state.administration.disable_admin(&principal, id).await?;
    Ok(Json(admin.into()))
}

/// Enables an administrator.
///
/// They can sign in again. Safe to repeat: a repeated request changes nothing.
#[utoipa::path(
    post, path = "/admin/v1/admins/{adminId}/enable",
    params(PathValue::<AdminId>),
    responses(
        (status = 200, description = "The updated administrator.", body = AdminResponse,
            example = json!(AdminResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn enable_admin(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathValue(id): PathValue<AdminId>,
) -> Result<Json<AdminResponse>, ApiError> {
    let admin = state.administration.enable_admin(&principal, id).await?;
    Ok(Json(admin.into()))
}
