//! Why nobody is identified.

/// Why nobody was identified.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The issuer does not answer, or not as it should. Says how, for the log.
    #[error("the issuer: {0}")]
    Issuer(String),
    /// It did not begin in this browser, or long ago.
    #[error("this sign-in did not begin here, or took too long")]
    NotPending,
    /// The issuer did not let them in, or its word is not good. Says why, for the log.
    #[error("refused: {0}")]
    Refused(String),
}

impl From<reqwest::Error> for OidcError {
    fn from(error: reqwest::Error) -> Self {
        // An address may hold what was sent.
        Self::Issuer(error.without_url().to_string())
    }
}
