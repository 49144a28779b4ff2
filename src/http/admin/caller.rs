//! The caller of the admin API, and the middleware that admits it.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::administration::{AdminPrincipal, Administration, AdministrationError};
use crate::domain::{AccessToken, AdminId, Origin};
use crate::fair_share::Holder;
use crate::http::openapi::endpoint::Admission;
use crate::http::shared::{ApiError, AppState, MiddlewareResult, add_limit, bearer, hold, refuse};

/// The name of the security scheme.
pub(super) const ACCESS_TOKEN: &str = "accessToken";

/// A signed-in administrator within their limit.
pub(super) struct SignedIn(pub(super) Arc<AdminPrincipal>);

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let principal = request
            .extensions()
            .get::<Arc<AdminPrincipal>>()
            .map(Arc::clone);
        let principal = principal
            .ok_or_else(|| ApiError::Internal("a route without authentication".to_owned()));
        ready(principal.map(Self))
    }
}

/// Admits signed-in administrators.
pub(super) const SIGNED_IN: Admission = Admission {
    wrap: |handler| handler.wrap(from_fn(authenticate)),
    scheme: Some(ACCESS_TOKEN),
};

/// Admits requests that authenticate with their body.
pub(super) const OPEN: Admission = Admission {
    wrap: |handler| {
        handler.wrap(from_fn(|state, request, next| {
            admit_open(Administration::admit, state, request, next)
        }))
    },
    scheme: None,
};

/// As [`OPEN`], for sign-in attempts.
pub(super) const ATTEMPT: Admission = Admission {
    wrap: |handler| {
        handler.wrap(from_fn(|state, request, next| {
            admit_open(Administration::admit_sign_in, state, request, next)
        }))
    },
    scheme: None,
};

/// Authenticates the access token, or responds with 401, and charges the administrator's limit.
async fn authenticate(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> MiddlewareResult {
    let (principal, admin) = match principal(&state, request.request()).await {
        Ok(principal) => principal,
        Err(error) => return Ok(refuse(request, error)),
    };
    let decision = state.admin_calls.take(&admin, state.admin_quota, 1);
    request.extensions_mut().insert(Arc::new(principal));
    let response = if decision.is_allowed {
        next.call(request).await?
    } else {
        refuse(request, (&decision).into())
    };
    let mut response = hold(&state, Holder::Admin(admin), response);
    add_limit(response.headers_mut(), &decision);
    Ok(response)
}

async fn principal(
    state: &AppState,
    request: &HttpRequest,
) -> Result<(AdminPrincipal, AdminId), ApiError> {
    state.check_ready()?;
    let origin = state.origin_of(request);
    let address = origin.client_address;
    let authenticated = match bearer(request.headers()) {
        Some(token) => {
            let token = AccessToken::new(token.into());
            state.administration.authenticate(origin, &token).await
        }
        None => Err(AdministrationError::TokenRefused),
    };
    let principal = authenticated.map_err(|error| match error {
        AdministrationError::TokenRefused => match state.failures.refuse(address) {
            None => ApiError::NotSignedIn,
            Some(decision) => (&decision).into(),
        },
        error => error.into(),
    })?;
    let admin = principal.admin();
    let admin = admin.ok_or_else(|| ApiError::Internal("nobody is signed in".to_owned()))?;
    Ok((principal, admin))
}

/// Counts a request of a caller who is not signed in, before its body is read.
async fn admit_open(
    admit: fn(&Administration, &Origin) -> Result<(), AdministrationError>,
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> MiddlewareResult {
    let origin = state.origin_of(request.request());
    let admitted = state
        .check_ready()
        .and_then(|()| Ok(admit(&state.administration, &origin)?));
    match admitted {
        Ok(()) => next.call(request).await,
        Err(error) => Ok(refuse(request, error)),
    }
}
