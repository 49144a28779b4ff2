//! Bounds on unbatched upserts: in total, per company and per identifier.

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::domain::CompanyId;
use crate::fair_share::KeyedPermits;
use crate::store::contacts::upsert_call::UpsertCall;

/// Unbatched upserts that run concurrently. Few, so that a contact with many concurrent writers
/// leaves connections to all other calls.
const ALL: usize = 4;
/// How many of them one company may have.
const OF_A_COMPANY: usize = ALL / 2;
/// How many of them one identifier may have: a second one would only wait for the same lock.
const OF_AN_IDENTIFIER: usize = 1;

/// The permits of unbatched upserts.
pub(in crate::store) struct UnbatchedCalls {
    all: Semaphore,
    companies: KeyedPermits<CompanyId>,
    identifiers: KeyedPermits<(CompanyId, String)>,
}

/// The permits of one attempt. A call holds none while it pauses before its next attempt.
pub(in crate::store) struct Place<'a> {
    _identifier: Option<OwnedSemaphorePermit>,
    _company: Option<OwnedSemaphorePermit>,
    _all: Option<SemaphorePermit<'a>>,
}

impl UnbatchedCalls {
    pub(in crate::store) fn new() -> Self {
        Self {
            all: Semaphore::new(ALL),
            companies: KeyedPermits::new(OF_A_COMPANY),
            identifiers: KeyedPermits::new(OF_AN_IDENTIFIER),
        }
    }

    /// Waits for the permits. Calls with the same identifier get theirs in order.
    pub(in crate::store) async fn place(&self, call: &UpsertCall) -> Place<'_> {
        // The order matters: a call that waits for its identifier holds none of the other permits.
        let identifier = call.patch.identifiers.texts().next().unwrap_or_default();
        let key = (call.company, identifier.to_owned());
        Place {
            _identifier: self.identifiers.permit(key).await,
            _company: self.companies.permit(call.company).await,
            _all: self.all.acquire().await.ok(),
        }
    }
}
