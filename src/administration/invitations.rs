//! Invitations: one-time tokens that set a password.

use super::admins::may_appoint;
use super::{AdminPrincipal, Administration, AdministrationError};
use crate::ambient;
use crate::domain::{
    Actor, Admin, AdminChange, AdminCredential, AdminId, Email, Invitation, InvitationToken,
    Origin, Password, Role,
};

/// An administrator with an open invitation, and its one-time token.
pub struct Invited {
    /// The one-time token that sets a password.
    pub token: InvitationToken,
    /// The administrator.
    pub admin: Admin,
}

impl Administration {
    /// Creates an administrator who sets the password with a one-time token.
    ///
    /// # Errors
    /// If the e-mail address is taken, the company is out of reach, or a company administrator tried too
    /// many addresses that are taken.
    pub async fn invite_admin(
        &self,
        principal: &AdminPrincipal,
        email: &Email,
        role: Role,
    ) -> Result<Invited, AdministrationError> {
        may_appoint(principal, role)?;
        // Such an answer reveals that an address is in use, so it is limited like password attempts.
        let guesser = principal.guesser();
        if let Some(guesser) = guesser {
            self.limits.guess(guesser)?;
        }
        let (token, invitation) = self.invitation(principal);
        let credential = AdminCredential::Invitation(invitation);
        let admin = self
            .insert_admin(principal, email, &credential, role)
            .await?;
        if let Some(guesser) = guesser {
            self.limits.was_no_guess(guesser);
        }
        Ok(Invited { token, admin })
    }

    /// Opens an invitation for an existing administrator who lost the token. Operators may also re-invite
    /// one who lost the password. The token gives access to the account, so company administrators get
    /// none for peers who accepted an invitation. The current password works until another one is set.
    ///
    /// # Errors
    /// If there is none, they are disabled, or they accepted an invitation. Operators may re-invite company
    /// administrators who did.
    pub async fn invite_again(
        &self,
        principal: &AdminPrincipal,
        id: AdminId,
    ) -> Result<Invited, AdministrationError> {
        let (token, invitation) = self.invitation(principal);
        let change = AdminChange::Invite {
            invitation,
            even_accepted: principal.role() == Role::Operator,
        };
        match self.change_admin(principal, id, change).await {
            Ok(admin) => Ok(Invited { token, admin }),
            Err(AdministrationError::InvitationAccepted) => {
                Err(AdministrationError::Forbidden(match principal.role() {
                    Role::Operator => {
                        "this operator has an account: reset the password with `rubrica admin reset-password`"
                    }
                    Role::CompanyAdmin(_) => {
                        "this administrator has an account: only operators invite them again"
                    }
                }))
            }
            Err(error) => Err(error),
        }
    }

    /// Sets the password of the administrator who was invited with this token.
    ///
    /// # Errors
    /// If the token is unknown, used or expired, or the administrator is disabled.
    pub async fn accept_invitation(
        &self,
        origin: &Origin,
        token: &InvitationToken,
        password: &Password,
    ) -> Result<(), AdministrationError> {
        self.limits
            .attempt(origin.client_address, "an invitation")?;
        let hash = self.passwords.hash(password).await?;
        let accepted = self
            .store
            .accept_invitation(
                &Actor::anonymous(origin.clone()),
                token.digest(),
                hash,
                origin.received_at,
            )
            .await?;
        accepted
            .map(|_| ())
            .ok_or(AdministrationError::TokenRefused)
    }

    fn invitation(&self, principal: &AdminPrincipal) -> (InvitationToken, Invitation) {
        let token = InvitationToken::generate(&mut ambient::random());
        let invitation = Invitation {
            digest: token.digest(),
            expires_at: principal.now() + self.settings.invitation_ttl,
        };
        (token, invitation)
    }
}
