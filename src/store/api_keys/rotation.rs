//! The rotation of API keys: a new key is made in the place of an old one.

use super::changes::{LOCK_API_KEY, write_api_key};
use super::keys::{insert_api_key, read_api_key, subject};
use crate::ambient;
use crate::domain::{ClientId, CompanyId, GracePeriod};
use crate::store::used_forms::use_form;
use crate::store::{Actor, ApiKey, Credential, NewApiKey, Store, StoreError};

/// Why a key was not rotated.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The company has no such key.
    #[error("there is no such key")]
    NotFound,
    /// It was ended.
    #[error("the key is revoked: create another one")]
    Revoked,
    /// It ended by itself.
    #[error("the key is expired: create another one")]
    Expired,
    /// It was rotated before.
    #[error("the key was rotated already: {0} is in its place, and may be rotated")]
    Replaced(ClientId),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a rotation did.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// The new key. Name, scopes, limit and end are the old one's.
    pub successor: ApiKey,
    /// The old key, as it is now.
    pub replaced: ApiKey,
}

impl Store {
    /// Makes a key in the place of an old one. The old one works on for `grace`, but not beyond
    /// its own end; without grace it is revoked. Its change is to be announced.
    ///
    /// # Errors
    /// If the key is not there or not in use, or the database does not do it.
    pub async fn rotate_api_key(
        &self,
        actor: &Actor,
        company: CompanyId,
        client: &ClientId,
        grace: GracePeriod,
        credential: &Credential,
    ) -> Result<Rotation, RotationError> {
        self.transaction("rotate_api_key", async |transaction| {
            let row = transaction
                .query_opt(LOCK_API_KEY, &[&client.as_str(), &company.get()])
                .await?;
            let key = match row.as_ref().map(read_api_key).transpose() {
                Ok(key) => key,
                Err(error) => return Ok(Err(error.into())),
            };
            let before = match key.ok_or(RotationError::NotFound).and_then(in_use) {
                Ok(key) => key,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let (successor, replaced) = rotate(&before, grace, credential.clone());
            use_form(transaction, actor, &subject(&credential.client_id)).await?;
            // The old key names the new one, which has to be there.
            let successor = insert_api_key(transaction, actor, &successor).await?;
            write_api_key(transaction, actor, &before, &replaced, "key.rotate").await?;
            Ok(Ok(Rotation {
                successor,
                replaced,
            }))
        })
        .await?
    }
}

fn in_use(key: ApiKey) -> Result<ApiKey, RotationError> {
    if let Some(successor) = key.replaced_by {
        return Err(RotationError::Replaced(successor));
    }
    match key.state {
        "revoked" => Err(RotationError::Revoked),
        "expired" => Err(RotationError::Expired),
        _ => Ok(key),
    }
}

fn rotate(key: &ApiKey, grace: GracePeriod, credential: Credential) -> (NewApiKey, ApiKey) {
    let now = ambient::now();
    let mut replaced = key.clone();
    replaced.replaced_by = Some(credential.client_id.clone());
    if grace.duration().is_zero() {
        // Not an end by the clock: those of the replicas may differ.
        replaced.revoke(now);
    } else {
        let end = now + grace.duration();
        replaced.expires_at = Some(key.expires_at.map_or(end, |own| own.min(end)));
    }
    let successor = NewApiKey {
        credential,
        company_id: key.company_id,
        name: key.name.clone(),
        scopes: key.scopes,
        rate_limit: key.rate_limit,
        expires_at: key.expires_at,
    };
    (successor, replaced)
}
