//! Logs.

use std::io::IsTerminal;

use tracing::error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::UtcTime;

use crate::config::{Log, LogFormat};

/// These libraries log parameters of statements and commands at finer levels: personal data.
const CAPPED: [&str; 5] = [
    "tokio_postgres=warn",
    "deadpool_postgres=warn",
    "redis=warn",
    "actix_http=warn",
    "actix_server=warn",
];

/// Starts logging to standard output, and lets panics tell where they happened, but not what
/// values they met.
///
/// # Errors
/// If logging was started before.
pub fn start(settings: &Log) -> anyhow::Result<()> {
    let mut filter = EnvFilter::try_new(&settings.level)?;
    for directive in CAPPED {
        filter = filter.add_directive(directive.parse()?);
    }
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
            .try_init()
    } else {
        subscriber.compact().try_init()
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
