//! The principal of administrative actions.

use time::OffsetDateTime;

use super::AdministrationError;
use crate::domain::{Actor, AdminId, CompanyId, FormId, Origin, Role};
use crate::store::SignedIn;

/// Who performs an administrative action: an administrator with a valid session, or the command line.
#[derive(Debug, Clone)]
pub struct AdminPrincipal {
    actor: Actor,
    /// The time of the action, which decides what depends on time.
    now: OffsetDateTime,
    role: Role,
    is_suspended: bool,
    admin: Option<AdminId>,
    email: Option<String>,
}

impl AdminPrincipal {
    /// A user of the command line, who acts as an operator at the time `now`.
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

    /// The same principal, whose next change marks this form as used. If the form was used before, the
    /// change fails.
    #[must_use]
    pub fn sending(&self, form: FormId) -> Self {
        let mut principal = self.clone();
        if let Some(admin) = self.admin {
            principal.actor = principal.actor.sending(admin, form);
        }
        principal
    }

    /// The same principal at a later time, for callers that had to wait in between.
    #[must_use]
    pub fn at(&self, now: OffsetDateTime) -> Self {
        Self {
            now,
            ..self.clone()
        }
    }

    /// The time of the action.
    pub(super) const fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// The actor in the audit log.
    pub(super) const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The company that statements are restricted to. `None`: any.
    pub(super) const fn reach(&self) -> Option<CompanyId> {
        self.role.company()
    }

    /// Whom to count if an answer reveals something about other administrators. `None` for operators, who
    /// may know all of them.
    pub(super) const fn guesser(&self) -> Option<AdminId> {
        match self.role {
            Role::Operator => None,
            Role::CompanyAdmin(_) => self.admin,
        }
    }

    /// Checks that they may read a company. Another one is reported as unknown.
    pub(super) fn look_at(&self, company: CompanyId) -> Result<CompanyId, AdministrationError> {
        match self.role {
            Role::CompanyAdmin(own) if own != company => Err(AdministrationError::NoSuchCompany),
            _ => Ok(company),
        }
    }

    /// Checks that they may change a company.
    pub(super) fn change(&self, company: CompanyId) -> Result<CompanyId, AdministrationError> {
        let company = self.look_at(company)?;
        self.may_change()?;
        Ok(company)
    }

    /// Checks that their company is not suspended.
    pub(super) const fn may_change(&self) -> Result<(), AdministrationError> {
        if self.is_suspended {
            return Err(AdministrationError::CompanySuspended);
        }
        Ok(())
    }

    /// Checks that they are an operator. `needs` names the action that needs one.
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
