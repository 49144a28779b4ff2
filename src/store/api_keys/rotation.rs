//! Rotating API keys: a new key replaces an old one.

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
    /// The key is not active, or was rotated before.
    #[error(transparent)]
    Refused(#[from] NotRotatable),
    /// The call to the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Creates a key that replaces another one. The old one works for `grace` longer, but not beyond its
    /// own expiry. Without a grace period it is revoked. The caller publishes the change.
    ///
    /// # Errors
    /// If there is no such key, or it is not active.
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
            // The old key refers to the new one, which must exist first.
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
