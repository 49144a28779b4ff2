//! Logs, and the spans of traces.

use std::io::IsTerminal;

use tracing::{Level, Metadata, error};
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::fmt::time::UtcTime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::config::{Log, LogFormat};
use crate::traces::Traces;

/// These libraries log parameters of statements and commands below warnings: personal data.
const CAPPED: [&str; 4] = ["tokio_postgres", "deadpool", "redis", "actix_server"];
/// It logs an error for each request that cannot be read, as often as a stranger likes.
const SILENT: &str = "actix_http";

/// Starts logging to standard output, and traces if there are any, and lets panics tell where they
/// happened, but not what values they met.
///
/// # Errors
/// If logging was started before.
pub fn start(settings: &Log, traces: Option<&Traces>) -> anyhow::Result<()> {
    let is_json = match settings.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stdout().is_terminal(),
    };
    let lines = fmt::layer()
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
    let registry = tracing_subscriber::registry();
    let started = match traces {
        // What no line is made of is not made at all.
        None => registry
            .with(lines)
            .with(level)
            .with(filter_fn(is_fit_for_logs))
            .try_init(),
        Some(traces) => registry
            .with(lines.with_filter(level.and(filter_fn(is_fit_for_logs))))
            .with(traces.layer())
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
    let is_capped = CAPPED
        .iter()
        .any(|library| metadata.target().starts_with(library));
    let is_silent = metadata.target().starts_with(SILENT);
    !is_silent && (!is_capped || *metadata.level() <= Level::WARN)
}
