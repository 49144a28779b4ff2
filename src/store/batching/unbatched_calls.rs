//! Who may go alone: few at once, and those that wait for one contact, or for those of one company,
//! leave places to all others.

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::domain::CompanyId;
use crate::fair_share::KeyedPermits;
use crate::store::contacts::upsert_call::UpsertCall;

/// Connections that calls may use alone: few, so that a contact that everybody writes to leaves
/// connections to all other calls.
const ALL: usize = 4;
/// Of these, for one company.
const OF_A_COMPANY: usize = ALL / 2;
/// Of these, for one identifier: who comes next would wait for the same lock.
const OF_AN_IDENTIFIER: usize = 1;

/// The places of calls that go alone.
pub(in crate::store) struct UnbatchedCalls {
    all: Semaphore,
    companies: KeyedPermits<CompanyId>,
    identifiers: KeyedPermits<(CompanyId, String)>,
}

/// A place. Held for one attempt: a call that pauses before its next one is in nobody's way.
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

    /// Waits for a place, in order among those with the same identifier.
    pub(in crate::store) async fn place(&self, call: &UpsertCall) -> Place<'_> {
        // In this order: who waits for the contact holds no place of others meanwhile.
        let identifier = call.patch.identifiers.texts().next().unwrap_or_default();
        let key = (call.company, identifier.to_owned());
        Place {
            _identifier: self.identifiers.permit(key).await,
            _company: self.companies.permit(call.company).await,
            _all: self.all.acquire().await.ok(),
        }
    }
}
