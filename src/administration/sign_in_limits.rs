//! How often somebody may try to sign in, and how often it is recorded that it failed.

use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::AdministrationError;
use crate::domain::{AdminId, ClientNetwork, Quota};
use crate::limits::{Decision, LocalLimiter};

/// Failures of one account, or of all unknown ones together, that each replica records: from one address,
/// so that it does not fill the place of others, and from all.
const RECORDED: Quota = hourly(20);
const RECORDED_IN_ALL: Quota = hourly(200);

/// For constants: a limit out of bounds does not compile.
const fn hourly(limit: u32) -> Quota {
    let Ok(quota) = Quota::new(limit, Duration::from_hours(1)) else {
        panic!("a limit out of bounds")
    };
    quota
}

/// An account, as a hash of what was typed, and an address.
type Pair = ([u8; 32], ClientNetwork);

/// Limits attempts by pair of account and address, so that a stranger locks nobody out; and all calls
/// of who is not signed in by address.
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

    /// Counts a call of somebody who is not signed in.
    pub(super) fn call(&self, address: IpAddr) -> Result<(), AdministrationError> {
        let address = ClientNetwork::from(address);
        let decision = self.addresses.take(&address, self.address_quota, 1);
        if decision.is_allowed {
            Ok(())
        } else {
            Err(refused(&decision))
        }
    }

    /// Counts an attempt before it is judged: many at once must not pass together. The address was
    /// counted before, when the call came.
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

    /// An attempt went well: those before it were mistakes.
    pub(super) fn succeeded(&self, address: IpAddr, account: &str) {
        self.pairs.forget(&pair(address, account));
    }

    /// Counts a call by which an administrator may find out about others, before it is judged. By the
    /// administrator alone: they are signed in, from however many addresses.
    pub(super) fn guess(&self, guesser: AdminId) -> Result<(), AdministrationError> {
        let decision = self.guessers.take(&guesser, self.pair_quota, 1);
        if decision.is_allowed {
            Ok(())
        } else {
            Err(refused(&decision))
        }
    }

    /// Such a call told nothing: it alone is not counted, and those before it are.
    pub(super) fn was_no_guess(&self, guesser: AdminId) {
        self.guessers.give_back(&guesser, 1);
    }

    /// Whether one more failure is recorded: strangers must not fill the record. All are counted by
    /// a metric.
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
