//! Who acts, and what they may reach.

use time::OffsetDateTime;

use super::AdministrationError;
use crate::domain::{Actor, AdminId, CompanyId, FormId, Origin, Role};
use crate::store::SignedIn;

/// Somebody who acts: made only of a session that lasts, or by the command line.
#[derive(Debug, Clone)]
pub struct AdminPrincipal {
    actor: Actor,
    /// When they act: what depends on the time is decided by it.
    now: OffsetDateTime,
    role: Role,
    is_suspended: bool,
    admin: Option<AdminId>,
    email: Option<String>,
}

impl AdminPrincipal {
    /// Somebody with a shell and the secrets of the deployment, who acts at the time `now`: an operator.
    #[must_use]
    pub const fn command_line(actor: Actor, now: OffsetDateTime) -> Self {
        Self {
            actor,
            now,
            role: Role::Operator,
            is_suspended: false,
            admin: None,
            email: None,
        }
    }

    /// An administrator who is signed in.
    pub(super) fn signed_in(signed_in: SignedIn, origin: Origin) -> Self {
        Self {
            now: origin.received_at,
            actor: Actor::admin(signed_in.admin, origin),
            role: signed_in.role,
            is_suspended: signed_in.is_suspended,
            admin: Some(signed_in.admin),
            email: Some(signed_in.email),
        }
    }

    /// What they may reach.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Their id, if they are signed in.
    #[must_use]
    pub const fn admin(&self) -> Option<AdminId> {
        self.admin
    }

    /// Their e-mail address, if they are signed in.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// The same person, whose next change uses up this form: a form that was used before changes
    /// nothing.
    #[must_use]
    pub fn sending(&self, form: FormId) -> Self {
        let mut principal = self.clone();
        if let Some(admin) = self.admin {
            principal.actor = principal.actor.sending(admin, form);
        }
        principal
    }

    /// The same person, who acts at the time `now`: for whoever had to wait for them.
    #[must_use]
    pub fn at(&self, now: OffsetDateTime) -> Self {
        Self {
            now,
            ..self.clone()
        }
    }

    /// When they act.
    pub(super) const fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// As whom their changes are recorded.
    pub(super) const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The one company that statements are held to; none: any.
    pub(super) const fn reach(&self) -> Option<CompanyId> {
        self.role.company()
    }

    /// As whom they are counted where an answer tells of others, from wherever they call; operators may
    /// know of all.
    pub(super) const fn guesser(&self) -> Option<AdminId> {
        match self.role {
            Role::Operator => None,
            Role::CompanyAdmin(_) => self.admin,
        }
    }

    /// A company that they may look at. Another one does not exist for them.
    pub(super) fn look_at(&self, company: CompanyId) -> Result<CompanyId, AdministrationError> {
        match self.role {
            Role::CompanyAdmin(own) if own != company => Err(AdministrationError::NoSuchCompany),
            _ => Ok(company),
        }
    }

    /// A company that they may change something of.
    pub(super) fn change(&self, company: CompanyId) -> Result<CompanyId, AdministrationError> {
        let company = self.look_at(company)?;
        self.may_change()?;
        Ok(company)
    }

    /// Whether they may change anything.
    pub(super) const fn may_change(&self) -> Result<(), AdministrationError> {
        if self.is_suspended {
            return Err(AdministrationError::CompanySuspended);
        }
        Ok(())
    }

    /// Whether they are an operator; `needs` says what takes one.
    ///
    /// # Errors
    /// If they are not.
    pub const fn operator(&self, needs: &'static str) -> Result<(), AdministrationError> {
        match self.role {
            Role::Operator => Ok(()),
            Role::CompanyAdmin(_) => Err(AdministrationError::Forbidden(needs)),
        }
    }
}
