//! The accounts of administrators: what they sign in with, and how they change.

use time::OffsetDateTime;

use super::{Admin, AdminState, AuditAction, Role, SecretHash, TokenDigest};

/// An administrator, and what they sign in with.
#[derive(Debug, Clone)]
pub struct AdminAccount {
    /// Who they are.
    pub admin: Admin,
    /// The hash of the password; none before an invitation is accepted.
    pub password_hash: Option<SecretHash>,
    /// When they were disabled; none: they are not.
    pub disabled_at: Option<OffsetDateTime>,
    /// The open invitation.
    pub invitation: Option<Invitation>,
}

/// How a new administrator will sign in.
#[derive(Debug, Clone)]
pub enum AdminCredential {
    /// With a password of this hash.
    Password(SecretHash),
    /// With the password that whoever has the token will set.
    Invitation(Invitation),
}

impl AdminCredential {
    /// The action that the audit log records.
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
    /// What is stored of the token.
    pub digest: TokenDigest,
    /// When it expires.
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
    ResetPassword(SecretHash),
    /// As above, unless the password was changed since it was checked.
    ChangePassword {
        /// The hash of the password that was checked.
        known: SecretHash,
        /// The new one.
        hash: SecretHash,
    },
    /// Opens an invitation in place of an older one.
    Invite {
        /// The invitation.
        invitation: Invitation,
        /// Whether to invite even an administrator of a company who accepted an earlier invitation:
        /// the token gives access to their account.
        even_accepted: bool,
    },
    /// Unlinks their identity at an OpenID Connect issuer, and ends all sessions.
    ForgetIdentity,
}

/// Why an administrator is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdminRefusal {
    /// A disabled administrator is not invited.
    #[error("the administrator is disabled")]
    Disabled,
    /// The password was changed since it was checked.
    #[error("the password was changed meanwhile")]
    OtherPassword,
    /// No other operator can sign in.
    #[error("no other operator can sign in")]
    LastOperator,
    /// They accepted an invitation before.
    #[error("the invitation was accepted")]
    InvitationAccepted,
}

/// What decides whether an administrator may be changed.
#[derive(Debug, Clone)]
pub struct AdminStanding {
    /// The account.
    pub account: AdminAccount,
    /// Whether they have a password, or an identity at an OpenID Connect issuer.
    pub can_sign_in: bool,
    /// Whether the audit log has an event of theirs.
    pub has_acted: bool,
}

impl AdminStanding {
    /// Whether they ever accepted an invitation.
    #[must_use]
    pub const fn has_accepted(&self) -> bool {
        self.can_sign_in || self.has_acted
    }

    fn is_operator_who_can_sign_in(&self) -> bool {
        let admin = &self.account.admin;
        admin.role == Role::Operator && admin.state != AdminState::Disabled && self.can_sign_in
    }
}

/// Whether no other operator can sign in.
fn is_last_operator(target: &AdminStanding, others: &[AdminStanding]) -> bool {
    target.is_operator_who_can_sign_in()
        && !others
            .iter()
            .any(AdminStanding::is_operator_who_can_sign_in)
}

impl AdminChange {
    /// The action that the audit log records.
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

    /// Whether the account is already as the change would make it.
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

    /// Checks whether the change is allowed; `others` are the other operators.
    ///
    /// # Errors
    /// If it is not.
    pub fn check(
        &self,
        target: &AdminStanding,
        others: &[AdminStanding],
    ) -> Result<(), AdminRefusal> {
        let account = &target.account;
        match self {
            Self::Disable {
                even_the_last: false,
            } if is_last_operator(target, others) => Err(AdminRefusal::LastOperator),
            Self::Invite { .. } if account.disabled_at.is_some() => Err(AdminRefusal::Disabled),
            Self::Invite { even_accepted, .. } if target.has_accepted() => {
                let is_operator = account.admin.role == Role::Operator;
                if *even_accepted && !is_operator {
                    Ok(())
                } else {
                    Err(AdminRefusal::InvitationAccepted)
                }
            }
            Self::ChangePassword { known, .. } if account.password_hash.as_ref() != Some(known) => {
                Err(AdminRefusal::OtherPassword)
            }
            _ => Ok(()),
        }
    }
}

impl AdminAccount {
    /// Applies a change at the time `now`. Every change but unlinking an identity closes an open
    /// invitation.
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

    fn secret_hash(text: &str) -> SecretHash {
        SecretHash::new(text.to_owned())
    }

    fn invitation() -> Invitation {
        Invitation {
            digest: TokenDigest::stored(&[7; 32]).unwrap(),
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
            password_hash: hash.map(secret_hash),
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

        let refusal = Err(AdminRefusal::LastOperator);
        assert_eq!(DISABLE.check(&last, &[]), refusal);
        assert_eq!(DISABLE.check(&last, &others), refusal);
        assert_eq!(DISABLE.check(&last, &[standing(operator())]), Ok(()));
        assert_eq!(DISABLE.check(&of_a_company, &[]), Ok(()));
        let forced = AdminChange::Disable {
            even_the_last: true,
        };
        assert_eq!(forced.check(&last, &[]), Ok(()));
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
        let accepted = Err(AdminRefusal::InvitationAccepted);
        assert_eq!(invite(false).check(&invited, &[]), Ok(()));
        assert_eq!(invite(false).check(&has_acted, &[]), accepted);
        assert_eq!(invite(false).check(&standing(colleague()), &[]), accepted);
        assert_eq!(invite(true).check(&standing(colleague()), &[]), Ok(()));
        assert_eq!(invite(true).check(&standing(operator()), &[]), accepted);
        let refusal = Err(AdminRefusal::Disabled);
        assert_eq!(invite(true).check(&disabled, &[]), refusal);
    }

    #[test]
    fn a_password_is_changed_only_while_it_is_the_one_that_was_checked() {
        let change = |known: &str| AdminChange::ChangePassword {
            known: secret_hash(known),
            hash: secret_hash("another hash"),
        };
        let target = standing(operator());
        assert_eq!(change("a hash").check(&target, &[]), Ok(()));
        let refusal = Err(AdminRefusal::OtherPassword);
        assert_eq!(change("an older hash").check(&target, &[]), refusal);
        let changed = operator().with(&change("a hash"), NOW);
        assert_eq!(changed.password_hash, Some(secret_hash("another hash")));
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
        let accepted = invited.with(&AdminChange::ResetPassword(secret_hash("a hash")), NOW);
        assert_eq!(accepted.invitation, None);
        assert_eq!(accepted.admin, operator().admin);
    }
}
