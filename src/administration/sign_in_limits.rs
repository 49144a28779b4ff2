//! Limits on sign-in attempts, and on how many failures are recorded.

use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::AdministrationError;
use crate::domain::{AdminId, ClientNetwork, Quota};
use crate::limits::{Decision, LocalLimiter};

/// How many failures of one account, or of all unknown accounts together, a replica records: from one
/// address, so that it does not use up the limit of others, and from all.
const RECORDED: Quota = hourly(20);
const RECORDED_IN_ALL: Quota = hourly(200);

/// A constant quota. A limit out of range does not compile.
const fn hourly(limit: u32) -> Quota {
    let Ok(quota) = Quota::new(limit, Duration::from_hours(1)) else {
        panic!("a limit out of bounds")
    };
    quota
}

/// The hash of the typed account, and the address.
type Pair = ([u8; 32], ClientNetwork);

/// Limits attempts per pair of account and address, so that an attacker cannot lock out an account from
/// other addresses. Limits all unauthenticated calls per address.
pub(super) struct SignInLimits {
    pairs: LocalLimiter<Pair>,
    pair_quota: Quota,
    addresses: LocalLimiter<ClientNetwork>,
    address_quota: Quota,
    guessers: LocalLimiter<AdminId>,
    records: LocalLimiter<(Option<AdminId>, ClientNetwork)>,
    all_records: LocalLimiter<Option<AdminId>>,
}

impl SignInLimits {
    pub(super) fn new(pair_quota: Quota, address_quota: Quota) -> Self {
        Self {
            pairs: LocalLimiter::default(),
            pair_quota,
            addresses: LocalLimiter::default(),
            address_quota,
            guessers: LocalLimiter::default(),
            records: LocalLimiter::default(),
            all_records: LocalLimiter::default(),
        }
    }

    /// Counts an unauthenticated call.
    pub(super) fn call(&self, address: IpAddr) -> Result<(), AdministrationError> {
        let address = ClientNetwork::from(address);
        let decision = self.addresses.take(&address, self.address_quota, 1);
        if decision.is_allowed {
            Ok(())
        } else {
            Err(refused(&decision))
        }
    }

    /// Counts an attempt before the password is verified, so that concurrent attempts cannot exceed the
    /// limit. The address has been counted when the call arrived.
    pub(super) fn attempt(
        &self,
        address: IpAddr,
        account: &str,
    ) -> Result<(), AdministrationError> {
        let by_pair = self.pairs.take(&pair(address, account), self.pair_quota, 1);
        if by_pair.is_allowed {
            Ok(())
        } else {
            Err(refused(&by_pair))
        }
    }

    /// Resets the count of the pair after a successful attempt.
    pub(super) fn succeeded(&self, address: IpAddr, account: &str) {
        self.pairs.forget(&pair(address, account));
    }

    /// Counts a call that may reveal something about other administrators, before it runs. Counts per
    /// administrator, not per address.
    pub(super) fn guess(&self, guesser: AdminId) -> Result<(), AdministrationError> {
        let decision = self.guessers.take(&guesser, self.pair_quota, 1);
        if decision.is_allowed {
            Ok(())
        } else {
            Err(refused(&decision))
        }
    }

    /// Uncounts one such call, because it revealed nothing.
    pub(super) fn was_no_guess(&self, guesser: AdminId) {
        self.guessers.give_back(&guesser, 1);
    }

    /// Whether one more failure is recorded, so that attackers cannot fill the audit log. A metric counts
    /// all failures.
    pub(super) fn is_recorded(&self, account: Option<AdminId>, address: IpAddr) -> bool {
        let pair = (account, ClientNetwork::from(address));
        let by_pair = self.records.take(&pair, RECORDED, 1);
        by_pair.is_allowed
            && self
                .all_records
                .take(&account, RECORDED_IN_ALL, 1)
                .is_allowed
    }
}

fn pair(address: IpAddr, account: &str) -> Pair {
    (Sha256::digest(account).into(), ClientNetwork::from(address))
}

fn refused(decision: &Decision) -> AdministrationError {
    AdministrationError::TooManyAttempts {
        quota: decision.quota,
        retry_after: decision.retry_after,
    }
}
