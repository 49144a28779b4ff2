//! What happens to every request for a resource before its handler: readiness, authentication,
//! rate limit; and what happens to one whose handler panics.

use std::fmt::Write;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest, ResponseError};
use futures_util::FutureExt;
use tracing::{Instrument, debug_span};

use super::answer_body::hold;
use super::error::ApiError;
use super::field_error::FieldError;
use super::state::AppState;
use crate::ambient;
use crate::auth::{AuthError, Principal};
use crate::domain::{ClientNetwork, CompanyId, KeyAndCompany};
use crate::fair_share::Holder;
use crate::limits::{Cost, Decision, LimiterUnavailable};
use crate::retry_after::{Wait, whole_seconds};

/// The names of the limits in `RateLimit`.
const DEFAULT: &str = "default";
const COMPANY: &str = "company";

pub(in crate::http) type Answer = Result<ServiceResponse, Error>;

/// Answers 503 until the schema fits.
pub(in crate::http) async fn refuse_unless_ready(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    if let Err(unavailable) = state.readiness.check() {
        return Ok(refuse(request, unavailable.into()));
    }
    call_next(request, next).await
}

/// Turns the bearer token into a [`Principal`], or answers 401; 429 to an address that fails too
/// often. A good key is never refused for what others at its address do.
pub(in crate::http) async fn authenticate(
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
            call_next(request, next).await
        }
        Err(AuthError::Rejected) => {
            state.metrics.keys.refused();
            let client = ClientNetwork::from(state.trusted_proxies.client_of(request.request()));
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

/// What the call takes from the limits as a whole, once its handler knows.
struct Charged(KeyAndCompany<Decision>);

/// Takes one from the limits of the key and its company, and says on every answer what is left.
pub(in crate::http) async fn limit_rate(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    let principal = request.extensions().get::<Arc<Principal>>().map(Arc::clone);
    let Some(principal) = principal else {
        let error = ApiError::Internal("a limit before authentication".to_owned());
        return Ok(refuse(request, error));
    };
    let decisions = take(&state, &principal, Cost::ONE).instrument(debug_span!("rate_limit"));
    let mut decisions = match decisions.await {
        Ok(decisions) => decisions,
        Err(error) => return Ok(refuse(request, error.into())),
    };
    let response = if decisions.is_allowed() {
        call_next(request, next).await?
    } else {
        refuse(request, rate_limited(decisions.tighter()))
    };
    let mut response = hold(&state, Holder::Company(principal.company), response);
    if let Some(Charged(charged)) = response.request().extensions().get() {
        decisions = *charged;
    }
    announce_both(response.headers_mut(), &decisions);
    Ok(response)
}

async fn take(
    state: &AppState,
    principal: &Principal,
    cost: Cost,
) -> Result<KeyAndCompany<Decision>, LimiterUnavailable> {
    let Principal {
        client,
        company,
        quotas,
        ..
    } = principal;
    state.limiter.take(client, *company, *quotas, cost).await
}

/// Takes the rest of what a call costs that the middleware took one for. If it is refused, that one
/// is given back: a refused call costs nothing.
pub(in crate::http) async fn charge(
    state: &AppState,
    request: &HttpRequest,
    principal: &Principal,
    cost: u32,
) -> Result<(), ApiError> {
    let quotas = state.limiter.quotas_of(principal.quotas);
    let most = quotas.key.limit().min(quotas.company.limit());
    if cost > most {
        let reason = format!(
            "cost {cost} requests, more than the limit of {most} ever allows: send fewer at once"
        );
        return Err(ApiError::Invalid(vec![FieldError::new(
            "contacts", &reason,
        )]));
    }
    if cost <= 1 {
        return Ok(());
    }
    let cost = Cost {
        all: cost,
        taken: 1,
    };
    let decisions = take(state, principal, cost).await?;
    request.extensions_mut().insert(Charged(decisions));
    if decisions.is_allowed() {
        Ok(())
    } else {
        Err(rate_limited(decisions.tighter()))
    }
}

/// The company of an authenticated caller.
pub(in crate::http) fn company_of(request: &ServiceRequest) -> Option<CompanyId> {
    let extensions = request.extensions();
    Some(extensions.get::<Arc<Principal>>()?.company)
}

/// Answers 500 where something within panics; the panic hook has logged where.
pub(in crate::http) async fn recover(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    let head = request.request().clone();
    // What a handler leaves behind is its own: shared state is behind locks that say so.
    AssertUnwindSafe(call_next(request, next))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| {
            let error = ApiError::Internal("a handler panicked".to_owned());
            Ok(ServiceResponse::new(head, error.error_response()))
        })
}

pub(in crate::http) async fn call_next(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    Ok(next.call(request).await?.map_into_boxed_body())
}

pub(in crate::http) fn refuse(request: ServiceRequest, error: ApiError) -> ServiceResponse {
    request.error_response(error)
}

pub(in crate::http) fn rate_limited(decision: &Decision) -> ApiError {
    ApiError::RateLimited {
        quota: decision.quota,
        retry_after: Wait::Limit(decision.retry_after).into(),
    }
}

/// `RateLimit` and `RateLimit-Policy` of one limit, and the older `X-RateLimit-…`.
pub(in crate::http) fn announce(headers: &mut HeaderMap, decision: &Decision) {
    set_limits(headers, &[(DEFAULT, decision)], decision);
}

/// The same of the key's limit and its company's; the older headers speak of the tighter one.
fn announce_both(headers: &mut HeaderMap, decisions: &KeyAndCompany<Decision>) {
    let both = [(DEFAULT, &decisions.key), (COMPANY, &decisions.company)];
    set_limits(headers, &both, decisions.tighter());
}

/// The fields of draft-ietf-httpapi-ratelimit-headers, and the ones from before it.
fn set_limits(headers: &mut HeaderMap, limits: &[(&str, &Decision)], tighter: &Decision) {
    let (mut policies, mut left) = (String::with_capacity(64), String::with_capacity(64));
    for (name, decision) in limits {
        let separator = if policies.is_empty() { "" } else { ", " };
        let quota = decision.quota;
        let (limit, window) = (quota.limit(), whole_seconds(quota.window()));
        let full_in = match decision.full_in {
            Duration::ZERO => 0,
            full_in => whole_seconds(full_in),
        };
        let remaining = decision.remaining;
        // To write into a String does not fail.
        let _ = write!(policies, "{separator}\"{name}\";q={limit};w={window}");
        let _ = write!(left, "{separator}\"{name}\";r={remaining};t={full_in}");
    }
    let reset = ambient::now() + tighter.full_in;
    let reset = reset.unix_timestamp() + i64::from(reset.nanosecond() > 0);
    let fields = [
        ("ratelimit-policy", policies),
        ("ratelimit", left),
        ("x-ratelimit-limit", tighter.quota.limit().to_string()),
        ("x-ratelimit-remaining", tighter.remaining.to_string()),
        ("x-ratelimit-reset", reset.to_string()),
    ];
    for (name, value) in fields {
        if let Ok(value) = HeaderValue::try_from(value) {
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
