//! What decides whether a request reaches its handler: readiness, authentication, rate limits.

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
    Answer, ApiError, AppState, FieldError, add_limits, bearer, hold, in_chunks, refuse,
};
use crate::limits::{Cost, Decision, LimiterUnavailable};

/// What the call takes from the limits as a whole, once its handler knows.
struct Charged(KeyAndCompany<Decision>);

/// Admits the callers of an endpoint that costs one, or more if its handler says so. The handler
/// describes which scope it needs.
pub(super) const LIMITED: Admission = Admission {
    wrap: |handler| handler.wrap(from_fn(admit)),
    scheme: None,
};

/// As [`LIMITED`], for an endpoint that answers with a page of a list.
pub(super) const PAGED: Admission = Admission {
    wrap: |handler| handler.wrap(from_fn(reserve_page)).wrap(from_fn(admit)),
    scheme: None,
};

/// Lets a caller with a good key pass who is within the limits of the key and its company, and says on
/// every answer how much is left. A good key is never refused for what others at its address do.
async fn admit(state: Data<AppState>, request: ServiceRequest, next: Next<BoxBody>) -> Answer {
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

/// Turns the bearer token into a [`Principal`]: 401 without a good one, 429 to an address that fails too
/// often, 503 until the schema fits.
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

/// Reserves a page of a list in the company's memory for answers before the page is read from the
/// database; then holds as much as the page takes, until the client has read it.
async fn reserve_page(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Answer {
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
