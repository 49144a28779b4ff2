//! What each company uses of this replica at the moment, and the bounds on it.
//!
//! Rate limits count requests; what a request takes inside differs by four orders of magnitude. So
//! each thing that a caller can make large is counted here, for each [`Holder`], while it is in use:
//! whoever would take more than its share is refused, and nobody else notices. The bounds are the
//! settings of `[fair_share]`.

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

/// Who uses something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// All API keys of a company.
    Company(CompanyId),
    /// An administrator who is signed in.
    Admin(AdminId),
    /// A client that has not said who it is.
    Address(ClientNetwork),
}

/// Amounts, one for each [`Resource`].
type Amounts = [u64; Resource::COUNT];

/// Counts what is in use.
pub struct FairShares {
    settings: FairShare,
    in_use: Mutex<InUse>,
    totals: [ResourceInUse; Resource::COUNT],
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct InUse {
    all: Amounts,
    of: HashMap<Holder, Amounts>,
}

/// Something in use. Dropped, it is free again.
pub struct Share {
    shares: Arc<FairShares>,
    holder: Holder,
    resource: Resource,
    amount: u64,
}

impl FairShares {
    /// Nothing is in use yet.
    #[must_use]
    pub fn new(settings: FairShare, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            settings,
            in_use: Mutex::default(),
            totals: Resource::ALL.map(|resource| metrics.fair_share.in_use(resource.name())),
            metrics,
        })
    }

    /// The bounds.
    #[must_use]
    pub const fn settings(&self) -> &FairShare {
        &self.settings
    }

    /// Takes an amount of something, in the resource's unit.
    ///
    /// # Errors
    /// If that is more than the holder's share, or than all of them may use.
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

    /// Takes an amount of something that is there already, such as the answer to a request that was
    /// carried out: it counts, and is not refused.
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
            .of
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
        // Nothing panics while it is held.
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InUse {
    fn add(&mut self, holder: Holder, resource: Resource, amount: u64) {
        self.all[resource.index()] += amount;
        self.of.entry(holder).or_default()[resource.index()] += amount;
    }

    fn remove(&mut self, holder: Holder, resource: Resource, amount: u64) {
        self.all[resource.index()] -= amount;
        if let Entry::Occupied(mut used) = self.of.entry(holder) {
            used.get_mut()[resource.index()] -= amount;
            if used.get().iter().all(|amount| *amount == 0) {
                used.remove();
            }
        }
    }
}

impl Share {
    /// Takes more of it, up to `amount`; keeps what it has if that is more.
    ///
    /// # Errors
    /// As [`FairShares::take`]. What was taken before stays taken.
    pub fn grow_to(&mut self, amount: u64) -> Result<(), BoundReached> {
        let missing = amount.saturating_sub(self.amount);
        if missing > 0 {
            self.shares.add(self.holder, self.resource, missing)?;
            self.amount = amount;
        }
        Ok(())
    }

    /// Gives back what is beyond `amount`.
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
