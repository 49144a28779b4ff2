//! The tokens of a session.

use secrecy::ExposeSecret;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::administration::Tokens;
use crate::ambient;
use crate::domain::{RefreshToken, timestamp};
use crate::http::admin::account::secrets::secret;
use crate::http::openapi::samples;
use crate::http::shared::{ApiError, Reader};

/// The tokens of a session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TokenPair)]
pub(in crate::http::admin) struct TokenResponse {
    /// For the header `Authorization: Bearer …`.
    access_token: String,
    #[schema(pattern = "^Bearer$")]
    token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(minimum = 0)]
    expires_in: i64,
    /// For `POST /admin/v1/refresh`. It works once.
    refresh_token: String,
    /// When the session expires.
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    session_expires_at: OffsetDateTime,
}

impl From<Tokens> for TokenResponse {
    fn from(tokens: Tokens) -> Self {
        let expires_in = tokens.access_expires_at - ambient::now();
        Self {
            access_token: tokens.access_token.text().expose_secret().to_owned(),
            token_type: "Bearer",
            expires_in: expires_in.whole_seconds().max(0),
            refresh_token: tokens.refresh_token.text().expose_secret().to_owned(),
            session_expires_at: tokens.session_expires_at,
        }
    }
}

impl TokenResponse {
    pub(super) fn sample() -> Self {
        Self {
            access_token: "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl".to_owned(),
            token_type: "Bearer",
            expires_in: 300,
            refresh_token: samples::TOKEN.to_owned(),
            session_expires_at: samples::TIMESTAMP,
        }
    }
}

/// A refresh token.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RefreshToken)]
pub(super) struct RefreshRequest {
    #[schema(value_type = String)]
    pub(super) refresh_token: RefreshToken,
}

impl RefreshRequest {
    pub(super) fn read(text: &str) -> Result<Self, ApiError> {
        let mut reader = Reader::new(text)?;
        let token = reader.required("refreshToken", secret);
        reader.finish_with(token.map(|token| Self {
            refresh_token: RefreshToken::presented(token.into()),
        }))
    }
}
