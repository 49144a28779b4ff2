//! `DELETE /admin/v1/admins/{adminId}`

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::domain::AdminId;
use crate::http::admin::caller::SignedIn;
use crate::http::shared::{ApiError, AppState, PathId};

/// Deletes an administrator who never accepted the invitation.
///
/// Only operators do. The invitation no longer works, and the e-mail address is free. Safe to repeat: a
/// repeated call answers 404.
#[utoipa::path(
    delete,
    path = "/admin/v1/admins/{adminId}",
    operation_id = "deleteAdmin",
    params(PathId::<AdminId>),
    responses(
        (status = 204, description = "They are deleted."),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn delete(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathId(id): PathId<AdminId>,
) -> Result<HttpResponse, ApiError> {
    state.administration.delete_admin(&principal, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
