//! What companies, administrators and client addresses use at once, and where they met a bound.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// What is counted of fair shares.
pub struct FairShareMetrics {
    in_use: Family<ResourceLabel, Gauge>,
    refusals: Family<RefusalLabels, Counter>,
}

/// How much of one resource is in use.
#[derive(Debug, Clone)]
pub struct ResourceInUse(Gauge);

impl ResourceInUse {
    /// Counts what is taken.
    pub fn add(&self, amount: u64) {
        self.0.inc_by(i64::try_from(amount).unwrap_or(i64::MAX));
    }

    /// Counts what is given back.
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
            "What all callers together use now of each bounded resource, in the unit that its name says",
            in_use.clone(),
        );
        let refusals = Family::default();
        registry.register(
            "fair_share_refusals",
            "Requests refused at a bound, the caller's own one or that of all together",
            refusals.clone(),
        );
        Self { in_use, refusals }
    }

    /// What is in use of a resource: looked up once, since it changes with every request.
    #[must_use]
    pub fn in_use(&self, resource: &'static str) -> ResourceInUse {
        ResourceInUse(self.in_use.get_or_create_owned(&ResourceLabel { resource }))
    }

    /// Counts a refusal.
    pub fn refused(&self, resource: &'static str, scope: &'static str) {
        self.refusals
            .get_or_create(&RefusalLabels { resource, scope })
            .inc();
    }
}
