//! New API keys: a token for its holder, and what the database keeps of it.

use argon2::password_hash::Error;

use super::secret_hash::hash_api_secret;
use crate::ambient;
use crate::domain::{ApiToken, Credential, TokenKeys};

/// Makes a token that nobody has seen, and what will recognise it.
///
/// # Errors
/// If the system has no randomness for the salt.
pub fn issue_credential(token_keys: &TokenKeys) -> Result<(ApiToken, Credential), Error> {
    let token = token_keys.issue(&mut ambient::random());
    let credential = Credential {
        client_id: token.client_id().clone(),
        secret_hash: hash_api_secret(&token.secret())?,
        token_key_fingerprint: token_keys.signing().fingerprint(),
    };
    Ok((token, credential))
}
