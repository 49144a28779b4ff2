//! Why a page is not shown.

use super::return_path::Wanted;
use crate::administration::AdministrationError;
use crate::fair_share::{BoundReached, Scope};
use crate::oidc::OidcError;
use crate::retry_after::{RetryAfter, Unavailable, Wait};

/// Why a page is not shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConsoleError {
    /// Nobody is signed in: to the page where that is done, and then to where they wanted.
    #[error("sign in first")]
    NotSignedIn {
        /// What they asked for.
        wanted: Wanted,
        /// Whether a session had been there.
        has_ended: bool,
        /// Whether a link on another site led here: then they may be signed in nonetheless.
        is_from_elsewhere: bool,
    },
    /// A form that was not sent from a page of this session.
    #[error("this page is out of date")]
    Forged,
    /// A form that cannot be read.
    #[error("{0}")]
    BadRequest(&'static str),
    /// Too many requests.
    #[error("too many requests")]
    Limited {
        /// How long to wait.
        retry_after: RetryAfter,
    },
    /// There is no such page.
    #[error("this page doesn’t exist")]
    UnknownPage,
    /// The page takes no such method.
    #[error("this address doesn’t take this method")]
    MethodNotAllowed,
    /// The service cannot do it now. The cause is for the log.
    #[error("the service is not available at the moment")]
    Unavailable(Unavailable),
    /// The issuer identified nobody whom we know.
    #[error("you could not be identified, or no administrator has your e-mail address")]
    NotIdentified,
    /// A sign-in that is not under way in this browser.
    #[error("this sign-in did not start in this browser, or took too long")]
    NotPending,
    /// The issuer does not answer as it should. The cause is for the log.
    #[error("the single sign-on service does not answer correctly")]
    IssuerUnavailable(String),
    /// The action was not done.
    #[error(transparent)]
    Refused(AdministrationError),
    /// A defect. The cause is for the log.
    #[error("something went wrong on our side")]
    Internal(String),
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
            AdministrationError::TooManyAttempts { retry_after, .. } => Self::Limited {
                retry_after: Wait::Limit(retry_after).into(),
            },
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
