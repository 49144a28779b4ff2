//! The process itself: its release, its certificate, and what Linux says of it.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use time::OffsetDateTime;

type NoLabels = [(&'static str, &'static str); 0];

/// What is known of the process.
pub struct ProcessMetrics {
    ready: Gauge,
    certificate_not_after: Family<NoLabels, Gauge>,
}

impl ProcessMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let ours = registry.sub_registry_with_prefix("rubrica");
        ours.register(
            "build",
            "The release that is at work",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        let ready = Gauge::default();
        ours.register(
            "ready",
            "1 while this replica should get requests, as /readyz says",
            ready.clone(),
        );
        let certificate_not_after = Family::default();
        ours.register_with_unit(
            "tls_certificate_not_after_timestamp",
            "When the service's own certificate ends, since 1970; absent without one",
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

    /// Says whether requests should come.
    pub fn set_ready(&self, is_ready: bool) {
        self.ready.set(i64::from(is_ready));
    }

    /// Says until when the certificate in use is valid.
    pub fn set_certificate_expiry(&self, at: OffsetDateTime) {
        self.certificate_not_after
            .get_or_create(&[])
            .set(at.unix_timestamp());
    }
}
