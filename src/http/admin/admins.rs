//! Handlers of administrators.

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use secrecy::ExposeSecret;
use serde::Serialize;

use super::answers::{AdminAnswer, AdminPage};
use super::caller::SignedIn;
use super::document::{ADMINS, ByAdmin};
use super::documented_bodies::NewInvitation;
use super::shown_once::InvitedAdmin;
use super::{bodies, examples};
use crate::administration::Invited;
use crate::domain::{Admin, AdminId};
use crate::http::public::parameters::PageQuery;
use crate::http::shared::body::{Administrative, JsonBody};
use crate::http::shared::error::ApiError;
use crate::http::shared::page::{Page, PageRequest};
use crate::http::shared::path::PathId;
use crate::http::shared::state::AppState;

/// An administrator with the token of an invitation, for the only time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    invitation_token: &'a str,
    #[serde(flatten)]
    admin: &'a Admin,
}

/// Lists administrators.
///
/// In the order of their ids. A company's administrator sees those of their company.
#[utoipa::path(
    get,
    path = "/admin/v1/admins",
    operation_id = "listAdmins",
    tag = ADMINS,
    security(("accessToken" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "A page of administrators.", body = AdminPage,
            example = json!(examples::admins())),
    ),
)]
pub(super) async fn list(
    state: Data<AppState>,
    request: HttpRequest,
    SignedIn(acting): SignedIn,
) -> Result<Json<Page<Admin>>, ApiError> {
    let page = PageRequest::parse(request.query_string(), |_, _| Ok(false))?;
    let after = page.cursor.unwrap_or(0);
    let admins = state
        .administration
        .list_admins(&acting, after, page.fetch())
        .await?;
    let max_bytes = state.max_page_bytes();
    Ok(Json(Page::new(admins, &page, max_bytes, |admin| {
        admin.admin_id.get()
    })?))
}

/// Invites an administrator.
///
/// Hand the token over yourself: it sets the password, once, with `POST /admin/v1/accept-invitation`.
/// Only operators invite operators. An invitation that expired without being accepted does not hold the
/// e-mail address. Safe to repeat: a repeated call answers 409.
#[utoipa::path(
    post,
    path = "/admin/v1/admins",
    operation_id = "inviteAdmin",
    tag = ADMINS,
    security(("accessToken" = [])),
    request_body(content = NewInvitation, example = json!(examples::new_invitation())),
    responses(
        (status = 201, description = "They are invited.", body = InvitedAdmin,
            headers(("Location")), example = json!(examples::invited_admin())),
        (status = 404, description = "See the common errors."),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(super) async fn invite(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let (email, role) = bodies::invitation(body.text())?;
    let invited = state
        .administration
        .invite_admin(&acting, &email, role)
        .await?;
    let path = format!("/admin/v1/admins/{}", invited.admin.admin_id);
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, path));
    Ok(show(response, &invited))
}

/// Reads an administrator.
///
/// With their role, and whether they can sign in.
#[utoipa::path(
    get,
    path = "/admin/v1/admins/{adminId}",
    operation_id = "getAdmin",
    tag = ADMINS,
    security(("accessToken" = [])),
    params(ByAdmin),
    responses(
        (status = 200, description = "The administrator.", body = AdminAnswer,
            example = json!(examples::admin())),
    ),
)]
pub(super) async fn find(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    PathId(id): PathId<AdminId>,
) -> Result<Json<Admin>, ApiError> {
    Ok(Json(state.administration.find_admin(&acting, id).await?))
}

/// Invites an administrator again.
///
/// For who lost the token, which no longer works. Somebody who accepted an earlier invitation and lost
/// the password is invited again by operators alone, and operators by nobody: for them there is
/// `rubrica admin reset-password`. A password in use stays until another one is set. Safe to repeat: each
/// time there is another token.
#[utoipa::path(
    post,
    path = "/admin/v1/admins/{adminId}/invite",
    operation_id = "inviteAdminAgain",
    tag = ADMINS,
    security(("accessToken" = [])),
    params(ByAdmin),
    responses(
        (status = 200, description = "They are invited.", body = InvitedAdmin,
            example = json!(examples::invited_admin())),
    ),
)]
pub(super) async fn invite_again(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    PathId(id): PathId<AdminId>,
) -> Result<HttpResponse, ApiError> {
    let invited = state.administration.invite_again(&acting, id).await?;
    Ok(show(HttpResponse::Ok(), &invited))
}

/// Deletes an administrator who never accepted the invitation.
///
/// Only operators do. The invitation no longer works, and the e-mail address is free. Safe to repeat: a
/// repeated call answers 404.
#[utoipa::path(
    delete,
    path = "/admin/v1/admins/{adminId}",
    operation_id = "deleteAdmin",
    tag = ADMINS,
    security(("accessToken" = [])),
    params(ByAdmin),
    responses(
        (status = 204, description = "They are deleted."),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(super) async fn delete(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    PathId(id): PathId<AdminId>,
) -> Result<HttpResponse, ApiError> {
    state.administration.delete_admin(&acting, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Keeps an administrator out.
///
/// All their sessions end at once. The last operator who can sign in cannot be disabled. Safe to repeat: a
/// repeated call changes nothing.
#[utoipa::path(
    post,
    path = "/admin/v1/admins/{adminId}/disable",
    operation_id = "disableAdmin",
    tag = ADMINS,
    security(("accessToken" = [])),
    params(ByAdmin),
    responses(
        (status = 200, description = "The administrator as they are now.", body = AdminAnswer,
            example = json!(examples::admin())),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(super) async fn disable(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    PathId(id): PathId<AdminId>,
) -> Result<Json<Admin>, ApiError> {
    Ok(Json(state.administration.disable_admin(&acting, id).await?))
}

/// Lets an administrator sign in again.
///
/// Safe to repeat: a repeated call changes nothing.
#[utoipa::path(
    post,
    path = "/admin/v1/admins/{adminId}/enable",
    operation_id = "enableAdmin",
    tag = ADMINS,
    security(("accessToken" = [])),
    params(ByAdmin),
    responses(
        (status = 200, description = "The administrator as they are now.", body = AdminAnswer,
            example = json!(examples::admin())),
    ),
)]
pub(super) async fn enable(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    PathId(id): PathId<AdminId>,
) -> Result<Json<Admin>, ApiError> {
    Ok(Json(state.administration.enable_admin(&acting, id).await?))
}

fn show(mut response: HttpResponseBuilder, invited: &Invited) -> HttpResponse {
    response.json(Shown {
        invitation_token: invited.token.text().expose_secret(),
        admin: &invited.admin,
    })
}
