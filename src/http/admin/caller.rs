//! Who calls the admin API, and from where.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::administration::{AdminPrincipal, AdministrationError};
use crate::domain::{AccessToken, ClientNetwork, Origin};
use crate::fair_share::Holder;
use crate::http::shared::answer_body::hold;
use crate::http::shared::error::ApiError;
use crate::http::shared::middleware::{Answer, announce, call_next, rate_limited, refuse};
use crate::http::shared::state::AppState;

const SCHEME: &str = "bearer";

/// An administrator who is signed in, within their limit.
pub(super) struct SignedIn(pub(super) Arc<AdminPrincipal>);

/// Where the request comes from.
pub(super) struct From(pub(super) Origin);

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let acting = request
            .extensions()
            .get::<Arc<AdminPrincipal>>()
            .map(Arc::clone);
        let acting =
            acting.ok_or_else(|| ApiError::Internal("a route without authentication".to_owned()));
        ready(acting.map(Self))
    }
}

impl FromRequest for From {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<Data<AppState>>();
        let state = state.ok_or_else(|| ApiError::Internal("a route without its state".to_owned()));
        ready(state.map(|state| Self(state.origin_of(request))))
    }
}

/// Turns the access token into [`AdminPrincipal`], or answers 401; takes one from the administrator's limit.
pub(super) async fn authenticate(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    let origin = state.origin_of(request.request());
    let address = ClientNetwork::from(origin.client_address);
    let authenticated = match bearer(&request) {
        Some(token) => state.administration.authenticate(origin, &token).await,
        None => Err(AdministrationError::TokenRefused),
    };
    let acting = match authenticated {
        Ok(acting) => acting,
        Err(AdministrationError::TokenRefused) => {
            let decision = state.failures.take(&address, state.failure_quota, 1);
            let error = if decision.is_allowed {
                ApiError::NotSignedIn
            } else {
                rate_limited(&decision)
            };
            return Ok(refuse(request, error));
        }
        Err(error) => return Ok(refuse(request, error.into())),
    };
    let Some(admin) = acting.admin() else {
        let error = ApiError::Internal("nobody is signed in".to_owned());
        return Ok(refuse(request, error));
    };
    let decision = state.admin_calls.take(&admin, state.admin_quota, 1);
    request.extensions_mut().insert(Arc::new(acting));
    let response = if decision.is_allowed {
        call_next(request, next).await?
    } else {
        refuse(request, rate_limited(&decision))
    };
    let mut response = hold(&state, Holder::Admin(admin), response);
    announce(response.headers_mut(), &decision);
    Ok(response)
}

/// Counts a call of somebody who is not signed in, before its body is read.
pub(super) async fn limit_open_call(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    let origin = state.origin_of(request.request());
    call_if(state.administration.admit(&origin), request, next).await
}

/// As [`limit_open_call`], of an attempt to sign in.
pub(super) async fn limit_sign_in(
    state: Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    let origin = state.origin_of(request.request());
    call_if(state.administration.admit_sign_in(&origin), request, next).await
}

async fn call_if(
    admitted: Result<(), AdministrationError>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Answer {
    match admitted {
        Ok(()) => call_next(request, next).await,
        Err(error) => Ok(refuse(request, error.into())),
    }
}

fn bearer(request: &ServiceRequest) -> Option<AccessToken> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case(SCHEME);
    is_bearer.then(|| AccessToken::new(token.trim().into()))
}
