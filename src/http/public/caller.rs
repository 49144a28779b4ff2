//! The authenticated caller as an extractor, which also checks the scope of the key.

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
    /// The scope as a value.
    const SCOPE: Scope;
}

macro_rules! scopes {
    ($($scope:ident),+ $(,)?) => {$(
        #[doc = concat!("[`Scope::", stringify!($scope), "`] as a type.")]
        pub(in crate::http) struct $scope;

        impl RequiredScope for $scope {
            const SCOPE: Scope = Scope::$scope;
        }
    )+};
}

scopes!(
    ContactsRead,
    ContactsWrite,
    ContactsErase,
    CustomFieldsRead,
    CustomFieldsWrite
);

/// An authenticated caller within its limits, whose key has the scope `S` and whose company is not
/// suspended.
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
