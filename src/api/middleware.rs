//! What happens to every request for a resource before its handler: readiness, authentication,
//! rate limit; and what happens to one whose handler panics.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest, ResponseError};
use futures_util::FutureExt;
use tracing::{Instrument, debug_span};

use super::AppState;
use super::error::{ApiError, whole_seconds};
use super::field_error::FieldError;
use crate::ambient;
use crate::auth::{AuthError, Principal};
use crate::domain::AddressGroup;
use crate::limits::Decision;

pub(super) type Answer = Result<ServiceResponse, Error>;

/// Answers 503 until the schema fits.
pub(super) async fn refuse_unless_ready(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    if !state.readiness.can_serve() {
        let error = ApiError::Unavailable("the schema is not ready".to_owned());
        return Ok(refuse(request, error));
    }
    pass(request, next).await
}

/// Turns the bearer token into a [`Principal`], or answers 401; 429 to an address that fails too
/// often. A good key is never refused for what others at its address do.
pub(super) async fn authenticate(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    let header = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let authenticated = state.authenticator.authenticate(header);
    match authenticated.instrument(debug_span!("authenticate")).await {
        Ok(principal) => {
            request.extensions_mut().insert(Arc::new(principal));
            pass(request, next).await
        }
        Err(AuthError::Rejected) => {
            state.metrics.keys.refused();
            let client = AddressGroup::from(state.trusted_proxies.client_of(request.request()));
            let decision = state.failures.take(&client, state.failure_quota, 1);
            let error = if decision.is_allowed {
                ApiError::Unauthorized
            } else {
                rate_limited(&decision)
            };
            Ok(refuse(request, error))
        }
        Err(error) => Ok(refuse(request, error.into())),
    }
}

/// What a handler took from the limit by itself, with [`charge`].
struct Charged(Decision);

/// Takes one from the key's limit, and says on every answer what is left of it.
pub(super) async fn limit_rate(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    limit(&state, request, next, 1).await
}

/// As [`limit_rate`], for a handler that takes what its call costs once it knows: here nothing is
/// taken, but a key with nothing left is refused before its body is read.
pub(super) async fn require_rate(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    limit(&state, request, next, 0).await
}

async fn limit(
    state: &AppState,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    cost: u32,
) -> Answer {
    let principal = request.extensions().get::<Arc<Principal>>().map(Arc::clone);
    let Some(principal) = principal else {
        let error = ApiError::Internal("a limit before authentication".to_owned());
        return Ok(refuse(request, error));
    };
    let decision = state
        .limiter
        .take(&principal.client, principal.quota, cost)
        .instrument(debug_span!("rate_limit"));
    let mut decision = match decision.await {
        Ok(decision) => decision,
        Err(error) => return Ok(refuse(request, error.into())),
    };
    let mut response = if decision.is_allowed {
        pass(request, next).await?
    } else {
        refuse(request, rate_limited(&decision))
    };
    if let Some(Charged(charged)) = response.request().extensions().get() {
        decision = *charged;
    }
    announce(response.headers_mut(), &decision);
    Ok(response)
}

/// Takes `cost` from the key's limit, all or nothing.
pub(super) async fn charge(
    state: &AppState,
    request: &HttpRequest,
    principal: &Principal,
    cost: u32,
) -> Result<(), ApiError> {
    let decision = state
        .limiter
        .take(&principal.client, principal.quota, cost)
        .await?;
    request.extensions_mut().insert(Charged(decision));
    let quota = state.limiter.quota_of(principal.quota);
    if cost > quota.limit() {
        let reason = format!(
            "cost {cost} requests, more than this key's limit of {} ever allows: send fewer at once",
            quota.limit()
        );
        return Err(ApiError::Invalid(vec![FieldError::new(
            "contacts", &reason,
        )]));
    }
    if decision.is_allowed {
        Ok(())
    } else {
        Err(rate_limited(&decision))
    }
}

/// Answers 500 where something within panics; the panic hook has logged where.
pub(super) async fn recover(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    let head = request.request().clone();
    // What a handler leaves behind is its own: shared state is behind locks that say so.
    AssertUnwindSafe(pass(request, next))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| {
            let error = ApiError::Internal("a handler panicked".to_owned());
            Ok(ServiceResponse::new(head, error.error_response()))
        })
}

pub(super) async fn pass(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    Ok(next.call(request).await?.map_into_boxed_body())
}

pub(super) fn refuse(request: ServiceRequest, error: ApiError) -> ServiceResponse {
    request.error_response(error)
}

pub(super) fn rate_limited(decision: &Decision) -> ApiError {
    ApiError::RateLimited {
        quota: decision.quota,
        retry_after: decision.retry_after,
    }
}

/// `RateLimit` and `RateLimit-Policy` as the IETF drafts them, and the older `X-RateLimit-…`.
pub(super) fn announce(headers: &mut HeaderMap, decision: &Decision) {
    let Decision {
        quota,
        remaining,
        full_in,
        ..
    } = *decision;
    let limit = quota.limit();
    let reset = ambient::now() + full_in;
    let reset = reset.unix_timestamp() + i64::from(reset.nanosecond() > 0);
    let full_in = if full_in.is_zero() {
        0
    } else {
        whole_seconds(full_in)
    };
    let window = whole_seconds(quota.window());
    let fields = [
        (
            "ratelimit-policy",
            format!("\"default\";q={limit};w={window}"),
        ),
        (
            "ratelimit",
            format!("\"default\";r={remaining};t={full_in}"),
        ),
        ("x-ratelimit-limit", limit.to_string()),
        ("x-ratelimit-remaining", remaining.to_string()),
        ("x-ratelimit-reset", reset.to_string()),
    ];
    for (name, value) in fields {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
    use actix_web::{App, HttpResponse, web};
    use serde_json::Value;

    use super::recover;

    async fn panicking() -> HttpResponse {
        panic!("what a handler never should do")
    }

    #[actix_web::test]
    async fn a_panic_is_answered_with_500_and_says_nothing_of_itself() {
        let route = web::get().to(panicking).wrap(from_fn(recover));
        let app = init_service(App::new().route("/", route)).await;

        let response = call_service(&app, TestRequest::get().uri("/").to_request()).await;

        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body: Value = read_body_json(response).await;
        assert_eq!(body["error"]["code"], "internal_error");
        assert!(!body.to_string().contains("never should do"));
    }
}
