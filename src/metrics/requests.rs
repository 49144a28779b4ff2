//! Metrics of HTTP requests.

use std::sync::LazyLock;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::LATENCY_BUCKETS;

/// Counts data that arrives on any port and is not an HTTP request. It is global, because the log layer that
/// detects such data has no access to the metrics.
pub static UNREADABLE_REQUESTS: LazyLock<Counter> = LazyLock::new(Counter::default);

/// Metrics of requests.
pub struct RequestMetrics {
    durations: Family<RequestLabels, Histogram>,
    in_flight: Gauge,
}

/// The labels of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// The HTTP method; `other` if it is unknown.
    pub method: &'static str,
    /// The route template, such as `/public/v1/contacts/{id}`; never the path of the request.
    pub route: String,
    /// The HTTP status of the response.
    pub status: u16,
}

/// A request in flight. Dropping it ends the count.
pub struct InFlight(Gauge);

impl RequestMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let durations = Family::<RequestLabels, Histogram>::new_with_constructor(|| {
            Histogram::new(LATENCY_BUCKETS)
        });
        registry.register_with_unit(
            "http_request_duration",
            "Time from the headers of a request to its response",
            Unit::Seconds,
            durations.clone(),
        );
        let in_flight = Gauge::default();
        registry.register(
            "http_requests_in_flight",
            "Requests in flight",
            in_flight.clone(),
        );
        registry.register(
            "http_unreadable_requests",
            "Messages on any port that are not HTTP requests",
            UNREADABLE_REQUESTS.clone(),
        );
        Self {
            durations,
            in_flight,
        }
    }

    /// Counts a request as in flight until the result is dropped, even if its client disconnects.
    #[must_use]
    pub fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Records the duration of an answered request.
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
