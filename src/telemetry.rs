//! Logs, and the spans of traces.

use std::fmt;
use std::io::IsTerminal;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, debug, error};
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::fmt::time::UtcTime;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{Log, LogFormat};
use crate::traces::Traces;

/// These libraries log parameters of statements and commands below warnings: personal data.
const CAPPED: [&str; 4] = ["tokio_postgres", "deadpool", "redis", "actix_server"];

/// What this library logs is what strangers make it log: errors in what they send, and lost connections.
const HTTP_LIBRARY: &str = "actix_http";
/// Begins what it says of what is no request; other errors are lost connections.
const NOT_HTTP: &str = "stream error: request parse error";

/// Starts logging to standard output, and traces if there are any, and lets panics tell where they
/// happened, but not what values they met. `count_unreadable` is called for each thing that arrives on a
/// port and is no HTTP request: nobody else hears of it, for it never becomes a request.
///
/// # Errors
/// If logging was started before.
pub fn start(
    settings: &Log,
    traces: Option<&Traces>,
    count_unreadable: fn(),
) -> anyhow::Result<()> {
    let is_json = match settings.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stdout().is_terminal(),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_timer(UtcTime::rfc_3339())
        .with_writer(std::io::stdout);
    let lines = if is_json {
        lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed()
    } else {
        lines.compact().boxed()
    };
    let level = EnvFilter::try_new(&settings.level)?;
    // Filters of single layers: what no layer is made for is not made at all.
    let registry = tracing_subscriber::registry()
        .with(lines.with_filter(level.and(filter_fn(is_fit_for_logs))));
    // The outermost layer: what it logs by itself comes when the others are done.
    let started = match traces {
        None => registry
            .with(unreadable_requests(count_unreadable))
            .try_init(),
        Some(traces) => registry
            .with(traces.layer())
            .with(unreadable_requests(count_unreadable))
            .try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("cannot start logging: {error}"))?;

    std::panic::set_hook(Box::new(|panic| {
        let location = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        error!(location, "a task panicked");
    }));
    Ok(())
}

/// Holds whatever `log.level` says: a directive may name a library, or a span that it logs in.
fn is_fit_for_logs(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let is_capped = CAPPED.iter().any(|library| target.starts_with(library));
    !target.starts_with(HTTP_LIBRARY) && (!is_capped || *metadata.level() <= Level::WARN)
}

/// Counts what arrives and is no HTTP request.
struct UnreadableRequests {
    count: fn(),
}

fn unreadable_requests<S>(count: fn()) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let is_of_http = |metadata: &Metadata<'_>| {
        metadata.target().starts_with(HTTP_LIBRARY) && *metadata.level() == Level::ERROR
    };
    UnreadableRequests { count }.with_filter(filter_fn(is_of_http))
}

impl<S: Subscriber> Layer<S> for UnreadableRequests {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut is_unreadable = IsUnreadable(false);
        event.record(&mut is_unreadable);
        if is_unreadable.0 {
            (self.count)();
            debug!("what arrived is no HTTP request");
        }
    }
}

/// Whether an event speaks of what is no request.
struct IsUnreadable(bool);

impl Visit for IsUnreadable {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0 |= field.name() == "message" && format!("{value:?}").starts_with(NOT_HTTP);
    }
}
