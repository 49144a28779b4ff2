//! The rotation of API keys: a new key is made in the place of an old one.

use time::OffsetDateTime;

use super::changes::{LOCK_API_KEY, write_api_key};
use super::keys::{insert_api_key, read_api_key};
use crate::domain::{
    Actor, AuditAction, AuditSubject, ClientId, CompanyId, Credential, GracePeriod, NotRotatable,
    Rotation,
};
use crate::store::postgres::error::TxError;
use crate::store::used_forms::use_form;
use crate::store::{Store, StoreError};

/// Why a key was not rotated.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The company has no such key.
    #[error("there is no such key")]
    NotFound,
    /// It is not in use, or was rotated before.
    #[error(transparent)]
    Refused(#[from] NotRotatable),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Makes a key in the place of an old one. The old one works on for `grace`, but not beyond
    /// its own end; without grace it is revoked. The caller publishes the change.
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
        now: OffsetDateTime,
    ) -> Result<Rotation, RotationError> {
        self.transaction("rotate_api_key", async |transaction| {
            let row = transaction
                .query_opt(LOCK_API_KEY, &[&client.as_str(), &company.get()])
                .await?;
            let row = row.ok_or(TxError::Refused(RotationError::NotFound))?;
            let before = read_api_key(&row, now)?;
            let (successor, replaced) = before
                .rotate(grace, credential.clone(), now)
                .map_err(TxError::refused)?;
            let subject = AuditSubject::Key(&credential.client_id);
            use_form(transaction, actor, subject, now).await?;
            // The old key names the new one, which has to be there.
            let successor = insert_api_key(transaction, actor, &successor, now).await?;
            write_api_key(
                transaction,
                actor,
                &before,
                &replaced,
                AuditAction::KeyRotate,
            )
            .await?;
            Ok(Rotation {
                successor,
                replaced,
            })
        })
        .await
    }
}
