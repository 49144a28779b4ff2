//! `POST /admin/v1/login`, `/admin/v1/refresh` and `/admin/v1/logout`

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::ToSchema;

use super::secrets::secret;
use super::tokens::{RefreshRequest, TokenResponse};
use crate::administration::{AdministrationError, Attempt};
use crate::domain::{Email, Password};
use crate::http::openapi::samples;
use crate::http::shared::{Administrative, ApiError, AppState, JsonBody, Reader};

/// The credentials of an administrator.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    email: String,
    #[schema(format = Password)]
    password: String,
}

impl SignIn {
    fn read(text: &str) -> Result<Self, ApiError> {
        let mut reader = Reader::new(text)?;
        let email = reader.required("email", secret);
        let password = reader.required("password", secret);
        let sent = email.zip(password);
        reader.finish_with(sent.map(|(email, password)| Self { email, password }))
    }
}

/// Signs in.
///
/// Send the access token as `Authorization: Bearer …` with all other requests. Sign-in attempts are
/// limited per account and client address, and per client address. Safe to repeat: each request starts a
/// session.
#[utoipa::path(
    post, path = "/admin/v1/login",
    request_body(content = SignIn, example = json!({
        "email": "ada@example.com", "password": "correct horse battery staple",
    })),
    responses(
        (status = 200, description = "The tokens of a new session.", body = TokenResponse,
            example = json!(TokenResponse::sample())),
        (status = 401, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn sign_in(
    state: Data<AppState>,
    request: HttpRequest,
    body: JsonBody<Administrative>,
) -> Result<Json<TokenResponse>, ApiError> {
    let SignIn { email, password } = SignIn::read(body.text())?;
    // A malformed e-mail address or password gets the same response as wrong credentials.
    let attempt = Attempt {
        email: Email::parse(&email).ok(),
        password: Password::parse(&password).ok(),
    };
    let origin = state.origin_of(&request);
    let tokens = state.administration.sign_in(&origin, attempt).await?;
    Ok(Json(tokens.into()))
}

/// Exchanges a refresh token for new tokens.
///
/// A refresh token works once. Reusing it ends the session, because the token may have been stolen. Not
/// safe to repeat: if the response is lost, sign in again.
#[utoipa::path(
    post, path = "/admin/v1/refresh",
    request_body(content = RefreshRequest, example = json!({"refreshToken": samples::TOKEN})),
    responses(
        (status = 200, description = "The new tokens of the session.", body = TokenResponse,
            example = json!(TokenResponse::sample())),
        (status = 401, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn refresh(
    state: Data<AppState>,
    request: HttpRequest,
    body: JsonBody<Administrative>,
) -> Result<Json<TokenResponse>, ApiError> {
    let RefreshRequest { refresh_token } = RefreshRequest::read(body.text())?;
    let origin = state.origin_of(&request);
    let refreshed = state.administration.refresh(&origin, &refresh_token).await;
    let tokens = refreshed.map_err(|error| match error {
        AdministrationError::TokenRefused => ApiError::RefreshRefused,
        other => other.into(),
    })?;
    Ok(Json(tokens.into()))
}

/// Signs out.
///
/// Ends the session of the refresh token. Its access tokens stop working. Safe to repeat: a repeated
/// request changes nothing.
#[utoipa::path(
    post, path = "/admin/v1/logout",
    request_body(content = RefreshRequest, example = json!({"refreshToken": samples::TOKEN})),
    responses((status = 204, description = "The session has ended, or did not exist.")),
)]
pub(in crate::http::admin) async fn sign_out(
    state: Data<AppState>,
    request: HttpRequest,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let RefreshRequest { refresh_token } = RefreshRequest::read(body.text())?;
    let origin = state.origin_of(&request);
    let ended = state.administration.end_session(&origin, &refresh_token);
    ended.await?;
    Ok(HttpResponse::NoContent().finish())
}
