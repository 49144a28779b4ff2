//! The body of a request: JSON text of bounded size.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::web::{BytesMut, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde_json::value::RawValue;

use super::AppState;
use super::error::ApiError;

/// The largest body, in bytes.
const MAX_BYTES: usize = 128 * 1024;

/// The text of one JSON value. Well-formed; nothing else is known of it.
pub(super) struct JsonBody(String);

impl JsonBody {
    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl FromRequest for JsonBody {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let timeout = request
            .app_data::<Data<AppState>>()
            .map_or(Duration::MAX, |state| state.request_timeout);
        let media_type = check_media_type(request);
        let mut payload = payload.take();
        Box::pin(async move {
            media_type?;
            let bytes = tokio::time::timeout(timeout, read(&mut payload))
                .await
                .map_err(|_| ApiError::BadRequest("the body did not arrive in time".into()))??;
            let text = String::from_utf8(bytes.into())
                .map_err(|_| ApiError::BadRequest("the body is not valid UTF-8".into()))?;
            // Skips over the text without building anything: depth costs no stack.
            serde_json::from_str::<&RawValue>(&text)
                .map_err(|_| ApiError::BadRequest("the body is not well-formed JSON".into()))?;
            Ok(Self(text))
        })
    }
}

fn check_media_type(request: &HttpRequest) -> Result<(), ApiError> {
    let is_json = request
        .content_type()
        .eq_ignore_ascii_case("application/json");
    let is_encoded = request
        .headers()
        .get(CONTENT_ENCODING)
        .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if is_json && !is_encoded {
        Ok(())
    } else {
        Err(ApiError::UnsupportedMediaType)
    }
}

async fn read(payload: &mut Payload) -> Result<BytesMut, ApiError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => ApiError::PayloadTooLarge,
            _ => ApiError::BadRequest("the body broke off".into()),
        })?;
        if bytes.len() + chunk.len() > MAX_BYTES {
            return Err(ApiError::PayloadTooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
