//! Requests on the public port.

use std::sync::LazyLock;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::LATENCY_BUCKETS;

/// What arrived on any port and is no HTTP request. Of the process: whoever finds it knows no more.
pub static UNREADABLE_REQUESTS: LazyLock<Counter> = LazyLock::new(Counter::default);

/// What is counted of requests.
pub struct RequestMetrics {
    durations: Family<RequestLabels, Histogram>,
    in_flight: Gauge,
}

/// What tells requests apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// `other` where it is unknown.
    pub method: &'static str,
    /// A template, never a path.
    pub route: String,
    /// Of the answer.
    pub status: u16,
}

/// A request that is not answered yet: until it is dropped.
pub struct InFlight(Gauge);

impl RequestMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let durations = Family::<RequestLabels, Histogram>::new_with_constructor(|| {
            Histogram::new(LATENCY_BUCKETS)
        });
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's head to its answer",
            Unit::Seconds,
            durations.clone(),
        );
        let in_flight = Gauge::default();
        registry.register(
            "http_requests_in_flight",
            "Requests that are not answered yet",
            in_flight.clone(),
        );
        registry.register(
            "http_unreadable_requests",
            "What arrived and is no HTTP request, on any port",
            UNREADABLE_REQUESTS.clone(),
        );
        Self {
            durations,
            in_flight,
        }
    }

    /// Counts a request for as long as it lasts, also where its caller hangs up.
    #[must_use]
    pub fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts an answered request.
    pub fn answered(&self, labels: &RequestLabels, duration: Duration) {
        self.durations
            .get_or_create(labels)
            .observe(duration.as_secs_f64());
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
