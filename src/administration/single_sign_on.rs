//! Signing in through an OpenID Connect issuer.

use super::{AdminPrincipal, Administration, AdministrationError, Tokens};
use crate::domain::{Admin, AdminChange, AdminId, Origin};
use crate::oidc::{Identity, SingleSignOn};
use crate::store::Proof;

impl Administration {
    /// The configured issuer.
    #[must_use]
    pub const fn single_sign_on(&self) -> Option<&SingleSignOn> {
        self.single_sign_on.as_ref()
    }

    /// Counts an unauthenticated call.
    ///
    /// # Errors
    /// If its address made too many calls.
    pub fn admit(&self, origin: &Origin) -> Result<(), AdministrationError> {
        self.limits.call(origin.client_address)
    }

    /// Signs in the administrator with the e-mail address of this identity. Their first identity is bound to
    /// them. After that they cannot use another one.
    ///
    /// # Errors
    /// If there is no such administrator, or another identity is bound to them.
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

    /// Unbinds the identity of an administrator and ends their sessions. Their next identity is bound
    /// instead, for example because the issuer created a new account for them.
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

    /// Counts and records a failed single sign-on.
    #[must_use]
    pub fn refuse_identity(&self, origin: &Origin) -> AdministrationError {
        self.refuse(origin, None)
    }
}
