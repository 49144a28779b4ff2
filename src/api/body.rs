//! The body of a request: JSON text of bounded size.

use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::web::{BytesMut, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::AppState;
use super::error::ApiError;

/// How large a body may be.
pub(super) trait BodyLimit: 'static {
    /// The most bytes.
    const MAX_BYTES: usize;
}

/// One contact: 128 KiB.
pub(super) struct OneContact;

impl BodyLimit for OneContact {
    const MAX_BYTES: usize = 128 * 1024;
}

/// What administrators send: 16 KiB.
pub(super) struct Administrative;

impl BodyLimit for Administrative {
    const MAX_BYTES: usize = 16 * 1024;
}

/// A batch of contacts: 8 MiB.
pub(super) struct ManyContacts;

impl BodyLimit for ManyContacts {
    const MAX_BYTES: usize = 8 * 1024 * 1024;
}

/// The text of one JSON value. Well-formed; nothing else is known of it.
pub(super) struct JsonBody<L> {
    text: String,
    limit: PhantomData<L>,
    _share: Option<OwnedSemaphorePermit>,
}

impl<L> JsonBody<L> {
    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// The memory that all bodies in flight may take together.
pub struct BodyBudget(Arc<Semaphore>);

impl BodyBudget {
    /// A budget of this many KiB.
    #[must_use]
    pub fn new(kibibytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(kibibytes)))
    }

    /// Adds to a body's share what it takes by now, until the share is dropped; refuses rather
    /// than waits. What is only announced takes nothing: else an idle sender could use it all up.
    fn grow(&self, share: &mut Option<OwnedSemaphorePermit>, bytes: usize) -> Result<(), ApiError> {
        let held = share.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = bytes.div_ceil(1024).saturating_sub(held);
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let more = Arc::clone(&self.0)
            .try_acquire_many_owned(missing)
            .map_err(|_| {
                ApiError::Unavailable("the memory for bodies in flight is used up".to_owned())
            })?;
        match share {
            Some(share) => share.merge(more),
            None => *share = Some(more),
        }
        Ok(())
    }
}

impl<L: BodyLimit> FromRequest for JsonBody<L> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let head = check_head::<L>(request);
        let mut payload = payload.take();
        Box::pin(async move {
            let state = head?;
            let mut share = None;
            let reading = read(&mut payload, L::MAX_BYTES, &state.body_budget, &mut share);
            let bytes = tokio::time::timeout(state.request_timeout, reading)
                .await
                .map_err(|_| ApiError::BadRequest("the body did not arrive in time".into()))??;
            let text = String::from_utf8(bytes.into())
                .map_err(|_| ApiError::BadRequest("the body is not valid UTF-8".into()))?;
            // Skips over the text without building anything: depth costs no stack.
            serde_json::from_str::<&RawValue>(&text)
                .map_err(|_| ApiError::BadRequest("the body is not well-formed JSON".into()))?;
            Ok(Self {
                text,
                limit: PhantomData,
                _share: share,
            })
        })
    }
}

/// Everything that can be judged before the body is read.
fn check_head<L: BodyLimit>(request: &HttpRequest) -> Result<Data<AppState>, ApiError> {
    check_media_type(request)?;
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > L::MAX_BYTES) {
        return Err(ApiError::PayloadTooLarge {
            max_bytes: L::MAX_BYTES,
        });
    }
    let state = request.app_data::<Data<AppState>>();
    state
        .cloned()
        .ok_or_else(|| ApiError::Internal("a route without its state".to_owned()))
}

fn check_media_type(request: &HttpRequest) -> Result<(), ApiError> {
    let media_type = request.content_type();
    // What PATCH does is merge (RFC 7396): that form's own name is taken as well.
    let is_json = media_type.eq_ignore_ascii_case("application/json")
        || (request.method() == Method::PATCH
            && media_type.eq_ignore_ascii_case("application/merge-patch+json"));
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

async fn read(
    payload: &mut Payload,
    max_bytes: usize,
    budget: &BodyBudget,
    share: &mut Option<OwnedSemaphorePermit>,
) -> Result<BytesMut, ApiError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => ApiError::PayloadTooLarge { max_bytes },
            _ => ApiError::BadRequest("the body broke off".into()),
        })?;
        let length = bytes.len() + chunk.len();
        if length > max_bytes {
            return Err(ApiError::PayloadTooLarge { max_bytes });
        }
        budget.grow(share, length)?;
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
