//! Metrics of fair shares: the resources in use, and the requests rejected at a bound.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Metrics of fair shares.
pub struct FairShareMetrics {
    in_use: Family<ResourceLabel, Gauge>,
    refusals: Family<RefusalLabels, Counter>,
}

/// The gauge of one resource: the amount in use.
#[derive(Debug, Clone)]
pub struct ResourceInUse(Gauge);

impl ResourceInUse {
    /// Adds an amount that is taken.
    pub fn add(&self, amount: u64) {
        self.0.inc_by(i64::try_from(amount).unwrap_or(i64::MAX));
    }

    /// Subtracts an amount that is released.
    pub fn subtract(&self, amount: u64) {
        self.0.dec_by(i64::try_from(amount).unwrap_or(i64::MAX));
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResourceLabel {
    resource: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    resource: &'static str,
    scope: &'static str,
}

impl FairShareMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let in_use = Family::default();
        registry.register(
            "fair_share_in_use",
            "Amount of each bounded resource that all callers together use, in the unit at the end of its name",
            in_use.clone(),
        );
        let refusals = Family::default();
        registry.register(
            "fair_share_refusals",
            "Requests rejected at a bound, by resource and scope: own (of the caller) or all (of all callers together)",
            refusals.clone(),
        );
        Self { in_use, refusals }
    }

    /// The gauge of a resource. Callers keep it, because each request changes it.
    #[must_use]
    pub fn in_use(&self, resource: &'static str) -> ResourceInUse {
        ResourceInUse(self.in_use.get_or_create_owned(&ResourceLabel { resource }))
    }

    /// Counts a rejected request.
    pub fn refused(&self, resource: &'static str, scope: &'static str) {
        self.refusals
            .get_or_create(&RefusalLabels { resource, scope })
            .inc();
    }
}
