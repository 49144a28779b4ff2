//! Traces: OTLP over HTTP, with W3C Trace Context in and out. Off unless `traces.endpoint` is set; then no
//! span is made for them.

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

/// Spans that wait to be sent. More are dropped: a collector that is down holds up nothing.
const QUEUE: usize = 8192;

static IS_ENABLED: AtomicBool = AtomicBool::new(false);

/// Whether spans are made for traces.
pub fn is_enabled() -> bool {
    IS_ENABLED.load(Ordering::Relaxed)
}

/// The way of spans to a collector.
pub struct Traces {
    provider: SdkTracerProvider,
    timeout: Duration,
}

impl Traces {
    /// Begins to collect spans, if the settings say where to.
    ///
    /// # Errors
    /// If the endpoint or a header cannot be used.
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
        let processor = BatchSpanProcessor::builder(WatchedExporter {
            exporter,
            is_failing: AtomicBool::new(false),
        });
        let ratio = Sampler::TraceIdRatioBased(settings.sample_ratio);
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor.with_batch_config(queue).build())
            .with_sampler(Sampler::ParentBased(Box::new(ratio)))
            .with_resource(
                // And what OTEL_RESOURCE_ATTRIBUTES says, such as the pod.
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

    /// Takes the spans of this crate, and no events: those are for the log.
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

    /// Sends what is left, for as long as an export may take. Blocks.
    pub fn stop(self) {
        // What cannot be sent was reported, and nothing depends on it.
        let _ = self.provider.shutdown_with_timeout(self.timeout);
    }
}

/// The trace that a request belongs to.
pub struct Trace {
    /// 32 hexadecimal digits.
    pub id: String,
    /// For the header `traceresponse` (W3C Trace Context, level 2).
    pub response: String,
}

/// Makes the span of a request a part of its caller's trace, or of a new one.
#[must_use]
pub fn join_trace(span: &Span, traceparent: Option<&str>, tracestate: Option<&str>) -> Trace {
    let carrier: HashMap<String, String> =
        [("traceparent", traceparent), ("tracestate", tracestate)]
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
    // It fails only for a span that is not for traces.
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

/// Tells the span of a request how it was answered, by the semantic conventions for HTTP servers. The
/// path is not told: it may hold an e-mail address or a phone.
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

/// Says once that traces do not arrive, and once that they do again.
#[derive(Debug)]
struct WatchedExporter {
    exporter: SpanExporter,
    is_failing: AtomicBool,
}

impl opentelemetry_sdk::trace::SpanExporter for WatchedExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.exporter.export(batch).await;
        let was_failing = self.is_failing.swap(result.is_err(), Ordering::Relaxed);
        match &result {
            Err(cause) if !was_failing => warn!(%cause, "traces do not reach the collector"),
            Ok(()) if was_failing => info!("traces reach the collector again"),
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
