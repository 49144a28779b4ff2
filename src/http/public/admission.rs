//! The middleware that checks readiness, authentication and rate limits before a handler runs.

use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use tracing::{Instrument, debug_span};

use crate::auth::{AuthError, Principal};
use crate::domain::KeyAndCompany;
use crate::fair_share::{Holder, Resource};
use crate::http::openapi::endpoint::Admission;
use crate::http::shared::{
    ApiError, AppState, FieldError, MiddlewareResult, add_limits, bearer, hold, in_chunks, refuse,
};
use crate::limits::{Cost, Decision, LimiterUnavailable};

/// The decisions after the handler charged the whole cost of the request.
struct Charged(KeyAndCompany<Decision>);

/// Admission to an endpoint that costs one request, or more if its handler calls [`charge`]. The handler's
/// description names the scope.
pub(super) const LIMITED: Admission = Admission {
    wrap: |handler| handler.wrap(from_fn(admit)),
    scheme: None,
};

/// As [`LIMITED`], for an endpoint that returns a page of a list.
pub(super) const PAGED: Admission = Admission {
    wrap: |handler| handler.wrap(from_fn(reserve_page)).wrap(from_fn(admit)),
    scheme: None,
};

/// Admits a caller with a valid key within the limits of the key and its company, and adds the rate limit
/// headers to every response. Failures of other callers at the same address do not block a valid key.
async fn admit(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> MiddlewareResult {
    let principal = match authenticate(&state, request.request()).await {
        Ok(principal) => Arc::new(principal),
        Err(error) => return Ok(refuse(request, error)),
    };
    request.extensions_mut().insert(Arc::clone(&principal));
    let decisions = take(&state, &principal, Cost::ONE).instrument(debug_span!("rate_limit"));
    let mut decisions = match decisions.await {
        Ok(decisions) => decisions,
        Err(error) => return Ok(refuse(request, error.into())),
    };
    let response = if decisions.is_allowed() {
        next.call(request).await?
    } else {
        refuse(request, decisions.tighter().into())
    };
    let mut response = hold(&state, Holder::Company(principal.company), response);
    if let Some(Charged(charged)) = response.request().extensions().get() {
        decisions = *charged;
    }
    add_limits(response.headers_mut(), &decisions);
    Ok(response)
}

/// Authenticates the bearer token: 401 if it is missing or not valid, 429 after too many failures of the
/// address, 503 until the schema is compatible.
async fn authenticate(state: &AppState, request: &HttpRequest) -> Result<Principal, ApiError> {
    state.check_ready()?;
    let authenticated = state.authenticator.authenticate(bearer(request.headers()));
    match authenticated.instrument(debug_span!("authenticate")).await {
        Ok(principal) => Ok(principal),
        Err(AuthError::Rejected) => {
            state.metrics.keys.refused();
            let client = state.trusted_proxies.client_of(request);
            Err(match state.failures.refuse(client) {
                None => ApiError::Unauthorized,
                Some(decision) => (&decision).into(),
            })
        }
        Err(error) => Err(error.into()),
    }
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

/// Charges the rest of the cost of a request, after the middleware charged one. If the rest exceeds a limit,
/// the one is given back: a rejected request costs nothing.
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
        total: cost,
        already_taken: 1,
    };
    let decisions = take(state, principal, cost).await?;
    request.extensions_mut().insert(Charged(decisions));
    if decisions.is_allowed() {
        Ok(())
    } else {
        Err(decisions.tighter().into())
    }
}

/// Reserves memory for a page in the company's share before the page is read from the database, and keeps
/// what the page needs until the client has read it.
async fn reserve_page(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> MiddlewareResult {
    let company = match request.extensions().get::<Arc<Principal>>() {
        Some(principal) => principal.company,
        None => return Err(ApiError::Internal("a page without authentication".to_owned()).into()),
    };
    let shares = &state.fair_shares;
    let page = shares.settings().page_kib;
    match shares.take(Holder::Company(company), Resource::Answers, page) {
        Ok(share) => {
            let response = next.call(request).await?;
            Ok(response.map_body(|_, body| in_chunks(body, Some(share))))
        }
        Err(bound) => Ok(refuse(request, bound.into())),
    }
}
