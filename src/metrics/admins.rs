//! Administrators: how they sign in.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// What is counted of administrators.
pub struct AdminMetrics {
    sign_ins: Family<ResultLabel, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabel {
    result: &'static str,
}

impl AdminMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let sign_ins = Family::default();
        registry.register(
            "admin_sign_ins",
            "Attempts of administrators to sign in: succeeded, refused, limited",
            sign_ins.clone(),
        );
        Self { sign_ins }
    }

    /// Counts an attempt of an administrator to sign in.
    pub fn signed_in(&self, result: &'static str) {
        self.sign_ins.get_or_create(&ResultLabel { result }).inc();
    }
}
