//! Logs.

use std::io::IsTerminal;

use tracing::{Level, Metadata, error};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::time::UtcTime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};

/// Below warnings these libraries log parameters of statements and commands: personal data. No
/// setting lets that through, not even a directive for one module of theirs.
const CAPPED: [&str; 5] = [
    "tokio_postgres",
    "deadpool_postgres",
    "redis",
    "actix_http",
    "actix_server",
];

/// Starts logging to standard output, and lets panics tell where they happened, but not what
/// values they met.
///
/// # Errors
/// If logging was started before.
pub fn start(settings: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.level)?;
    let is_json = match settings.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stdout().is_terminal(),
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_timer(UtcTime::rfc_3339())
        .with_writer(std::io::stdout);
    let started = if is_json {
        subscriber
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .finish()
            .with(filter_fn(is_harmless))
            .try_init()
    } else {
        subscriber
            .compact()
            .finish()
            .with(filter_fn(is_harmless))
            .try_init()
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

fn is_harmless(metadata: &Metadata<'_>) -> bool {
    let library = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::WARN || !CAPPED.contains(&library)
}
