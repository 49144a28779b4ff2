//! `POST /admin/v1/accept-invitation` and `/admin/v1/me/password`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::ToSchema;

use super::secrets::{new_password, secret};
use crate::administration::AdministrationError;
use crate::domain::{InvitationToken, Password};
use crate::http::admin::caller::SignedIn;
use crate::http::admin::schemas::password;
use crate::http::openapi::samples;
use crate::http::shared::{Administrative, ApiError, AppState, FieldError, JsonBody, Reader};

/// An invitation token and the password to set.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptInvitation {
    #[schema(value_type = String)]
    token: InvitationToken,
    #[schema(schema_with = password)]
    password: Password,
}

impl AcceptInvitation {
    fn read(text: &str) -> Result<Self, ApiError> {
        let mut reader = Reader::new(text)?;
        let token = reader.required("token", secret);
        let token = token.map(|token| InvitationToken::presented(token.into()));
        let password = reader.required("password", new_password);
        let sent = token.zip(password);
        reader.finish_with(sent.map(|(token, password)| Self { token, password }))
    }
}

/// Accepts an invitation.
///
/// Sets the password of the invited administrator and ends all their sessions. Safe to repeat: the token
/// works once, and a repeated request is rejected.
#[utoipa::path(
    post, path = "/admin/v1/accept-invitation",
    request_body(content = AcceptInvitation, example = json!({
        "token": samples::INVITATION_TOKEN, "password": "another horse, another battery",
    })),
    responses((status = 204, description = "The password was set. Sign in with it.")),
)]
pub(in crate::http::admin) async fn accept_invitation(
    state: Data<AppState>,
    request: HttpRequest,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let AcceptInvitation { token, password } = AcceptInvitation::read(body.text())?;
    let origin = state.origin_of(&request);
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

/// The current password and the new one.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangePassword {
    #[schema(format = Password)]
    current_password: String,
    #[schema(schema_with = password)]
    new_password: Password,
}

impl ChangePassword {
    fn read(text: &str) -> Result<Self, ApiError> {
        let mut reader = Reader::new(text)?;
        let current = reader.required("currentPassword", secret);
        let new = reader.required("newPassword", new_password);
        let sent = current.zip(new);
        reader.finish_with(sent.map(|(current_password, new_password)| Self {
            current_password,
            new_password,
        }))
    }
}

/// Changes the password of the current administrator.
///
/// All their sessions end, including this one: sign in with the new password. Safe to repeat: a repeated
/// request gets a 401.
#[utoipa::path(
    post, path = "/admin/v1/me/password",
    request_body(content = ChangePassword, example = json!({
        "currentPassword": "correct horse battery staple",
        "newPassword": "another horse, another battery",
    })),
    responses((status = 204, description = "The password was changed.")),
)]
pub(in crate::http::admin) async fn change_password(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    request: HttpRequest,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let sent = ChangePassword::read(body.text())?;
    // A text that cannot be a password is not the current password.
    let current =
        Password::parse(&sent.current_password).map_err(|_| AdministrationError::WrongPassword)?;
    let origin = state.origin_of(&request);
    state
        .administration
        .change_own_password(&principal, &origin, &current, &sent.new_password)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
