//! `POST /admin/v1/login`, `/admin/v1/refresh` and `/admin/v1/logout`

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use utoipa::ToSchema;

use super::secrets::secret;
use super::tokens::{RefreshRequest, TokenResponse};
use crate::administration::{AdministrationError, Attempt};
use crate::domain::{Email, Password};
use crate::http::admin::caller::ClientOrigin;
use crate::http::openapi::samples;
use crate::http::shared::{Administrative, ApiError, AppState, JsonBody, Reader};

/// Who signs in.
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
/// The access token goes into the header `Authorization: Bearer …` of all other calls. Attempts are
/// limited for each pair of account and client address, and for each address. Safe to repeat: each
/// time a session begins.
#[utoipa::path(
    post,
    path = "/admin/v1/login",
    operation_id = "signIn",
    request_body(content = SignIn, example = json!({
        "email": "ada@example.com", "password": "correct horse battery staple",
    })),
    responses(
        (status = 200, description = "A session.", body = TokenResponse,
            example = json!(TokenResponse::sample())),
        (status = 401, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn sign_in(
    state: Data<AppState>,
    ClientOrigin(origin): ClientOrigin,
    body: JsonBody<Administrative>,
) -> Result<Json<TokenResponse>, ApiError> {
    let SignIn { email, password } = SignIn::read(body.text())?;
    // What is no e-mail address, or could be no password, is as wrong as what is nobody's.
    let attempt = Attempt {
        email: Email::parse(&email).ok(),
        password: Password::parse(&password).ok(),
    };
    let tokens = state.administration.sign_in(&origin, attempt).await?;
    Ok(Json(tokens.into()))
}

/// Uses a refresh token up for the next pair of tokens.
///
/// A refresh token works once. One that comes again was stolen, or is sent by mistake: the session
/// ends. Not safe to repeat: sign in where an answer was lost.
#[utoipa::path(
    post,
    path = "/admin/v1/refresh",
    operation_id = "refresh",
    request_body(content = RefreshRequest, example = json!({"refreshToken": samples::TOKEN})),
    responses(
        (status = 200, description = "The session goes on.", body = TokenResponse,
            example = json!(TokenResponse::sample())),
        (status = 401, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn refresh(
    state: Data<AppState>,
    ClientOrigin(origin): ClientOrigin,
    body: JsonBody<Administrative>,
) -> Result<Json<TokenResponse>, ApiError> {
    let RefreshRequest { refresh_token } = RefreshRequest::read(body.text())?;
    let refreshed = state.administration.refresh(&origin, &refresh_token).await;
    let tokens = refreshed.map_err(|error| match error {
        AdministrationError::TokenRefused => ApiError::RefreshRefused,
        other => other.into(),
    })?;
    Ok(Json(tokens.into()))
}

/// Signs out.
///
/// The session of the refresh token ends, and its access tokens with it. Safe to repeat: a repeated
/// call changes nothing.
#[utoipa::path(
    post,
    path = "/admin/v1/logout",
    operation_id = "signOut",
    request_body(content = RefreshRequest, example = json!({"refreshToken": samples::TOKEN})),
    responses((status = 204, description = "The session has ended, if there was one.")),
)]
pub(in crate::http::admin) async fn sign_out(
    state: Data<AppState>,
    ClientOrigin(origin): ClientOrigin,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let RefreshRequest { refresh_token } = RefreshRequest::read(body.text())?;
    let ended = state.administration.end_session(&origin, &refresh_token);
    ended.await?;
    Ok(HttpResponse::NoContent().finish())
}
