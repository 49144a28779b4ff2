//! The caller as an argument: a handler that takes one runs only for a key with that scope.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::auth::Principal;
use crate::domain::Scope;
use crate::http::shared::ApiError;

/// A scope as a type.
pub(in crate::http) trait RequiredScope: 'static {
    /// The scope itself.
    const SCOPE: Scope;
}

/// `contacts:read`
pub(in crate::http) struct ContactsRead;

impl RequiredScope for ContactsRead {
    const SCOPE: Scope = Scope::ContactsRead;
}

/// `contacts:write`
pub(in crate::http) struct ContactsWrite;

impl RequiredScope for ContactsWrite {
    const SCOPE: Scope = Scope::ContactsWrite;
}

/// `contacts:erase`
pub(in crate::http) struct ContactsErase;

impl RequiredScope for ContactsErase {
    const SCOPE: Scope = Scope::ContactsErase;
}

/// `custom_fields:read`
pub(in crate::http) struct CustomFieldsRead;

impl RequiredScope for CustomFieldsRead {
    const SCOPE: Scope = Scope::CustomFieldsRead;
}

/// `custom_fields:write`
pub(in crate::http) struct CustomFieldsWrite;

impl RequiredScope for CustomFieldsWrite {
    const SCOPE: Scope = Scope::CustomFieldsWrite;
}

/// An authenticated caller within its limit, of a company in good standing, whose key has the
/// scope `S`.
pub(in crate::http) struct Authorized<S> {
    pub(in crate::http) principal: Arc<Principal>,
    scope: PhantomData<S>,
}

impl<S: RequiredScope> FromRequest for Authorized<S> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authorize(request, S::SCOPE).map(|principal| Self {
            principal,
            scope: PhantomData,
        }))
    }
}

fn authorize(request: &HttpRequest, scope: Scope) -> Result<Arc<Principal>, ApiError> {
    let principal = request
        .extensions()
        .get::<Arc<Principal>>()
        .map(Arc::clone)
        .ok_or_else(|| ApiError::Internal("a route without authentication".to_owned()))?;
    if principal.is_suspended {
        return Err(ApiError::CompanySuspended);
    }
    if !principal.scopes.contains(scope) {
        return Err(ApiError::MissingScope(scope));
    }
    Ok(principal)
}
