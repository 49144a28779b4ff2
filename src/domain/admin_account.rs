//! The accounts of administrators: what they sign in with, and how they change.

use std::fmt;

use time::OffsetDateTime;

use super::{Admin, AdminState, AuditAction, Role};

/// An administrator, and what they sign in with.
#[derive(Debug, Clone)]
pub struct AdminAccount {
    /// Who they are.
    pub admin: Admin,
    /// The argon2id hash (PHC string) of the password; none before an invitation is accepted.
    pub password_hash: Option<String>,
    /// Since when they are kept out.
    pub disabled_at: Option<OffsetDateTime>,
    /// The open invitation.
    pub invitation: Option<Invitation>,
}

/// How an administrator to be made will sign in.
#[derive(Debug, Clone)]
pub enum AdminCredential {
    /// With a password of this argon2id hash (PHC string).
    Password(String),
    /// With the password that whoever has the token will set.
    Invitation(Invitation),
}

impl AdminCredential {
    /// As what an administrator with it is recorded.
    #[must_use]
    pub const fn action(&self) -> AuditAction {
        match self {
            Self::Password(_) => AuditAction::AdminCreate,
            Self::Invitation(_) => AuditAction::AdminInvite,
        }
    }
}

/// A one-time token that sets a password, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The SHA-256 of the token.
    pub digest: Vec<u8>,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

/// What to change of an administrator.
#[derive(Debug, Clone)]
pub enum AdminChange {
    /// Ends all sessions and keeps new ones from beginning.
    Disable {
        /// Whether it may be the last operator who can sign in.
        even_the_last: bool,
    },
    /// Lets them sign in again.
    Enable,
    /// Sets this hash of a password, closes an open invitation, and ends all sessions.
    ResetPassword(String),
    /// As above, unless the password is another by now than the one with the first hash.
    ChangePassword {
        /// The hash of the password that was checked.
        known: String,
        /// The new one.
        hash: String,
    },
    /// Opens an invitation in place of an older one.
    Invite {
        /// The invitation.
        invitation: Invitation,
        /// Whether it may let whoever holds the token into the account of an administrator of a
        /// company who accepted an earlier one.
        even_accepted: bool,
    },
    /// Forgets who they are for an OpenID Connect issuer, and ends all sessions.
    ForgetIdentity,
}

/// Why an administrator is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminRefusal {
    /// Whoever is disabled is not invited.
    Disabled,
    /// The password is another by now than the one that was checked.
    OtherPassword,
    /// No operator who can sign in would be left.
    LastOperator,
    /// The administrator did more than being invited.
    InvitationAccepted,
}

impl fmt::Display for AdminRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Disabled => "the administrator is disabled",
            Self::OtherPassword => "the password was changed",
            Self::LastOperator => "no other operator can sign in",
            Self::InvitationAccepted => "the invitation was accepted",
        })
    }
}

impl std::error::Error for AdminRefusal {}

/// What a change of an administrator is judged by.
#[derive(Debug, Clone)]
pub struct AdminStanding {
    /// The account.
    pub account: AdminAccount,
    /// Whether they have a password, or an identity of an OpenID Connect issuer.
    pub can_sign_in: bool,
    /// Whether the record has an event of theirs.
    pub has_acted: bool,
}

impl AdminStanding {
    /// Whether they ever did more than being invited.
    #[must_use]
    pub const fn has_accepted(&self) -> bool {
        self.can_sign_in || self.has_acted
    }

    fn is_operator_who_can_sign_in(&self) -> bool {
        let admin = &self.account.admin;
        admin.role == Role::Operator && admin.state != AdminState::Disabled && self.can_sign_in
    }
}

/// Whether nobody else could administer the service.
fn is_last_operator(target: &AdminStanding, others: &[AdminStanding]) -> bool {
    target.is_operator_who_can_sign_in()
        && !others
            .iter()
            .any(AdminStanding::is_operator_who_can_sign_in)
}

impl AdminChange {
    /// As what it is recorded.
    #[must_use]
    pub const fn action(&self) -> AuditAction {
        match self {
            Self::Disable { .. } => AuditAction::AdminDisable,
            Self::Enable => AuditAction::AdminEnable,
            Self::ResetPassword(_) | Self::ChangePassword { .. } => AuditAction::AdminSetPassword,
            Self::Invite { .. } => AuditAction::AdminInvite,
            Self::ForgetIdentity => AuditAction::AdminForgetIdentity,
        }
    }

    /// Whether there is nothing left to change.
    #[must_use]
    pub fn is_made(&self, admin: &Admin) -> bool {
        match self {
            Self::Disable { .. } => admin.state == AdminState::Disabled,
            Self::Enable => admin.state != AdminState::Disabled,
            _ => false,
        }
    }

    /// Whether all sessions end.
    #[must_use]
    pub const fn ends_sessions(&self) -> bool {
        match self {
            Self::Disable { .. }
            | Self::ResetPassword(_)
            | Self::ChangePassword { .. }
            | Self::ForgetIdentity => true,
            Self::Enable | Self::Invite { .. } => false,
        }
    }

    /// Why it is not made, if it is not; `others` are the other operators.
    #[must_use]
    pub fn refusal(
        &self,
        target: &AdminStanding,
        others: &[AdminStanding],
    ) -> Option<AdminRefusal> {
        let account = &target.account;
        match self {
            Self::Disable {
                even_the_last: false,
            } if is_last_operator(target, others) => Some(AdminRefusal::LastOperator),
            Self::Invite { .. } if account.disabled_at.is_some() => Some(AdminRefusal::Disabled),
            Self::Invite { even_accepted, .. } if target.has_accepted() => {
                let is_operator = account.admin.role == Role::Operator;
                let may_be_invited = *even_accepted && !is_operator;
                (!may_be_invited).then_some(AdminRefusal::InvitationAccepted)
            }
            Self::ChangePassword { known, .. } if account.password_hash.as_ref() != Some(known) => {
                Some(AdminRefusal::OtherPassword)
            }
            _ => None,
        }
    }
}

impl AdminAccount {
    /// The account after a change at the time `now`. An open invitation stays open only where a
    /// forgotten identity leaves it.
    #[must_use]
    pub fn with(mut self, change: &AdminChange, now: OffsetDateTime) -> Self {
        let invitation = self.invitation.take();
        match change {
            AdminChange::Disable { .. } => self.disabled_at = Some(now),
            AdminChange::Enable => self.disabled_at = None,
            AdminChange::ResetPassword(hash) | AdminChange::ChangePassword { hash, .. } => {
                self.password_hash = Some(hash.clone());
            }
            AdminChange::Invite { invitation, .. } => self.invitation = Some(invitation.clone()),
            AdminChange::ForgetIdentity => self.invitation = invitation,
        }
        let admin = &mut self.admin;
        admin.state = AdminState::of(self.disabled_at.is_some(), self.password_hash.is_some());
        admin.invitation_expires_at = self.invitation.as_ref().map(|open| open.expires_at);
        self
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;
    use crate::domain::{AdminId, CompanyId};

    const NOW: OffsetDateTime = datetime!(2026-01-31 9:30 UTC);

    fn invitation() -> Invitation {
        Invitation {
            digest: vec![7],
            expires_at: NOW + Duration::DAY,
        }
    }

    fn account(role: Role, hash: Option<&str>) -> AdminAccount {
        AdminAccount {
            admin: Admin {
                admin_id: AdminId::new(1),
                email: "ada@example.com".to_owned(),
                role,
                company_id: role.company(),
                state: AdminState::of(false, hash.is_some()),
                created_at: NOW,
                invitation_expires_at: None,
            },
            password_hash: hash.map(str::to_owned),
            disabled_at: None,
            invitation: None,
        }
    }

    fn standing(account: AdminAccount) -> AdminStanding {
        AdminStanding {
            can_sign_in: account.password_hash.is_some(),
            has_acted: false,
            account,
        }
    }

    fn operator() -> AdminAccount {
        account(Role::Operator, Some("a hash"))
    }

    fn colleague() -> AdminAccount {
        account(Role::CompanyAdmin(CompanyId::new(1)), Some("a hash"))
    }

    const DISABLE: AdminChange = AdminChange::Disable {
        even_the_last: false,
    };

    #[test]
    fn the_last_operator_who_can_sign_in_is_not_disabled() {
        let last = standing(operator());
        let disabled = standing(operator().with(&DISABLE, NOW));
        let invited = standing(account(Role::Operator, None));
        let of_a_company = standing(colleague());
        let others = [disabled, invited, of_a_company.clone()];

        let refusal = Some(AdminRefusal::LastOperator);
        assert_eq!(DISABLE.refusal(&last, &[]), refusal);
        assert_eq!(DISABLE.refusal(&last, &others), refusal);
        assert_eq!(DISABLE.refusal(&last, &[standing(operator())]), None);
        assert_eq!(DISABLE.refusal(&of_a_company, &[]), None);
        let forced = AdminChange::Disable {
            even_the_last: true,
        };
        assert_eq!(forced.refusal(&last, &[]), None);
    }

    #[test]
    fn only_who_never_accepted_is_invited_again_unless_an_operator_invites_a_company_admin() {
        let invite = |even_accepted| AdminChange::Invite {
            invitation: invitation(),
            even_accepted,
        };
        let invited = standing(account(Role::Operator, None));
        let has_acted = AdminStanding {
            has_acted: true,
            ..invited.clone()
        };
        let disabled = standing(colleague().with(&DISABLE, NOW));
        let accepted = Some(AdminRefusal::InvitationAccepted);
        assert_eq!(invite(false).refusal(&invited, &[]), None);
        assert_eq!(invite(false).refusal(&has_acted, &[]), accepted);
        assert_eq!(invite(false).refusal(&standing(colleague()), &[]), accepted);
        assert_eq!(invite(true).refusal(&standing(colleague()), &[]), None);
        assert_eq!(invite(true).refusal(&standing(operator()), &[]), accepted);
        let refusal = Some(AdminRefusal::Disabled);
        assert_eq!(invite(true).refusal(&disabled, &[]), refusal);
    }

    #[test]
    fn a_password_is_changed_only_while_it_is_the_one_that_was_checked() {
        let change = |known: &str| AdminChange::ChangePassword {
            known: known.to_owned(),
            hash: "another hash".to_owned(),
        };
        let target = standing(operator());
        assert_eq!(change("a hash").refusal(&target, &[]), None);
        let refusal = Some(AdminRefusal::OtherPassword);
        assert_eq!(change("an older hash").refusal(&target, &[]), refusal);
        let changed = operator().with(&change("a hash"), NOW);
        assert_eq!(changed.password_hash.as_deref(), Some("another hash"));
        assert!(change("a hash").ends_sessions());
    }

    #[test]
    fn a_change_that_is_made_leaves_nothing_to_do() {
        let disabled = operator().with(&DISABLE, NOW);
        assert_eq!(disabled.admin.state, AdminState::Disabled);
        assert!(DISABLE.is_made(&disabled.admin));
        assert!(!AdminChange::Enable.is_made(&disabled.admin));
        let enabled = disabled.with(&AdminChange::Enable, NOW);
        assert_eq!(enabled.admin, operator().admin);
        assert!(AdminChange::Enable.is_made(&enabled.admin));
    }

    #[test]
    fn an_invitation_is_open_until_a_password_is_set_and_outlives_an_identity() {
        let invite = AdminChange::Invite {
            invitation: invitation(),
            even_accepted: false,
        };
        let invited = account(Role::Operator, None).with(&invite, NOW);
        assert_eq!(invited.admin.state, AdminState::Invited);
        assert_eq!(
            invited.admin.invitation_expires_at,
            Some(invitation().expires_at)
        );
        let forgotten = invited.clone().with(&AdminChange::ForgetIdentity, NOW);
        assert_eq!(forgotten.invitation, Some(invitation()));
        let accepted = invited.with(&AdminChange::ResetPassword("a hash".to_owned()), NOW);
        assert_eq!(accepted.invitation, None);
        assert_eq!(accepted.admin, operator().admin);
    }
}
