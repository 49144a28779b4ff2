//! Errors of the console.

use std::time::Duration;

use super::return_path::ReturnTo;
use crate::administration::AdministrationError;
use crate::fair_share::{BoundReached, Scope};
use crate::oidc::OidcError;
use crate::retry_after::{RetryAfter, Unavailable, Wait};

/// Why a page is not displayed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConsoleError {
    /// Nobody is signed in: redirects to the sign-in page, which returns to the requested page.
    #[error("sign in first")]
    NotSignedIn {
        /// The requested page.
        return_to: ReturnTo,
        /// Whether the request has the cookie of a session that has ended.
        has_ended: bool,
        /// Whether the request follows a link on another site: then the browser may have a session nonetheless.
        is_cross_site_link: bool,
    },
    /// The form took effect before: redirects to the page of the result.
    #[error("the form was sent before")]
    AlreadySent(String),
    /// A form that was not sent from a page of this session.
    #[error("this page is out of date")]
    CsrfCheckFailed,
    /// A request that cannot be read.
    #[error("{0}")]
    BadRequest(&'static str),
    /// Too many requests.
    #[error("too many requests")]
    Limited {
        /// When to retry.
        retry_after: RetryAfter,
    },
    /// There is no such page.
    #[error("this page doesn’t exist")]
    UnknownPage,
    /// The page does not support the method.
    #[error("this address doesn’t take this method")]
    MethodNotAllowed,
    /// The service is temporarily unavailable. The cause is for the log.
    #[error("the service is temporarily unavailable")]
    Unavailable(Unavailable),
    /// The issuer identified nobody who is an administrator.
    #[error("you could not be identified, or no administrator has your e-mail address")]
    NotIdentified,
    /// The single sign-on did not start in this browser, or took too long.
    #[error("this sign-in did not start in this browser, or took too long")]
    NotPending,
    /// The issuer does not respond correctly. The cause is for the log.
    #[error("the single sign-on service does not respond correctly")]
    IssuerUnavailable(String),
    /// The action was not done.
    #[error(transparent)]
    Refused(AdministrationError),
    /// A defect. The cause is for the log.
    #[error("something went wrong on our side")]
    Internal(String),
}

/// A link whose query is not valid.
pub(super) const INVALID_QUERY: ConsoleError =
    ConsoleError::BadRequest("this link contains an invalid parameter");

impl ConsoleError {
    /// A limit allows the request after this time.
    pub(super) fn limited(wait: Duration) -> Self {
        let retry_after = Wait::Limit(wait).into();
        Self::Limited { retry_after }
    }
}

impl From<BoundReached> for ConsoleError {
    fn from(bound: BoundReached) -> Self {
        match bound.scope() {
            Scope::Own => Self::Limited {
                retry_after: Wait::Soon.into(),
            },
            Scope::All => Self::Unavailable(Unavailable::retry_soon(bound.to_string())),
        }
    }
}

impl From<AdministrationError> for ConsoleError {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::Unavailable(cause) => Self::Unavailable(cause),
            AdministrationError::Defect(cause) => Self::Internal(cause),
            AdministrationError::TooManyAttempts { retry_after, .. } => Self::limited(retry_after),
            other => Self::Refused(other),
        }
    }
}

impl From<OidcError> for ConsoleError {
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Issuer(cause) => Self::IssuerUnavailable(cause),
            OidcError::NotPending => Self::NotPending,
            OidcError::Refused(_) => Self::NotIdentified,
        }
    }
}
