//! The body of a request: JSON text of bounded size.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::web::{BytesMut, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::error::ApiError;
use super::state::AppState;
use crate::administration::AdminPrincipal;
use crate::ambient::{self, request_time};
use crate::auth::Principal;
use crate::fair_share::{BoundReached, FairShares, Holder, Resource, Share};

/// A body and the values parsed from it take at most this many times the size of its text.
const PARSED_FACTOR: usize = 2;
/// How long a body may take before the minimum rate applies.
const RATE_GRACE: Duration = Duration::from_secs(2);

/// The size limit of a body, as a type.
pub(in crate::http) trait BodyLimit: 'static {
    /// The largest body in bytes.
    const MAX_BYTES: usize;
}

/// One contact: 128 KiB.
pub(in crate::http) struct OneContact;

impl BodyLimit for OneContact {
    const MAX_BYTES: usize = 128 * 1024;
}

/// A request of an administrator: 16 KiB.
pub(in crate::http) struct Administrative;

impl BodyLimit for Administrative {
    const MAX_BYTES: usize = 16 * 1024;
}

/// A batch of contacts: 8 MiB.
pub(in crate::http) struct ManyContacts;

impl BodyLimit for ManyContacts {
    const MAX_BYTES: usize = 8 * 1024 * 1024;
}

/// The text of one well-formed JSON value, which is not parsed yet.
pub(in crate::http) struct JsonBody<L> {
    text: String,
    limit: PhantomData<L>,
    _share: Share,
}

impl<L> JsonBody<L> {
    /// The text.
    pub(in crate::http) fn text(&self) -> &str {
        &self.text
    }
}

impl<L: BodyLimit> FromRequest for JsonBody<L> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let head = check_head::<L>(request);
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let (state, content_length) = head?;
            let mut share = BodyShare::new(&state, &request)?;
            let reader = BodyReader {
                payload,
                content_length,
                max_bytes: L::MAX_BYTES,
                timeout: state.request_timeout,
                rate: state.body_rate,
            };
            // The time that a sender takes does not count against the request's time for the database.
            let bytes = request_time::exclude(reader.read(&mut share)).await?;
            let share = share.into_memory();
            let text = String::from_utf8(bytes.into())
                .map_err(|_| ApiError::BadRequest("the body is not valid UTF-8".into()))?;
            // Checks the syntax without building values: deep nesting uses no stack.
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

/// The memory of a body, counted against its sender's share. Only received bytes count, not the
/// `Content-Length`: otherwise an idle sender could use up the share.
struct BodyShare {
    shares: Arc<FairShares>,
    holder: Holder,
    memory: Share,
    /// Held while a company's body is still arriving. Most bodies arrive together with their head.
    upload: Option<Share>,
    factor: usize,
}

impl BodyShare {
    fn new(state: &AppState, request: &HttpRequest) -> Result<Self, ApiError> {
        let extensions = request.extensions();
        let principal = extensions.get::<Arc<Principal>>();
        let admin = extensions
            .get::<Arc<AdminPrincipal>>()
            .and_then(|admin| admin.admin());
        let (holder, resource, factor) = match (principal, admin) {
            (Some(principal), _) => (
                Holder::Company(principal.company),
                Resource::Bodies,
                PARSED_FACTOR,
            ),
            (None, Some(admin)) => (Holder::Admin(admin), Resource::AdminBodies, 1),
            (None, None) => {
                let address = state.trusted_proxies.client_of(request);
                (Holder::Address(address.into()), Resource::OpenBodies, 1)
            }
        };
        let shares = Arc::clone(&state.fair_shares);
        Ok(Self {
            memory: shares.take(holder, resource, 0)?,
            shares,
            holder,
            upload: None,
            factor,
        })
    }

    fn grow(&mut self, bytes: usize) -> Result<(), BoundReached> {
        let kibibytes = (bytes * self.factor).div_ceil(1024);
        self.memory
            .grow_to(u64::try_from(kibibytes).unwrap_or(u64::MAX))
    }

    /// Counts an upload: the body has not arrived completely.
    fn begin_upload(&mut self) -> Result<(), BoundReached> {
        if self.upload.is_none() && matches!(self.holder, Holder::Company(_)) {
            self.upload = Some(self.shares.take(self.holder, Resource::Uploads, 1)?);
        }
        Ok(())
    }

    fn into_memory(self) -> Share {
        self.memory
    }
}

/// Reads a body, which must arrive in time.
struct BodyReader {
    payload: Payload,
    content_length: Option<usize>,
    max_bytes: usize,
    timeout: Duration,
    /// Bytes per second.
    rate: u64,
}

impl BodyReader {
    async fn read(mut self, share: &mut BodyShare) -> Result<BytesMut, ApiError> {
        let start = Instant::from_std(ambient::instant());
        let mut bytes = BytesMut::new();
        loop {
            let next = if let Some(next) = self.payload.next().now_or_never() {
                next
            } else {
                share.begin_upload()?;
                let deadline = start + self.time_for(bytes.len());
                let next = tokio::time::timeout_at(deadline, self.payload.next()).await;
                next.map_err(|_| self.late())?
            };
            let Some(chunk) = next else {
                return Ok(bytes);
            };
            let chunk = chunk.map_err(|error| match error {
                PayloadError::Overflow => self.too_large(),
                _ => ApiError::BadRequest("the body broke off".into()),
            })?;
            let length = bytes.len() + chunk.len();
            if length > self.max_bytes {
                return Err(self.too_large());
            }
            share.grow(length)?;
            self.reserve(&mut bytes, length);
            bytes.extend_from_slice(&chunk);
        }
    }

    /// The time by which the next byte must arrive after this many bytes.
    fn time_for(&self, bytes: usize) -> Duration {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let by_rate = RATE_GRACE + Duration::from_millis(bytes.saturating_mul(1000) / self.rate);
        by_rate.min(self.timeout)
    }

    /// Reserves memory for the whole body once an eighth has arrived: a growing body is not copied
    /// repeatedly, and a false `Content-Length` reserves little.
    fn reserve(&self, bytes: &mut BytesMut, length: usize) {
        if let Some(expected) = self.content_length
            && bytes.capacity() < expected
            && length >= expected / 8
        {
            bytes.reserve(expected - bytes.len());
        }
    }

    fn late(&self) -> ApiError {
        let message = format!(
            "the body did not arrive in time: send it within {} s, at {} KiB/s or more",
            self.timeout.as_secs(),
            self.rate / 1024
        );
        ApiError::BadRequest(message.into())
    }

    const fn too_large(&self) -> ApiError {
        ApiError::PayloadTooLarge {
            max_bytes: self.max_bytes,
        }
    }
}

/// Checks the headers before the body is read. Returns the `Content-Length`.
fn check_head<L: BodyLimit>(
    request: &HttpRequest,
) -> Result<(Data<AppState>, Option<usize>), ApiError> {
    check_media_type(request)?;
    let content_length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if content_length.is_some_and(|length| length > L::MAX_BYTES) {
        return Err(ApiError::PayloadTooLarge {
            max_bytes: L::MAX_BYTES,
        });
    }
    let state = request.app_data::<Data<AppState>>().cloned();
    let state = state.ok_or_else(|| ApiError::Internal("a route without its state".to_owned()))?;
    Ok((state, content_length))
}

fn check_media_type(request: &HttpRequest) -> Result<(), ApiError> {
    let media_type = request.content_type();
    // PATCH merges, so it also accepts the media type of merge patches (RFC 7396).
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
