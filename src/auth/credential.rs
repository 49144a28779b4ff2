//! Creates API keys: a token for the caller, and the credential that the database stores.

use argon2::password_hash::Error;

use super::secret_hash::hash_api_secret;
use crate::ambient;
use crate::domain::{ApiToken, Credential, TokenKeys};

/// Generates a token and the credential that verifies it: client id, secret hash and the fingerprint of the
/// token key.
///
/// # Errors
/// If the system has no random bytes for the salt.
pub fn issue_credential(token_keys: &TokenKeys) -> Result<(ApiToken, Credential), Error> {
    let token = token_keys.issue(&mut ambient::random());
    let credential = Credential {
        client_id: token.client_id().clone(),
        secret_hash: hash_api_secret(&token.secret())?,
        token_key_fingerprint: token_keys.signing().fingerprint(),
    };
    Ok((token, credential))
}
