//! Actions on administrators.

use super::{AdminPrincipal, Administration, AdministrationError};
use crate::domain::{Admin, AdminChange, AdminCredential, AdminId, Email, Password, Role};

impl Administration {
    /// Creates an administrator who signs in with this password.
    ///
    /// # Errors
    /// If the e-mail address is taken, or the company out of reach.
    pub async fn create_admin(
        &self,
        principal: &AdminPrincipal,
        email: &Email,
        password: &Password,
        role: Role,
    ) -> Result<Admin, AdministrationError> {
        may_appoint(principal, role)?;
        let hash = self.passwords.hash(password).await?;
        self.insert_admin(principal, email, &AdminCredential::Password(hash), role)
            .await
    }

    /// At most `limit` administrators after the one with the id `after`.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub async fn list_admins(
        &self,
        principal: &AdminPrincipal,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Admin>, AdministrationError> {
        Ok(self
            .store
            .list_admins(principal.reach(), after, limit)
            .await?)
    }

    /// One administrator.
    ///
    /// # Errors
    /// If there is none.
    pub async fn find_admin(
        &self,
        principal: &AdminPrincipal,
        id: AdminId,
    ) -> Result<Admin, AdministrationError> {
        let found = self.store.find_admin(principal.reach(), id).await?;
        found.ok_or(AdministrationError::NoSuchAdmin)
    }

    /// The administrator with this e-mail address.
    ///
    /// # Errors
    /// If there is none.
    pub async fn find_admin_by_email(
        &self,
        principal: &AdminPrincipal,
        email: &Email,
    ) -> Result<Admin, AdministrationError> {
        principal.operator("only operators look administrators up by their e-mail address")?;
        let found = self.store.find_admin_by_email(email).await?;
        found.ok_or(AdministrationError::NoSuchAdmin)
    }

    /// Disables an administrator, and ends all their sessions immediately.
    ///
    /// # Errors
    /// If there is none, they are the caller, or the last operator who can sign in.
    pub async fn disable_admin(
        &self,
        principal: &AdminPrincipal,
        id: AdminId,
    ) -> Result<Admin, AdministrationError> {
        self.disable(principal, id, false).await
    }

    /// Like [`Self::disable_admin`], but also for the last operator who can sign in. Only the command line
    /// may do so, because it can create another one.
    ///
    /// # Errors
    /// If there is none, or the caller is signed in.
    pub async fn disable_even_the_last_operator(
        &self,
        principal: &AdminPrincipal,
        id: AdminId,
    ) -> Result<Admin, AdministrationError> {
        if principal.admin().is_some() {
            return Err(AdministrationError::Forbidden(
                "only the command line disables the last operator",
            ));
        }
        self.disable(principal, id, true).await
    }

    async fn disable(
        &self,
        principal: &AdminPrincipal,
        id: AdminId,
        even_the_last: bool,
    ) -> Result<Admin, AdministrationError> {
        if principal.admin() == Some(id) {
            return Err(AdministrationError::OwnAccount);
        }
        let change = AdminChange::Disable { even_the_last };
        self.change_admin(principal, id, change).await
    }

    /// Deletes an administrator who never accepted the invitation, together with the invitation.
    ///
    /// # Errors
    /// If there is none, or they accepted it.
    pub async fn delete_admin(
        &self,
        principal: &AdminPrincipal,
        id: AdminId,
    ) -> Result<Admin, AdministrationError> {
        // This comes first: an administrator out of reach is always reported as unknown.
        self.find_admin(principal, id).await?;
        principal.operator("only operators delete administrators")?;
        Ok(self.store.delete_admin(principal.actor(), id).await?)
    }

    /// Enables an administrator to sign in again.
    ///
    /// # Errors
    /// If there is none.
    pub async fn enable_admin(
        &self,
        principal: &AdminPrincipal,
        id: AdminId,
    ) -> Result<Admin, AdministrationError> {
        self.change_admin(principal, id, AdminChange::Enable).await
    }

    pub(super) async fn change_admin(
        &self,
        principal: &AdminPrincipal,
        id: AdminId,
        change: AdminChange,
    ) -> Result<Admin, AdministrationError> {
        // This comes first: an administrator out of reach is always reported as unknown.
        self.find_admin(principal, id).await?;
        principal.may_change()?;
        let changed = self.store.change_admin(
            principal.actor(),
            principal.reach(),
            id,
            &change,
            principal.now(),
        );
        Ok(changed.await?)
    }

    pub(super) async fn insert_admin(
        &self,
        principal: &AdminPrincipal,
        email: &Email,
        credential: &AdminCredential,
        role: Role,
    ) -> Result<Admin, AdministrationError> {
        let created =
            self.store
                .create_admin(principal.actor(), email, credential, role, principal.now());
        Ok(created.await?)
    }
}

pub(super) fn may_appoint(
    principal: &AdminPrincipal,
    role: Role,
) -> Result<(), AdministrationError> {
    match role {
        Role::Operator => principal.operator("only operators appoint operators: send companyId"),
        Role::CompanyAdmin(company) => principal.change(company).map(|_| ()),
    }
}
