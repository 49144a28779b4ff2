//! Bounds on the resources of this replica that each caller may use at the same time.
//!
//! Rate limits count requests, but the resources of a request differ by four orders of magnitude. Therefore each
//! resource whose use a caller controls is counted per [`Holder`] while it is in use. A caller that would exceed
//! its share is rejected, and other callers are not affected. The bounds are the settings in `[fair_share]`.

mod bounds;
mod keyed_permits;
mod statements;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use bounds::{BoundReached, Resource, Scope};
pub use keyed_permits::KeyedPermits;
pub use statements::{StatementPermit, Statements};

use crate::config::FairShare;
use crate::domain::{AdminId, ClientNetwork, CompanyId};
use crate::metrics::{Metrics, ResourceInUse};

/// The user of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// All API keys of a company.
    Company(CompanyId),
    /// An administrator who is signed in.
    Admin(AdminId),
    /// A client that is not authenticated, by its network.
    Address(ClientNetwork),
}

/// One amount per [`Resource`], in the unit of the resource.
type Amounts = [u64; Resource::COUNT];

/// Counts the resources in use.
pub struct FairShares {
    settings: FairShare,
    in_use: Mutex<InUse>,
    totals: [ResourceInUse; Resource::COUNT],
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct InUse {
    all: Amounts,
    by_holder: HashMap<Holder, Amounts>,
}

/// An amount of a resource in use. Dropping it releases the amount.
pub struct Share {
    shares: Arc<FairShares>,
    holder: Holder,
    resource: Resource,
    amount: u64,
}

impl FairShares {
    /// Creates the counters; nothing is in use yet.
    #[must_use]
    pub fn new(settings: FairShare, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            settings,
            in_use: Mutex::default(),
            totals: Resource::ALL.map(|resource| metrics.fair_share.in_use(resource.name())),
            metrics,
        })
    }

    /// The configured bounds.
    #[must_use]
    pub const fn settings(&self) -> &FairShare {
        &self.settings
    }

    /// Takes an amount of a resource, in the resource's unit.
    ///
    /// # Errors
    /// If the holder, or all holders together, would exceed their bound.
    pub fn take(
        self: &Arc<Self>,
        holder: Holder,
        resource: Resource,
        amount: u64,
    ) -> Result<Share, BoundReached> {
        let mut share = Share {
            shares: Arc::clone(self),
            holder,
            resource,
            amount: 0,
        };
        share.grow_to(amount)?;
        Ok(share)
    }

    /// Counts an amount that exists already, such as the response to a completed request. It is never rejected.
    #[must_use]
    pub fn count(self: &Arc<Self>, holder: Holder, resource: Resource, amount: u64) -> Share {
        self.lock().add(holder, resource, amount);
        self.totals[resource.index()].add(amount);
        Share {
            shares: Arc::clone(self),
            holder,
            resource,
            amount,
        }
    }

    fn add(&self, holder: Holder, resource: Resource, amount: u64) -> Result<(), BoundReached> {
        let bounds = resource.bounds(&self.settings);
        let mut in_use = self.lock();
        let exceeds = |used: u64, bound: u64| used.saturating_add(amount) > bound;
        let own = in_use
            .by_holder
            .get(&holder)
            .map_or(0, |used| used[resource.index()]);
        let scope = if exceeds(own, bounds.each) {
            Scope::Own
        } else if exceeds(in_use.all[resource.index()], bounds.all) {
            Scope::All
        } else {
            in_use.add(holder, resource, amount);
            drop(in_use);
            self.totals[resource.index()].add(amount);
            return Ok(());
        };
        drop(in_use);
        self.metrics
            .fair_share
            .refused(resource.name(), scope.name());
        Err(BoundReached::new(resource, scope, bounds))
    }

    fn release(&self, holder: Holder, resource: Resource, amount: u64) {
        if amount > 0 {
            self.lock().remove(holder, resource, amount);
            self.totals[resource.index()].subtract(amount);
        }
    }

    fn lock(&self) -> MutexGuard<'_, InUse> {
        // No code panics while the lock is held.
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InUse {
    fn add(&mut self, holder: Holder, resource: Resource, amount: u64) {
        self.all[resource.index()] += amount;
        self.by_holder.entry(holder).or_default()[resource.index()] += amount;
    }

    fn remove(&mut self, holder: Holder, resource: Resource, amount: u64) {
        self.all[resource.index()] -= amount;
        if let Entry::Occupied(mut used) = self.by_holder.entry(holder) {
            used.get_mut()[resource.index()] -= amount;
            if used.get().iter().all(|amount| *amount == 0) {
                used.remove();
            }
        }
    }
}

impl Share {
    /// Grows the share to `amount`. A larger share stays as it is.
    ///
    /// # Errors
    /// As [`FairShares::take`]. The share keeps its amount.
    pub fn grow_to(&mut self, amount: u64) -> Result<(), BoundReached> {
        let missing = amount.saturating_sub(self.amount);
        if missing > 0 {
            self.shares.add(self.holder, self.resource, missing)?;
            self.amount = amount;
        }
        Ok(())
    }

    /// Shrinks the share to `amount`. A smaller share stays as it is.
    pub fn shrink_to(&mut self, amount: u64) {
        let surplus = self.amount.saturating_sub(amount);
        self.shares.release(self.holder, self.resource, surplus);
        self.amount -= surplus;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.shares.release(self.holder, self.resource, self.amount);
    }
}
