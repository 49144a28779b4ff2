//! Signing in by the word of an OpenID Connect issuer.

use super::{AdminPrincipal, Administration, AdministrationError, Tokens};
use crate::domain::{Admin, AdminChange, AdminId, Origin};
use crate::oidc::{Identity, SingleSignOn};
use crate::store::Proof;

impl Administration {
    /// The issuer whose word counts, if there is one.
    #[must_use]
    pub const fn single_sign_on(&self) -> Option<&SingleSignOn> {
        self.single_sign_on.as_ref()
    }

    /// Whether somebody who is not signed in may call once more.
    ///
    /// # Errors
    /// For too many calls of their address.
    pub fn admit(&self, origin: &Origin) -> Result<(), AdministrationError> {
        self.limits.call(origin.client_address)
    }

    /// Signs an administrator in who has the e-mail address of this identity. The first identity becomes
    /// theirs, and from then on no other one is.
    ///
    /// # Errors
    /// If there is no such administrator, or this is not their identity.
    pub async fn sign_in_by_identity(
        &self,
        origin: &Origin,
        identity: &Identity,
    ) -> Result<Tokens, AdministrationError> {
        let credentials = self.store.find_admin_credentials(&identity.email).await?;
        let Some(credentials) = credentials else {
            return Err(self.refuse(origin, None));
        };
        let proof = Proof::Identity {
            issuer: &identity.issuer,
            subject: &identity.subject,
        };
        self.begin_session(origin, &credentials, proof).await
    }

    /// Lets the next identity with an administrator's e-mail address become theirs, and ends all their
    /// sessions: the issuer may have made a new account for them.
    ///
    /// # Errors
    /// If there is no such administrator.
    pub async fn forget_identity(
        &self,
        principal: &AdminPrincipal,
        id: AdminId,
    ) -> Result<Admin, AdministrationError> {
        principal.operator("only operators let an administrator have another identity")?;
        self.change_admin(principal, id, AdminChange::ForgetIdentity)
            .await
    }

    /// Counts and records that an issuer did not let somebody in, or that its word was not good.
    #[must_use]
    pub fn refuse_identity(&self, origin: &Origin) -> AdministrationError {
        self.refuse(origin, None)
    }
}
