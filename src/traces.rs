//! Traces: OTLP over HTTP, with W3C Trace Context. They are off unless `traces.endpoint` is set.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use opentelemetry::KeyValue;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Status, TraceContextExt, TracerProvider};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData,
};
use tracing::{Span, Subscriber, info, warn};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::registry::LookupSpan;

/// The maximum number of spans that wait for export. Further spans are dropped, so that a collector that is down
/// does not block requests.
const QUEUE: usize = 8192;

static IS_ENABLED: AtomicBool = AtomicBool::new(false);

/// Whether traces are on.
pub fn is_enabled() -> bool {
    IS_ENABLED.load(Ordering::Relaxed)
}

/// The export of spans to a collector.
pub struct Traces {
    provider: SdkTracerProvider,
    timeout: Duration,
}

impl Traces {
    /// Starts to collect spans, if `traces.endpoint` is set.
    ///
    /// # Errors
    /// If the endpoint or a header is invalid.
    pub fn start(settings: &crate::config::Traces) -> anyhow::Result<Option<Self>> {
        let Some(endpoint) = &settings.endpoint else {
            return Ok(None);
        };
        let headers: HashMap<_, _> = settings
            .headers
            .iter()
            .flat_map(crate::config::Headers::iter)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(endpoint)
            .with_headers(headers)
            .with_timeout(settings.timeout)
            .build()
            .context("traces cannot be exported (traces.endpoint, traces.headers)")?;
        let queue = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .build();
        let processor = BatchSpanProcessor::builder(LoggingExporter {
            exporter,
            is_failing: AtomicBool::new(false),
        });
        let ratio = Sampler::TraceIdRatioBased(settings.sample_ratio);
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor.with_batch_config(queue).build())
            .with_sampler(Sampler::ParentBased(Box::new(ratio)))
            .with_resource(
                // The builder adds OTEL_RESOURCE_ATTRIBUTES, for example the name of the pod.
                Resource::builder()
                    .with_service_name("rubrica")
                    .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
                    .build(),
            )
            .build();
        IS_ENABLED.store(true, Ordering::Relaxed);
        Ok(Some(Self {
            provider,
            timeout: settings.timeout,
        }))
    }

    /// The layer that exports the spans of this crate. It exports no events: they belong in the log.
    #[must_use]
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let ours = filter_fn(|metadata| {
            metadata.is_span() && metadata.target().starts_with(env!("CARGO_CRATE_NAME"))
        });
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("rubrica"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(ours.with_max_level_hint(LevelFilter::DEBUG))
    }

    /// Exports the remaining spans. Blocks for at most `traces.timeout`.
    pub fn stop(self) {
        // A failure was logged by the exporter, and nothing depends on it.
        let _ = self.provider.shutdown_with_timeout(self.timeout);
    }
}

/// The trace of a request.
pub struct Trace {
    /// The trace id: 32 hexadecimal digits.
    pub id: String,
    /// The value of the header `traceresponse` (W3C Trace Context, level 2).
    pub response: String,
}

/// Adds the span of a request to the trace of its caller, or to a new trace.
#[must_use]
pub fn join_trace(span: &Span, traceparent: Option<&str>, tracestate: Option<&str>) -> Trace {
    let carrier: HashMap<String, String> =
        [("traceparent", traceparent), ("tracestate", tracestate)]
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
    // It fails only for a span that is not exported.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&carrier));
    let context = span.context();
    let context = context.span();
    let context = context.span_context();
    let (trace, span) = (context.trace_id(), context.span_id());
    Trace {
        id: trace.to_string(),
        response: format!("00-{trace}-{span}-{:02x}", context.trace_flags().to_u8()),
    }
}

/// Records the response on the span of a request, with the OpenTelemetry semantic conventions for HTTP servers. The
/// path is not recorded, because it may contain an e-mail address or a phone number.
pub fn record_response(span: &Span, method: &'static str, route: &str, status: u16) {
    let context = span.context();
    let span = context.span();
    span.update_name(format!("{method} {route}"));
    span.set_attributes([
        KeyValue::new("http.request.method", method),
        KeyValue::new("http.route", route.to_owned()),
        KeyValue::new("http.response.status_code", i64::from(status)),
    ]);
    if status >= 500 {
        span.set_status(Status::error(""));
    }
}

/// An exporter that logs once when exports fail, and once when they succeed again.
#[derive(Debug)]
struct LoggingExporter {
    exporter: SpanExporter,
    is_failing: AtomicBool,
}

impl opentelemetry_sdk::trace::SpanExporter for LoggingExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.exporter.export(batch).await;
        let was_failing = self.is_failing.swap(result.is_err(), Ordering::Relaxed);
        match &result {
            Err(cause) if !was_failing => warn!(%cause, "cannot export traces to the collector"),
            Ok(()) if was_failing => info!("traces are exported to the collector again"),
            _ => {}
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
