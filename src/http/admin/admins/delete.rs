//! `DELETE /admin/v1/admins/{adminId}`

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::domain::AdminId;
use crate::http::admin::caller::SignedIn;
use crate::http::shared::{ApiError, AppState, PathValue};

/// Deletes an administrator who never accepted the invitation.
///
/// Only for operators. The invitation stops working, and the e-mail address becomes available. Safe to
/// repeat: a repeated request gets a 404.
#[utoipa::path(
    delete, path = "/admin/v1/admins/{adminId}",
    params(PathValue::<AdminId>),
    responses(
        (status = 204, description = "Administrator deleted."),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn delete_admin(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathValue(id): PathValue<AdminId>,
) -> Result<HttpResponse, ApiError> {
    state.administration.delete_admin(&principal, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
