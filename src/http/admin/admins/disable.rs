//! `POST /admin/v1/admins/{adminId}/disable` and `…/enable`

use actix_web::web::{Data, Json};

use super::admin::AdminResponse;
use crate::domain::AdminId;
use crate::http::admin::caller::SignedIn;
use crate::http::shared::{ApiError, AppState, PathId};

/// Keeps an administrator out.
///
/// All their sessions end at once. The last operator who can sign in cannot be disabled. Safe to repeat: a
/// repeated call changes nothing.
#[utoipa::path(
    post,
    path = "/admin/v1/admins/{adminId}/disable",
    operation_id = "disableAdmin",
    params(PathId::<AdminId>),
    responses(
        (status = 200, description = "The administrator as they are now.", body = AdminResponse,
            example = json!(AdminResponse::sample())),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn disable(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathId(id): PathId<AdminId>,
) -> Result<Json<AdminResponse>, ApiError> {
    let admin = state.administration.disable_admin(&principal, id).await?;
    Ok(Json(admin.into()))
}

/// Lets an administrator sign in again.
///
/// Safe to repeat: a repeated call changes nothing.
#[utoipa::path(
    post,
    path = "/admin/v1/admins/{adminId}/enable",
    operation_id = "enableAdmin",
    params(PathId::<AdminId>),
    responses(
        (status = 200, description = "The administrator as they are now.", body = AdminResponse,
            example = json!(AdminResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn enable(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathId(id): PathId<AdminId>,
) -> Result<Json<AdminResponse>, ApiError> {
    let admin = state.administration.enable_admin(&principal, id).await?;
    Ok(Json(admin.into()))
}
