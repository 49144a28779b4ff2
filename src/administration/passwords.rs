//! Setting passwords.

use super::{AdminPrincipal, Administration, AdministrationError};
use crate::auth::PasswordVerdict;
use crate::domain::{Admin, AdminChange, AdminId, AuditAction, Email, Origin, Password};
use crate::store::AdminChangeError;

impl Administration {
    /// Sets the password of another administrator, and ends all their sessions. Only the command line may
    /// do so: over HTTP nobody may know another's password.
    ///
    /// # Errors
    /// If there is none.
    pub async fn reset_password(
        &self,
        principal: &AdminPrincipal,
        id: AdminId,
        password: &Password,
    ) -> Result<Admin, AdministrationError> {
        principal.operator("only operators set another's password")?;
        let hash = self.passwords.hash(password).await?;
        let change = AdminChange::ResetPassword(hash);
        self.change_admin(principal, id, change).await
    }

    /// Sets the caller's own password, and ends all their sessions, including this one.
    ///
    /// # Errors
    /// If the current password is wrong, or after too many attempts.
    pub async fn change_own_password(
        &self,
        principal: &AdminPrincipal,
        origin: &Origin,
        current: &Password,
        new: &Password,
    ) -> Result<(), AdministrationError> {
        let (Some(id), Some(email)) = (principal.admin(), principal.email()) else {
            return Err(AdministrationError::TokenRefused);
        };
        let email =
            Email::parse(email).map_err(|error| AdministrationError::Defect(error.to_string()))?;
        // With a stolen session, guessing the password must be as slow as without one.
        self.limits.call(origin.client_address)?;
        self.limits.attempt(origin.client_address, email.as_str())?;
        let known = self.store.find_admin_credentials(&email).await?;
        let known = known.and_then(|credentials| credentials.password_hash);
        let verdict = self.passwords.verify(Some(current), known.as_ref()).await?;
        let (Some(known), true) = (known, verdict != PasswordVerdict::Wrong) else {
            self.record(
                origin,
                Some((id, principal.role())),
                AuditAction::AdminWrongPassword,
            );
            return Err(AdministrationError::WrongPassword);
        };
        let hash = self.passwords.hash(new).await?;
        let change = AdminChange::ChangePassword { known, hash };
        let changed = self.store.change_admin(
            principal.actor(),
            principal.reach(),
            id,
            &change,
            principal.now(),
        );
        match changed.await {
            Ok(_) => Ok(()),
            Err(AdminChangeError::NotFound) => Err(AdministrationError::WrongPassword),
            Err(error) => Err(error.into()),
        }
    }
}
