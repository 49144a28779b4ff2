//! Starts logging and tracing.

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

/// These libraries log parameters of statements and commands, which are personal data, below the level of warnings.
const CAPPED: [&str; 4] = ["tokio_postgres", "deadpool", "redis", "actix_server"];

/// This library logs errors in what clients send and lost connections. Clients control how much.
const HTTP_LIBRARY: &str = "actix_http";
/// The start of its message about data that is not an HTTP request. Its other errors are lost connections.
const NOT_HTTP: &str = "stream error: request parse error";

/// Starts logging to standard output, and tracing if it is configured. Panics are logged with their location but
/// without their message, which may contain data. `count_unreadable` is called for each message on a port that is not
/// an HTTP request: the service does not see it otherwise.
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
    // Each layer has a filter of its own, so that a span that no layer needs is not created.
    let registry =
        tracing_subscriber::registry().with(lines.with_filter(level.and(filter_fn(is_loggable))));
    // It must be the outermost layer, so that its own log lines are written after the other layers have run.
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

/// Whether a line may be logged. It applies in addition to `log.level`, which may name a library or a span.
fn is_loggable(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let is_capped = CAPPED.iter().any(|library| target.starts_with(library));
    !target.starts_with(HTTP_LIBRARY) && (!is_capped || *metadata.level() <= Level::WARN)
}

/// Counts messages that are not HTTP requests.
struct UnreadableRequests {
    count: fn(),
}

fn unreadable_requests<S>(count: fn()) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let is_http_error = |metadata: &Metadata<'_>| {
        metadata.target().starts_with(HTTP_LIBRARY) && *metadata.level() == Level::ERROR
    };
    UnreadableRequests { count }.with_filter(filter_fn(is_http_error))
}

impl<S: Subscriber> Layer<S> for UnreadableRequests {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut is_unreadable = IsUnreadable(false);
        event.record(&mut is_unreadable);
        if is_unreadable.0 {
            (self.count)();
            debug!("received a message that is not an HTTP request");
        }
    }
}

/// Whether an event is about a message that is not an HTTP request.
struct IsUnreadable(bool);

impl Visit for IsUnreadable {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0 |= field.name() == "message" && format!("{value:?}").starts_with(NOT_HTTP);
    }
}
