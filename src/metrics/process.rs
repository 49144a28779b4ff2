//! Metrics of the process: its version, its readiness, its certificate, and its use of resources on Linux.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use time::OffsetDateTime;

type NoLabels = [(&'static str, &'static str); 0];

/// Metrics of the process.
pub struct ProcessMetrics {
    ready: Gauge,
    certificate_not_after: Family<NoLabels, Gauge>,
}

impl ProcessMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let ours = registry.sub_registry_with_prefix("rubrica");
        ours.register(
            "build",
            "Version of the running release",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        let ready = Gauge::default();
        ours.register(
            "ready",
            "1 while /readyz answers 200, else 0",
            ready.clone(),
        );
        let certificate_not_after = Family::default();
        ours.register_with_unit(
            "tls_certificate_not_after_timestamp",
            "Unix timestamp at which the TLS certificate of the service expires; absent without a certificate",
            Unit::Seconds,
            certificate_not_after.clone(),
        );
        #[cfg(target_os = "linux")]
        registry.register_collector(Box::new(super::linux::ProcessCollector));
        Self {
            ready,
            certificate_not_after,
        }
    }

    /// Sets whether this replica is ready.
    pub fn set_ready(&self, is_ready: bool) {
        self.ready.set(i64::from(is_ready));
    }

    /// Sets when the certificate in use expires.
    pub fn set_certificate_expiry(&self, at: OffsetDateTime) {
        self.certificate_not_after
            .get_or_create(&[])
            .set(at.unix_timestamp());
    }
}
