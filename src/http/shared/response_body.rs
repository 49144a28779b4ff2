//! Writes large responses in chunks and counts their memory until the client has read them.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Bytes;

use super::error::ApiError;
use super::middleware::MiddlewareResult;
use super::state::AppState;
use crate::fair_share::{Holder, Resource, Share};

/// The size of a chunk. An HTTP connection copies each chunk into a buffer; smaller responses fit into
/// the kernel's buffer of the connection.
const CHUNK_BYTES: u64 = 32 * 1024;

/// The bytes of a response that are not written yet, and its share of the memory for responses.
struct Chunks {
    rest: Bytes,
    _share: Option<Share>,
}

impl MessageBody for Chunks {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let chunk = usize::try_from(CHUNK_BYTES).unwrap_or(usize::MAX);
        let length = self.rest.len().min(chunk);
        Poll::Ready((length > 0).then(|| Ok(self.rest.split_to(length))))
    }
}

/// Writes a large response in chunks.
pub(super) async fn write_in_chunks(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> MiddlewareResult {
    let response = next.call(request).await?;
    Ok(response.map_body(|_, body| in_chunks(body, None)))
}

/// Counts a large response against its holder's share until the client has read it. Beyond the share, a
/// safe request is refused; any other request has made its change, so its response is returned.
pub(in crate::http) fn hold(
    state: &AppState,
    holder: Holder,
    response: ServiceResponse,
) -> ServiceResponse {
    let BodySize::Sized(bytes @ CHUNK_BYTES..) = response.response().body().size() else {
        return response;
    };
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        // A streamed body is counted already.
        Err(body) => return ServiceResponse::new(request, response.set_body(body)),
    };
    let kibibytes = bytes.div_ceil(1024);
    let shares = &state.fair_shares;
    let share = if request.method().is_safe() {
        match shares.take(holder, Resource::Answers, kibibytes) {
            Ok(share) => share,
            Err(bound) => return ServiceResponse::from_err(ApiError::from(bound), request),
        }
    } else {
        shares.count(holder, Resource::Answers, kibibytes)
    };
    let body = in_chunks(BoxBody::new(body), Some(share));
    ServiceResponse::new(request, response.set_body(body))
}

/// Writes a large body in chunks, and releases the share when the last one is written.
pub(in crate::http) fn in_chunks(body: BoxBody, share: Option<Share>) -> BoxBody {
    let BodySize::Sized(bytes @ CHUNK_BYTES..) = body.size() else {
        return body;
    };
    match body.try_into_bytes() {
        Ok(rest) => {
            let share = share.map(|mut share| {
                share.shrink_to(bytes.div_ceil(1024));
                share
            });
            BoxBody::new(Chunks {
                rest,
                _share: share,
            })
        }
        Err(body) => body,
    }
}
