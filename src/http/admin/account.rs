//! Handlers of signing in and of one's own account.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use secrecy::ExposeSecret;
use serde::Serialize;
use time::OffsetDateTime;

use super::answers::{Me, TokenPair};
use super::caller::{From, SignedIn};
use super::document::ACCOUNT;
use super::documented_bodies::{AcceptInvitation, ChangePassword, RefreshToken, SignIn};
use super::{bodies, examples};
use crate::administration::{AdministrationError, Tokens};
use crate::ambient;
use crate::domain::{Role, timestamp};
use crate::http::shared::body::{Administrative, JsonBody};
use crate::http::shared::error::ApiError;
use crate::http::shared::field_error::FieldError;
use crate::http::shared::state::AppState;

/// Signs in.
///
/// The access token goes into the header `Authorization: Bearer …` of all other calls. Attempts are
/// limited for each pair of account and client address, and for each address. Safe to repeat: each
/// time a session begins.
#[utoipa::path(
    post,
    path = "/admin/v1/login",
    operation_id = "signIn",
    tag = ACCOUNT,
    request_body(content = SignIn, example = json!(examples::sign_in())),
    responses(
        (status = 200, description = "A session.", body = TokenPair,
            example = json!(examples::tokens())),
        (status = 401, description = "See the common errors."),
    ),
)]
pub(super) async fn sign_in(
    state: Data<AppState>,
    From(origin): From,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let attempt = bodies::sign_in(body.text())?;
    let tokens = state.administration.sign_in(&origin, attempt).await?;
    Ok(answer(&tokens))
}

/// Uses a refresh token up for the next pair of tokens.
///
/// A refresh token works once. One that comes again was stolen, or is sent by mistake: the session
/// ends. Not safe to repeat: sign in where an answer was lost.
#[utoipa::path(
    post,
    path = "/admin/v1/refresh",
    operation_id = "refresh",
    tag = ACCOUNT,
    request_body(content = RefreshToken, example = json!(examples::refresh_token())),
    responses(
        (status = 200, description = "The session goes on.", body = TokenPair,
            example = json!(examples::tokens())),
        (status = 401, description = "See the common errors."),
    ),
)]
pub(super) async fn refresh(
    state: Data<AppState>,
    From(origin): From,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let token = bodies::refresh_token(body.text())?;
    let refreshed = state.administration.refresh(&origin, &token).await;
    let tokens = refreshed.map_err(|error| match error {
        AdministrationError::TokenRefused => ApiError::RefreshRefused,
        other => other.into(),
    })?;
    Ok(answer(&tokens))
}

/// Signs out.
///
/// The session of the refresh token ends, and its access tokens with it. Safe to repeat: a repeated
/// call changes nothing.
#[utoipa::path(
    post,
    path = "/admin/v1/logout",
    operation_id = "signOut",
    tag = ACCOUNT,
    request_body(content = RefreshToken, example = json!(examples::refresh_token())),
    responses((status = 204, description = "The session has ended, if there was one.")),
)]
pub(super) async fn sign_out(
    state: Data<AppState>,
    From(origin): From,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let token = bodies::refresh_token(body.text())?;
    state.administration.end_session(&origin, &token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Accepts an invitation.
///
/// Sets the password of whoever was invited, and ends all their sessions. Safe to repeat: a token
/// works once, a repeated call is refused.
#[utoipa::path(
    post,
    path = "/admin/v1/accept-invitation",
    operation_id = "acceptInvitation",
    tag = ACCOUNT,
    request_body(content = AcceptInvitation, example = json!(examples::accept_invitation())),
    responses((status = 204, description = "The password is set: sign in with it.")),
)]
pub(super) async fn accept_invitation(
    state: Data<AppState>,
    From(origin): From,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let (token, password) = bodies::accept_invitation(body.text())?;
    let accepted = state
        .administration
        .accept_invitation(&origin, &token, &password);
    accepted.await.map_err(|error| match error {
        AdministrationError::TokenRefused => {
            let reason = "is unknown, used or expired: ask for another invitation";
            ApiError::Invalid(vec![FieldError::new("token", reason)])
        }
        other => other.into(),
    })?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who is signed in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    admin_id: Option<crate::domain::AdminId>,
    email: Option<String>,
    role: Role,
    company_id: Option<crate::domain::CompanyId>,
}

/// Tells who is signed in.
///
/// And what they may reach: all companies, or one.
#[utoipa::path(
    get,
    path = "/admin/v1/me",
    operation_id = "getMe",
    tag = ACCOUNT,
    security(("accessToken" = [])),
    responses(
        (status = 200, description = "The administrator.", body = Me, example = json!(examples::me())),
    ),
)]
pub(super) async fn me(SignedIn(acting): SignedIn) -> Json<Account> {
    Json(Account {
        admin_id: acting.admin(),
        email: acting.email().map(str::to_owned),
        role: acting.role(),
        company_id: acting.role().company(),
    })
}

/// Changes one's own password.
///
/// All one's sessions end, this one too: sign in with the new password. Safe to repeat: a repeated
/// call is answered with 401.
#[utoipa::path(
    post,
    path = "/admin/v1/me/password",
    operation_id = "changePassword",
    tag = ACCOUNT,
    security(("accessToken" = [])),
    request_body(content = ChangePassword, example = json!(examples::change_password())),
    responses((status = 204, description = "The password is set.")),
)]
pub(super) async fn change_password(
    state: Data<AppState>,
    SignedIn(acting): SignedIn,
    From(origin): From,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let (current, new) = bodies::change_password(body.text())?;
    let current = current.ok_or(AdministrationError::WrongPassword)?;
    state
        .administration
        .change_own_password(&acting, &origin, &current, &new)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pair<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    refresh_token: &'a str,
    #[serde(serialize_with = "timestamp::serialize")]
    session_expires_at: OffsetDateTime,
}

fn answer(tokens: &Tokens) -> HttpResponse {
    let expires_in = tokens.access_expires_at - ambient::now();
    HttpResponse::Ok().json(Pair {
        access_token: tokens.access_token.text().expose_secret(),
        token_type: "Bearer",
        expires_in: expires_in.whole_seconds().max(0),
        refresh_token: tokens.refresh_token.text().expose_secret(),
        session_expires_at: tokens.session_expires_at,
    })
}
