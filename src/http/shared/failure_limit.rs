//! The limit of failed authentications.

use std::net::IpAddr;

use crate::domain::{ClientNetwork, Quota};
use crate::limits::{Decision, LocalLimiter};

/// Limits how often a client address may present a bad key, token or session.
pub struct FailureLimit {
    failures: LocalLimiter<ClientNetwork>,
    quota: Quota,
}

impl FailureLimit {
    /// Limits the failures of each address to this quota.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        Self {
            failures: LocalLimiter::default(),
            quota,
        }
    }

    /// Counts a failure. Returns the decision if the address has failed too often.
    pub(in crate::http) fn refuse(&self, address: IpAddr) -> Option<Decision> {
        let decision = self.failures.take(&address.into(), self.quota, 1);
        (!decision.is_allowed).then_some(decision)
    }
}
