//! The errors of single sign-on.

/// Why a single sign-on failed.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The issuer does not answer, or its answer is invalid. The text is for the log.
    #[error("the issuer: {0}")]
    Issuer(String),
    /// The sign-in did not start in this browser, or it took too long.
    #[error("this sign-in did not start in this browser, or it took too long")]
    NotPending,
    /// The issuer refused the sign-in, or its ID token is invalid. The text is for the log.
    #[error("refused: {0}")]
    Refused(String),
}

impl From<reqwest::Error> for OidcError {
    fn from(error: reqwest::Error) -> Self {
        // The URL may contain parameters of the request.
        Self::Issuer(error.without_url().to_string())
    }
}
