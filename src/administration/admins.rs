//! What is done about administrators.

use secrecy::SecretString;

use super::{Acting, Administration, AdministrationError};
use crate::ambient;
use crate::auth::{OpaqueToken, PasswordVerdict, digest_opaque};
use crate::domain::{AdminId, Email, Password, Role};
use crate::store::{Actor, Admin, AdminChange, AdminCredential, Invitation, NewAdmin, Origin};

/// An administrator with an open invitation, and the token that nobody can show again.
pub struct Invited {
    /// The one-time token that sets a password.
    pub token: SecretString,
    /// The administrator.
    pub admin: Admin,
}

impl Administration {
    /// Creates an administrator who signs in with this password.
    ///
    /// # Errors
    /// If the e-mail address is taken, or the company out of reach.
    pub async fn create_admin(
        &self,
        acting: &Acting,
        email: &Email,
        password: &Password,
        role: Role,
    ) -> Result<Admin, AdministrationError> {
        may_appoint(acting, role)?;
        let hash = self.passwords.hash(password).await?;
        self.insert_admin(acting, email, &AdminCredential::Password(hash), role)
            .await
    }

    /// Creates an administrator who sets the password with a one-time token.
    ///
    /// # Errors
    /// If the e-mail address is taken, or the company out of reach.
    pub async fn invite_admin(
        &self,
        acting: &Acting,
        email: &Email,
        role: Role,
    ) -> Result<Invited, AdministrationError> {
        may_appoint(acting, role)?;
        let (token, invitation) = self.invitation();
        let credential = AdminCredential::Invitation(invitation);
        let admin = self.insert_admin(acting, email, &credential, role).await?;
        Ok(Invited { token, admin })
    }

    /// Opens an invitation for an administrator who is there: who lost the password, or the token.
    /// The password in use stays until another one is set.
    ///
    /// # Errors
    /// If there is none.
    pub async fn invite_again(
        &self,
        acting: &Acting,
        id: AdminId,
    ) -> Result<Invited, AdministrationError> {
        let (token, invitation) = self.invitation();
        let admin = self
            .change_admin(acting, id, AdminChange::Invite(invitation))
            .await?;
        Ok(Invited { token, admin })
    }

    /// At most `limit` administrators after the one with the id `after`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn list_admins(
        &self,
        acting: &Acting,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Admin>, AdministrationError> {
        Ok(self.store.list_admins(acting.reach(), after, limit).await?)
    }

    /// One administrator.
    ///
    /// # Errors
    /// If there is none.
    pub async fn find_admin(
        &self,
        acting: &Acting,
        id: AdminId,
    ) -> Result<Admin, AdministrationError> {
        let found = self.store.find_admin(acting.reach(), id).await?;
        found.ok_or(AdministrationError::NoSuchAdmin)
    }

    /// Who has this e-mail address.
    ///
    /// # Errors
    /// If there is none.
    pub async fn find_admin_by_email(
        &self,
        acting: &Acting,
        email: &Email,
    ) -> Result<Admin, AdministrationError> {
        acting.operator("only operators look administrators up by their e-mail address")?;
        let found = self.store.find_admin_by_email(email).await?;
        found.ok_or(AdministrationError::NoSuchAdmin)
    }

    /// Keeps an administrator out, and ends all their sessions at once.
    ///
    /// # Errors
    /// If there is none, or it is the one who asks.
    pub async fn disable_admin(
        &self,
        acting: &Acting,
        id: AdminId,
    ) -> Result<Admin, AdministrationError> {
        if acting.admin() == Some(id) {
            return Err(AdministrationError::OwnAccount);
        }
        let change = AdminChange::Disable(ambient::now());
        self.change_admin(acting, id, change).await
    }

    /// Lets an administrator sign in again.
    ///
    /// # Errors
    /// If there is none.
    pub async fn enable_admin(
        &self,
        acting: &Acting,
        id: AdminId,
    ) -> Result<Admin, AdministrationError> {
        self.change_admin(acting, id, AdminChange::Enable).await
    }

    /// Sets another's password, and ends all their sessions at once. For the command line alone:
    /// over HTTP nobody knows another's password.
    ///
    /// # Errors
    /// If there is none.
    pub async fn reset_password(
        &self,
        acting: &Acting,
        id: AdminId,
        password: &Password,
    ) -> Result<Admin, AdministrationError> {
        acting.operator("only operators set another's password")?;
        let hash = self.passwords.hash(password).await?;
        let change = AdminChange::ResetPassword(hash, ambient::now());
        self.change_admin(acting, id, change).await
    }

    /// Sets one's own password, and ends all one's sessions at once, this one too.
    ///
    /// # Errors
    /// If the current password is wrong, or was tried too often.
    pub async fn change_own_password(
        &self,
        acting: &Acting,
        origin: &Origin,
        current: &Password,
        new: &Password,
    ) -> Result<(), AdministrationError> {
        let (Some(id), Some(email)) = (acting.admin(), acting.email()) else {
            return Err(AdministrationError::TokenRefused);
        };
        let email =
            Email::parse(email).map_err(|error| AdministrationError::Defect(error.to_string()))?;
        // A stolen session must not guess the password faster than a stranger.
        self.limits.attempt(origin.client_address, email.as_str())?;
        let known = self.store.find_admin_credentials(&email).await?;
        let known = known.and_then(|credentials| credentials.password_hash);
        let verdict = self.passwords.verify(current, known.as_deref()).await?;
        let (Some(known), true) = (known, verdict != PasswordVerdict::Wrong) else {
            return Err(AdministrationError::WrongPassword);
        };
        let hash = self.passwords.hash(new).await?;
        let change = AdminChange::ChangePassword {
            known,
            hash,
            now: ambient::now(),
        };
        let changed = self
            .store
            .change_admin(acting.actor(), acting.reach(), id, &change);
        changed
            .await?
            .map(|_| ())
            .ok_or(AdministrationError::WrongPassword)
    }

    /// Sets the password of whoever was invited with this token.
    ///
    /// # Errors
    /// If it is unknown, used or expired, or its holder disabled.
    pub async fn accept_invitation(
        &self,
        origin: &Origin,
        token: &str,
        password: &Password,
    ) -> Result<(), AdministrationError> {
        self.limits
            .attempt(origin.client_address, "an invitation")?;
        let hash = self.passwords.hash(password).await?;
        let accepted = self
            .store
            .accept_invitation(
                &Actor::anonymous(origin.clone()),
                &digest_opaque(token),
                &hash,
                ambient::now(),
            )
            .await?;
        accepted
            .map(|_| ())
            .ok_or(AdministrationError::TokenRefused)
    }

    async fn change_admin(
        &self,
        acting: &Acting,
        id: AdminId,
        change: AdminChange,
    ) -> Result<Admin, AdministrationError> {
        let before = self.find_admin(acting, id).await?;
        acting.may_change()?;
        let is_so_already = match change {
            AdminChange::Disable(_) => before.state == "disabled",
            AdminChange::Enable => before.state != "disabled",
            _ => false,
        };
        if is_so_already {
            return Ok(before);
        }
        let changed = self
            .store
            .change_admin(acting.actor(), acting.reach(), id, &change);
        changed.await?.ok_or(AdministrationError::NoSuchAdmin)
    }

    async fn insert_admin(
        &self,
        acting: &Acting,
        email: &Email,
        credential: &AdminCredential,
        role: Role,
    ) -> Result<Admin, AdministrationError> {
        let created = self
            .store
            .create_admin(acting.actor(), email, credential, role);
        match created.await? {
            NewAdmin::Created(admin) => Ok(admin),
            NewAdmin::EmailTaken => Err(AdministrationError::EmailTaken),
            NewAdmin::NoSuchCompany => Err(AdministrationError::NoSuchCompany),
        }
    }

    fn invitation(&self) -> (SecretString, Invitation) {
        let OpaqueToken { text, digest } = OpaqueToken::generate(&mut ambient::random());
        let invitation = Invitation {
            digest,
            expires_at: ambient::now() + self.settings.invitation_ttl,
        };
        (text, invitation)
    }
}

fn may_appoint(acting: &Acting, role: Role) -> Result<(), AdministrationError> {
    match role {
        Role::Operator => acting.operator("only operators appoint operators: send companyId"),
        Role::CompanyAdmin(company) => acting.change(company).map(|_| ()),
    }
}
